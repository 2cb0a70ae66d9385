"""What a filter means in SQL."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from todo_gql.database.tables import NEVER, Instant, fold, todo_dependencies, todos
from todo_gql.todos.model import Owner, TodoId
from todo_gql.todos.queries import DateRange, InstantRange, TodoFilter
from todo_gql.todos.store.rows import PRIORITIES, UNFINISHED_STATUSES

_dependency = todos.alias("dependency")

_ONE: Final = sa.literal_column("1", sa.Integer)
_SOME_ID: Final = TodoId(UUID(int=0))


def is_overdue(of: sa.FromClause) -> sa.ColumnElement[bool]:
    """Give the condition that a todo is unfinished past its due instant, at a time that is bound as `now`."""
    return sa.and_(of.c.status.in_(UNFINISHED_STATUSES), of.c.overdue_at <= sa.bindparam("now", type_=Instant))


def is_blocked(of: sa.FromClause) -> sa.ColumnElement[bool]:
    """Give the condition that a todo is unfinished, and one of its dependencies too."""
    # One inside the other, so that SQLite begins with the dependencies of the todo: it would with all unfinished todos.
    is_unfinished = (
        sa.select(_ONE)
        .where(
            _dependency.c.owner == todo_dependencies.c.owner,
            _dependency.c.id == todo_dependencies.c.depends_on_id,
            _dependency.c.trashed_at.is_(None),
            _dependency.c.status.in_(UNFINISHED_STATUSES),
        )
        .correlate(todo_dependencies)
    )
    unfinished_dependency = (
        sa.select(_ONE)
        .where(
            todo_dependencies.c.owner == of.c.owner, todo_dependencies.c.todo_id == of.c.id, sa.exists(is_unfinished)
        )
        .correlate(of)
        # Without it PostgreSQL reads the dependencies and todos of all owners into a hash table first, which took
        # 0.7 s at 250,000 todos; asked row by row, a page takes 0.1 ms.
        .offset(sa.literal_column("0"))
    )
    return sa.and_(of.c.status.in_(UNFINISHED_STATUSES), sa.exists(unfinished_dependency))


IS_OVERDUE: Final = is_overdue(todos)
IS_BLOCKED: Final = is_blocked(todos)


def shape_of(todo_filter: TodoFilter) -> TodoFilter:
    """Give the filter without its values: those of one shape have the same conditions."""
    due, updated = todo_filter.due, todo_filter.updated
    return TodoFilter(
        search=todo_filter.search and "_",
        status=None if todo_filter.status is None else frozenset(),
        priority=None if todo_filter.priority is None else frozenset(),
        is_blocked=todo_filter.is_blocked,
        is_overdue=todo_filter.is_overdue,
        due=due and DateRange(start=due.start and date.min, before=due.before and date.min),
        updated=updated and InstantRange(start=updated.start and NEVER, before=updated.before and NEVER),
        dependents_of=todo_filter.dependents_of and _SOME_ID,
        trashed=todo_filter.trashed,
    )


def conditions(shape: TodoFilter, dialect: str) -> list[sa.ColumnElement[bool]]:
    """Give the conditions on `todos`, all of which must hold; `parameters` gives their values."""
    return [
        todos.c.owner == sa.bindparam("owner"),
        todos.c.trashed_at.is_not(None) if shape.trashed else todos.c.trashed_at.is_(None),
        *_optional(shape, dialect),
    ]


def parameters(owner: Owner, todo_filter: TodoFilter, now: datetime, dialect: str) -> dict[str, Any]:
    """Give the values of the conditions, and of others: what a statement does not ask for is left aside."""
    due, updated = todo_filter.due or DateRange(), todo_filter.updated or InstantRange()
    return {
        "owner": owner,
        "search": todo_filter.search and _needle(fold(todo_filter.search), dialect),
        "status": None if todo_filter.status is None else sorted(todo_filter.status),
        "priority": None if todo_filter.priority is None else sorted(map(PRIORITIES.index, todo_filter.priority)),
        "now": now,
        "due_start": due.start,
        "due_before": due.before,
        "updated_start": updated.start,
        "updated_before": updated.before,
        "dependents_of": todo_filter.dependents_of,
    }


def needs_own_plan(todo_filter: TodoFilter) -> bool:
    """Say whether the values of a filter decide how its todos are best looked for.

    The plan that PostgreSQL keeps for any value expects a frequent one, and goes through the list in its order: for a
    rare one that took 0.1 s among 500,000 todos, where the plan for it alone takes 1 ms.
    """
    return (
        todo_filter.search is not None
        or todo_filter.due is not None
        or todo_filter.updated is not None
        or todo_filter.is_overdue is not None
    )


def _optional(shape: TodoFilter, dialect: str) -> Iterator[sa.ColumnElement[bool]]:
    if shape.search:
        yield _contains(dialect)
    if shape.status is not None:
        yield todos.c.status.in_(sa.bindparam("status", expanding=True))
    if shape.priority is not None:
        yield todos.c.priority.in_(sa.bindparam("priority", expanding=True))
    if shape.is_blocked is not None:
        yield IS_BLOCKED if shape.is_blocked else ~IS_BLOCKED
    if shape.is_overdue is not None:
        yield IS_OVERDUE if shape.is_overdue else ~IS_OVERDUE
    if shape.due is not None:
        yield todos.c.due_date.is_not(None)
        if shape.due.start is not None:
            yield todos.c.due_date >= sa.bindparam("due_start")
        if shape.due.before is not None:
            yield todos.c.due_date < sa.bindparam("due_before")
    if shape.updated is not None:
        if shape.updated.start is not None:
            yield todos.c.updated_at >= sa.bindparam("updated_start")
        if shape.updated.before is not None:
            yield todos.c.updated_at < sa.bindparam("updated_before")
    if shape.dependents_of is not None:
        yield todos.c.id.in_(
            sa.select(todo_dependencies.c.todo_id).where(
                todo_dependencies.c.owner == todos.c.owner,
                todo_dependencies.c.depends_on_id == sa.bindparam("dependents_of"),
            )
        )


def _contains(dialect: str) -> sa.ColumnElement[bool]:
    needle = sa.bindparam("search", type_=sa.Text)
    texts = (todos.c.title_folded, todos.c.description_folded)
    if dialect == "sqlite":
        # LIKE of SQLite ignores the case of ASCII letters, after folding a wrong thing to do; instr compares exactly.
        return sa.or_(*(sa.func.instr(text, needle) > 0 for text in texts))
    return sa.or_(*(text.like(needle) for text in texts))


def _needle(text: str, dialect: str) -> str:
    if dialect == "sqlite":
        return text
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
