"""The statement that creates a todo together with its row of the change log."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from todo_gql.database import Connection
from todo_gql.database.tables import todo_changes, todos
from todo_gql.todos.model import Caller, ChangeKind, Todo
from todo_gql.todos.store import changes
from todo_gql.todos.store import todos as todo_store
from todo_gql.todos.store.rows import values_of
from todo_gql.todos.sync import Cut

_TODO: Final = "todo_"
"""What the names of values of the todo begin with, to keep them apart from those of the log."""


async def insert(
    connection: Connection, caller: Caller, todo: Todo, input_hash: bytes | None, fields: Sequence[str]
) -> Cut | None:
    """Insert a todo and log it, on PostgreSQL by one statement; None when the owner has one with this id already.

    Gives the cut that this transaction ends in.
    """
    if connection.dialect.name == "sqlite":
        if not await todo_store.insert(connection, caller.owner, todo, input_hash):
            return None
        return await changes.append(connection, caller, todo, ChangeKind.CREATED, fields)
    row = {"owner": caller.owner, "input_hash": input_hash, **values_of(todo)}
    values = {
        **{_TODO + name: value for name, value in row.items()},
        **changes.values_of(caller, todo, ChangeKind.CREATED, fields),
    }
    created = (await connection.execute(_INSERT, values)).one_or_none()
    return None if created is None else changes.cut_of(created)


def _statement() -> sa.Executable:
    made = (
        postgresql.insert(todos)
        .values({column.name: sa.bindparam(_TODO + column.name, type_=column.type) for column in todos.c})
        .on_conflict_do_nothing()
        .returning(todos.c.id)
        .cte("made")
    )
    logged: dict[str, sa.ColumnElement[Any]] = {
        column.name: sa.bindparam(column.name, type_=column.type)
        for column in todo_changes.c
        if column is not todo_changes.c.position
    }
    return (
        sa.insert(todo_changes)
        .from_select(list(logged), sa.select(*logged.values()).select_from(made))
        .returning(*changes.CUT_COLUMNS)
        .add_cte(made)
    )


_INSERT: Final = _statement()
