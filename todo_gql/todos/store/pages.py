"""Statements on lists of todos: filtered, ordered, paged and counted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from todo_gql.database.tables import todo_dependencies, todos
from todo_gql.todos.model import Owner, Todo, TodoId
from todo_gql.todos.paging import Page, SortKey, Window
from todo_gql.todos.queries import StatName, TodoFilter, TodoOrder, TodoOrderField
from todo_gql.todos.store.filters import IS_BLOCKED, conditions, is_overdue
from todo_gql.todos.store.rows import COLUMNS, UNFINISHED_STATUSES, todo_of

_AGE: Final = (todos.c.created_at, todos.c.id)
_SORT_COLUMNS: Final[Mapping[TodoOrderField, tuple[sa.Column[Any], ...]]] = {
    TodoOrderField.CREATED_AT: _AGE,
    TodoOrderField.UPDATED_AT: (todos.c.updated_at, *_AGE),
    TodoOrderField.DUE: (todos.c.overdue_at, *_AGE),
    TodoOrderField.PRIORITY: (todos.c.priority, *_AGE),
    TodoOrderField.TITLE: (todos.c.title_folded, *_AGE),
}


async def page(
    connection: AsyncConnection, owner: Owner, todo_filter: TodoFilter, order: TodoOrder, window: Window, now: datetime
) -> Page:
    """Select one page; a row beyond it tells whether there is more."""
    statement = (
        sa.select(*COLUMNS)
        .where(*conditions(owner, todo_filter, now, connection.dialect.name), *_between(order, window))
        .order_by(*_sorted(order, backward=window.backward))
        .limit(window.size + 1)
    )
    return _page([todo_of(row) for row in await connection.execute(statement)], order, window)


async def exists_beyond(
    connection: AsyncConnection,
    owner: Owner,
    todo_filter: TodoFilter,
    order: TodoOrder,
    key: SortKey,
    now: datetime,
    *,
    forward: bool,
) -> bool:
    """Say whether the whole list holds a todo at the key or beyond it."""
    statement = sa.select(
        sa.exists().where(
            *conditions(owner, todo_filter, now, connection.dialect.name),
            _beyond(order, key, forward=forward, inclusive=True),
        )
    )
    return bool(await connection.scalar(statement))


async def count(connection: AsyncConnection, owner: Owner, todo_filter: TodoFilter, now: datetime) -> int:
    """Count what the filter admits."""
    statement = sa.select(sa.func.count()).select_from(todos)
    found = await connection.scalar(statement.where(*conditions(owner, todo_filter, now, connection.dialect.name)))
    return found or 0


async def stats(
    connection: AsyncConnection, owner: Owner, todo_filter: TodoFilter, names: Sequence[StatName], now: datetime
) -> Mapping[StatName, int]:
    """Count what the filter admits, in each of several ways, in one statement."""
    counts = [sa.func.count().filter(_counted(name, now)).label(name) for name in names]
    statement = sa.select(*counts).select_from(todos)
    found = await connection.execute(statement.where(*conditions(owner, todo_filter, now, connection.dialect.name)))
    return dict(zip(names, found.one(), strict=True))


async def next_todos(
    connection: AsyncConnection, owner: Owner, todo_filter: TodoFilter, first: int, now: datetime
) -> tuple[Todo, ...]:
    """Select unfinished todos that nothing blocks: highest priority first, then due first, then oldest."""
    statement = (
        sa.select(*COLUMNS)
        .where(
            *conditions(owner, todo_filter, now, connection.dialect.name),
            todos.c.trashed_at.is_(None),
            todos.c.status.in_(UNFINISHED_STATUSES),
            ~IS_BLOCKED,
        )
        .order_by(todos.c.priority.desc(), todos.c.overdue_at, *_AGE)
        .limit(first)
    )
    return tuple(todo_of(row) for row in await connection.execute(statement))


async def dependents(
    connection: AsyncConnection,
    owner: Owner,
    todo_ids: Sequence[TodoId],
    order: TodoOrder,
    window: Window,
    *,
    most: int | None = None,
) -> Mapping[TodoId, Page]:
    """Select the same page of the live dependents of several todos in one statement; `most` todos in all."""
    ordering = _sorted(order, backward=window.backward)
    numbered = (
        sa.select(
            todo_dependencies.c.depends_on_id,
            sa.func.row_number()
            .over(partition_by=todo_dependencies.c.depends_on_id, order_by=ordering)
            .label("number"),
            *COLUMNS,
        )
        .join(
            todos,
            sa.and_(todos.c.owner == todo_dependencies.c.owner, todos.c.id == todo_dependencies.c.todo_id),
        )
        .where(
            todo_dependencies.c.owner == owner,
            todo_dependencies.c.depends_on_id.in_(todo_ids),
            todos.c.trashed_at.is_(None),
            *_between(order, window),
        )
        .subquery()
    )
    statement = (
        sa.select(numbered)
        .where(numbered.c.number <= window.size + 1)
        .order_by(numbered.c.depends_on_id, numbered.c.number)
        # Of each list one todo more than is shown tells whether it goes on.
        .limit(None if most is None else most + len(todo_ids))
    )
    found: dict[TodoId, list[Todo]] = {todo_id: [] for todo_id in todo_ids}
    for row in await connection.execute(statement):
        found[TodoId(row.depends_on_id)].append(todo_of(row))
    return {todo_id: _page(rows, order, window) for todo_id, rows in found.items()}


async def dependent_counts(
    connection: AsyncConnection, owner: Owner, todo_ids: Sequence[TodoId]
) -> Mapping[TodoId, int]:
    """Count the live dependents of several todos in one statement."""
    statement = (
        sa.select(todo_dependencies.c.depends_on_id, sa.func.count())
        .join(
            todos,
            sa.and_(todos.c.owner == todo_dependencies.c.owner, todos.c.id == todo_dependencies.c.todo_id),
        )
        .where(
            todo_dependencies.c.owner == owner,
            todo_dependencies.c.depends_on_id.in_(todo_ids),
            todos.c.trashed_at.is_(None),
        )
        .group_by(todo_dependencies.c.depends_on_id)
    )
    found = {TodoId(todo_id): counted for todo_id, counted in await connection.execute(statement)}
    return {todo_id: found.get(todo_id, 0) for todo_id in todo_ids}


async def dependents_beyond(
    connection: AsyncConnection,
    owner: Owner,
    todo_ids: Sequence[TodoId],
    order: TodoOrder,
    key: SortKey,
    *,
    forward: bool,
) -> frozenset[TodoId]:
    """Say which of several todos have a live dependent at the key or beyond it, in one statement."""
    statement = (
        sa.select(todo_dependencies.c.depends_on_id)
        .distinct()
        .join(
            todos,
            sa.and_(todos.c.owner == todo_dependencies.c.owner, todos.c.id == todo_dependencies.c.todo_id),
        )
        .where(
            todo_dependencies.c.owner == owner,
            todo_dependencies.c.depends_on_id.in_(todo_ids),
            todos.c.trashed_at.is_(None),
            _beyond(order, key, forward=forward, inclusive=True),
        )
    )
    return frozenset(TodoId(todo_id) for todo_id in await connection.scalars(statement))


def _counted(name: StatName, now: datetime) -> sa.ColumnElement[bool]:
    match name:
        case StatName.TOTAL:
            return sa.true()
        case StatName.OVERDUE:
            return is_overdue(now)
        case StatName.BLOCKED:
            return IS_BLOCKED
        case StatName.OPEN | StatName.IN_PROGRESS | StatName.COMPLETED | StatName.CANCELLED:
            return todos.c.status == name.value


def _page(rows: list[Todo], order: TodoOrder, window: Window) -> Page:
    shown = rows[: window.size]
    return Page(
        todos=tuple(reversed(shown)) if window.backward else tuple(shown),
        order=order,
        window=window,
        has_more=len(rows) > window.size,
    )


def _sorted(order: TodoOrder, *, backward: bool) -> list[sa.UnaryExpression[Any]]:
    columns = _SORT_COLUMNS[order.field]
    return [column.desc() if order.descending != backward else column.asc() for column in columns]


def _between(order: TodoOrder, window: Window) -> list[sa.ColumnElement[bool]]:
    bounds = []
    if window.after is not None:
        bounds.append(_beyond(order, window.after, forward=True, inclusive=False))
    if window.before is not None:
        bounds.append(_beyond(order, window.before, forward=False, inclusive=False))
    return bounds


def _beyond(order: TodoOrder, key: SortKey, *, forward: bool, inclusive: bool) -> sa.ColumnElement[bool]:
    columns = _SORT_COLUMNS[order.field]
    row = sa.tuple_(*columns)
    bound = sa.tuple_(*(sa.literal(part, column.type) for part, column in zip(key, columns, strict=True)))
    if order.descending != forward:
        return row >= bound if inclusive else row > bound
    return row <= bound if inclusive else row < bound
