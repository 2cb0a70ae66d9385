"""Between rows and todos: what is selected, and how each value is stored."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from todo_gql.database.tables import NEVER, fold, todos
from todo_gql.todos.model import UNFINISHED, Due, Todo, TodoId, TodoPriority, TodoStatus

PRIORITIES: Final = list(TodoPriority)
_STATUSES: Final = {status.value: status for status in TodoStatus}

COLUMNS: Final = (
    todos.c.id,
    todos.c.title,
    todos.c.description,
    todos.c.status,
    todos.c.priority,
    todos.c.due_date,
    todos.c.due_at,
    todos.c.due_time_zone,
    todos.c.version,
    todos.c.created_at,
    todos.c.updated_at,
    todos.c.completed_at,
    todos.c.trashed_at,
)

# Written into the statement, not bound: only so can PostgreSQL prove that a partial index covers it.
UNFINISHED_STATUSES: Final[list[sa.ColumnClause[str]]] = [
    sa.literal_column(f"'{status}'") for status in sorted(UNFINISHED)
]


class _Texts(sa.TypeDecorator[Any]):
    """An array of what `str` makes of values: asyncpg knows only this one by itself, and asks for any other."""

    impl = postgresql.ARRAY(sa.Text)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> list[str]:  # noqa: ARG002
        """Write the values (a hook of SQLAlchemy)."""
        return list(map(str, value))


def is_one_of(column: sa.Column[Any], name: str, dialect: str) -> sa.ColumnElement[bool]:
    """Give the condition that a column has one of the values of a parameter.

    On PostgreSQL they are one value, an array: the text is the same however many there are, and prepared once.
    """
    if dialect == "postgresql":
        return column == sa.any_(sa.cast(sa.bindparam(name, type_=_Texts()), postgresql.ARRAY(column.type)))
    return column.in_(sa.bindparam(name, expanding=True))


def todo_of(row: Any) -> Todo:
    """Read a todo from a row that holds COLUMNS."""
    return Todo(
        id=TodoId(row.id),
        title=row.title,
        description=row.description,
        status=_STATUSES[row.status],
        priority=PRIORITIES[row.priority],
        due=None if row.due_date is None else Due(date=row.due_date, at=row.due_at, time_zone=row.due_time_zone),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        completed_at=row.completed_at,
        trashed_at=row.trashed_at,
    )


def values_of(todo: Todo) -> Mapping[str, Any]:
    """Give every column of a todo's row that follows from the todo itself."""
    due = todo.due
    return {
        "id": todo.id,
        "title": todo.title,
        "description": todo.description,
        "title_folded": fold(todo.title),
        "description_folded": None if todo.description is None else fold(todo.description),
        "status": todo.status.value,
        "priority": PRIORITIES.index(todo.priority),
        "due_date": None if due is None else due.date,
        "due_at": None if due is None else due.at,
        "due_time_zone": None if due is None else due.time_zone,
        "overdue_at": NEVER if due is None else due.overdue_at,
        "version": todo.version,
        "created_at": todo.created_at,
        "updated_at": todo.updated_at,
        "completed_at": todo.completed_at,
        "trashed_at": todo.trashed_at,
    }
