"""Statements that write the change log: one row for each change, in the transaction that makes it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import todo_changes
from todo_gql.todos.model import Caller, ChangeKind, Owner, Todo, TodoId
from todo_gql.todos.sync import Cut

CHANNEL: Final = "todo_gql_changes"
"""What PostgreSQL notifies when a transaction with changes is committed."""

_NOW: Final = sa.cast(sa.func.pg_current_snapshot(), sa.Text)
_OWN_ID: Final = sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text), sa.BigInteger)
# Sent at the commit, and once however often it was asked for.
_NOTIFY: Final = sa.func.pg_notify(CHANNEL, "")
CUT_COLUMNS: Final = (_NOW, _OWN_ID, _NOTIFY)
"""What PostgreSQL is to return where changes are appended: `cut_of` reads it."""

_INSERT: Final = sa.insert(todo_changes)
_APPEND: Final[Mapping[str, sa.Executable]] = {
    "postgresql": _INSERT.returning(*CUT_COLUMNS),
    "sqlite": _INSERT.returning(todo_changes.c.position),
}


async def append(
    connection: Connection, caller: Caller, todo: Todo, kind: ChangeKind, changed_fields: Sequence[str]
) -> Cut:
    """Write down what the caller has just made of the todo; give the cut that this transaction ends in."""
    values = values_of(caller, todo, kind, changed_fields)
    appended = await connection.execute(_APPEND[connection.dialect.name], values)
    if connection.dialect.name == "sqlite":
        position = appended.scalar_one()
        return Cut(position + 1, position + 1)
    return cut_of(appended.one())


def values_of(caller: Caller, todo: Todo, kind: ChangeKind, changed_fields: Sequence[str]) -> dict[str, Any]:
    """Give every column of a change's row, apart from those that the database fills."""
    return {
        "owner": caller.owner,
        "todo_id": todo.id,
        "kind": kind.value,
        "version": todo.version,
        "changed_fields": list(changed_fields),
        "at": todo.updated_at,
        "actor": caller.actor,
        "trace_id": caller.trace_id,
        "span_id": caller.span_id,
    }


def cut_of(row: Any) -> Cut:
    """Read the cut that the transaction ends in."""
    now, own_id, _ = row
    return Cut.parse(now).including(own_id)


async def notify(connection: Connection) -> None:
    """Wake the readers of the log at the commit; on SQLite, whoever commits does so."""
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(_NOTIFY))


async def fields_changed_since(connection: Connection, owner: Owner, todo_id: TodoId, version: int) -> frozenset[str]:
    """Collect the fields that changes after this version touched."""
    statement = sa.select(todo_changes.c.changed_fields).where(
        todo_changes.c.owner == owner, todo_changes.c.todo_id == todo_id, todo_changes.c.version > version
    )
    return frozenset(field for fields in await connection.scalars(statement) for field in fields)
