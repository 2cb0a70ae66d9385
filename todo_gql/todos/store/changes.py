"""Statements on the change log: one row for each change, written by the transaction that makes it."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from todo_gql.database.tables import todo_changes
from todo_gql.todos.model import Caller, ChangeKind, Owner, Todo, TodoId


async def append(
    connection: AsyncConnection, caller: Caller, todo: Todo, kind: ChangeKind, changed_fields: Sequence[str]
) -> None:
    """Write down what the caller has just made of the todo."""
    await connection.execute(
        sa.insert(todo_changes)
        .inline()
        .values(
            owner=caller.owner,
            todo_id=todo.id,
            kind=kind.value,
            version=todo.version,
            changed_fields=list(changed_fields),
            at=todo.updated_at,
            actor=caller.actor,
            trace_id=caller.trace_id,
        )
    )


async def fields_changed_since(
    connection: AsyncConnection, owner: Owner, todo_id: TodoId, version: int
) -> frozenset[str]:
    """Collect the fields that changes after this version touched."""
    statement = sa.select(todo_changes.c.changed_fields).where(
        todo_changes.c.owner == owner, todo_changes.c.todo_id == todo_id, todo_changes.c.version > version
    )
    return frozenset(field for fields in await connection.scalars(statement) for field in fields)
