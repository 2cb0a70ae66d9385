"""Statements that give everything of one owner to another; between them the rows of both do not fit together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import idempotency_keys, todo_changes, todo_dependencies, todos
from todo_gql.todos.model import ChangeKind, Owner, TodoId

_APPEARING_FIELDS = ("title", "description", "status", "priority", "due", "dependencies")


async def see_one_moment(connection: Connection) -> None:
    """Have all statements of the transaction see the same: what others change meanwhile ends it."""
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


async def count(connection: Connection, owner: Owner) -> tuple[int, int, int]:
    """Count an owner's todos, their dependencies, and idempotency keys."""
    counts = [
        sa.select(sa.func.count()).select_from(table).where(table.c.owner == owner).scalar_subquery()
        for table in (todos, todo_dependencies, idempotency_keys)
    ]
    todo_count, dependency_count, key_count = (await connection.execute(sa.select(*counts))).one()
    return todo_count, dependency_count, key_count


async def shared_ids(connection: Connection, owner: Owner, other: Owner, limit: int) -> Sequence[TodoId]:
    """Select ids under which both have a todo."""
    theirs = todos.alias("theirs")
    statement = (
        sa.select(todos.c.id)
        .join(theirs, theirs.c.id == todos.c.id)
        .where(todos.c.owner == owner, theirs.c.owner == other)
        .order_by(todos.c.id)
        .limit(limit)
    )
    return [TodoId(todo_id) for todo_id in await connection.scalars(statement)]


async def move_history(connection: Connection, owner: Owner, other: Owner) -> None:
    """Give away what the log tells of todos that are still there."""
    columns = todo_changes.c
    there = sa.select(todos.c.id).where(todos.c.owner == owner)
    await connection.execute(
        sa.update(todo_changes).where(columns.owner == owner, columns.todo_id.in_(there)).values(owner=other)
    )


async def tell(connection: Connection, owner: Owner, other: Owner, now: datetime) -> None:
    """Tell those who follow the log that the todos are gone from the one, and are there for the other."""
    is_live = todos.c.trashed_at.is_(None)
    appeared = sa.case((is_live, ChangeKind.CREATED.value), else_=ChangeKind.TRASHED.value)
    await _tell(connection, owner, owner, sa.literal(ChangeKind.PURGED.value), (), now)
    await _tell(connection, owner, other, appeared, _APPEARING_FIELDS, now)


async def move_todos(connection: Connection, owner: Owner, other: Owner) -> None:
    """Give away the todos and what they depend on, which is the owner's as well."""
    moved = sa.update(todos).where(todos.c.owner == owner).values(owner=other)
    edges = sa.update(todo_dependencies).where(todo_dependencies.c.owner == owner).values(owner=other)
    if connection.dialect.name == "postgresql":
        # Its foreign keys are looked at when a statement ends: both are one.
        await connection.execute(edges.add_cte(moved.cte("moved")))
    else:
        await connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        await connection.execute(moved)
        await connection.execute(edges)


async def move_keys(connection: Connection, owner: Owner, other: Owner) -> None:
    """Give away what was answered under idempotency keys; the other's own answers stay."""
    columns = idempotency_keys.c
    theirs = sa.select(columns.key).where(columns.owner == other)
    await connection.execute(sa.delete(idempotency_keys).where(columns.owner == owner, columns.key.in_(theirs)))
    await connection.execute(sa.update(idempotency_keys).where(columns.owner == owner).values(owner=other))


async def _tell(
    connection: Connection,
    owner: Owner,
    told: Owner,
    kind: sa.ColumnElement[str],
    changed_fields: Sequence[str],
    now: datetime,
) -> None:
    columns: dict[str, Any] = {
        "owner": sa.literal(told, todo_changes.c.owner.type),
        "todo_id": todos.c.id,
        "kind": kind,
        "version": todos.c.version,
        "changed_fields": sa.literal(list(changed_fields), todo_changes.c.changed_fields.type),
        "at": sa.literal(now, todo_changes.c.at.type),
    }
    found = sa.select(*columns.values()).where(todos.c.owner == owner).order_by(todos.c.created_at, todos.c.id)
    await connection.execute(sa.insert(todo_changes).from_select(list(columns), found))
