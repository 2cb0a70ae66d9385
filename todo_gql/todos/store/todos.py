"""Statements on single todos."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from todo_gql.database.tables import todos
from todo_gql.todos.model import Owner, Todo, TodoId
from todo_gql.todos.store.rows import COLUMNS, todo_of, values_of


async def find(connection: AsyncConnection, owner: Owner, todo_id: TodoId) -> Todo | None:
    """Find a todo, live or trashed."""
    row = (await connection.execute(_by_id(owner, todo_id))).one_or_none()
    return None if row is None else todo_of(row)


async def find_many(connection: AsyncConnection, owner: Owner, todo_ids: Sequence[TodoId]) -> Mapping[TodoId, Todo]:
    """Find todos, live or trashed, by their ids; unknown ones are left out."""
    statement = sa.select(*COLUMNS).where(todos.c.owner == owner, todos.c.id.in_(todo_ids))
    found = map(todo_of, await connection.execute(statement))
    return {todo.id: todo for todo in found}


async def list_by_id(connection: AsyncConnection, owner: Owner, after: TodoId | None, limit: int) -> tuple[Todo, ...]:
    """Select live todos in the order of their ids."""
    statement = sa.select(*COLUMNS).where(todos.c.owner == owner, todos.c.trashed_at.is_(None))
    if after is not None:
        statement = statement.where(todos.c.id > after)
    return tuple(map(todo_of, await connection.execute(statement.order_by(todos.c.id).limit(limit))))


async def lock(connection: AsyncConnection, owner: Owner, todo_id: TodoId) -> Todo | None:
    """Find a todo, live or trashed, and keep others from changing it until the transaction ends."""
    row = (await connection.execute(_by_id(owner, todo_id).with_for_update())).one_or_none()
    return None if row is None else todo_of(row)


async def lock_many(connection: AsyncConnection, owner: Owner, todo_ids: Sequence[TodoId]) -> Mapping[TodoId, Todo]:
    """Lock several todos, in the order of their ids, so that two callers cannot wait for each other."""
    statement = sa.select(*COLUMNS).where(todos.c.owner == owner, todos.c.id.in_(todo_ids))
    found = map(todo_of, await connection.execute(statement.order_by(todos.c.id).with_for_update()))
    return {todo.id: todo for todo in found}


async def keep_live(connection: AsyncConnection, owner: Owner, todo_ids: Sequence[TodoId]) -> frozenset[TodoId]:
    """Say which of these live todos exist, and keep those from being purged until the transaction ends."""
    statement = sa.select(todos.c.id).where(
        todos.c.owner == owner, todos.c.id.in_(todo_ids), todos.c.trashed_at.is_(None)
    )
    return frozenset(await connection.scalars(statement.with_for_update(read=True, key_share=True)))


async def insert(connection: AsyncConnection, owner: Owner, todo: Todo, input_hash: bytes) -> bool:
    """Insert a todo; False when the owner has one with this id already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(todos).values(owner=owner, input_hash=input_hash, **values_of(todo))
    result = await connection.execute(statement.on_conflict_do_nothing().returning(todos.c.id))
    return result.first() is not None


async def find_input_hash(connection: AsyncConnection, owner: Owner, todo_id: TodoId) -> bytes | None:
    """Find the hash of the input that a todo was created from; None for todos of the old service."""
    statement = sa.select(todos.c.input_hash).where(todos.c.owner == owner, todos.c.id == todo_id)
    return await connection.scalar(statement)


async def update(connection: AsyncConnection, owner: Owner, todo: Todo) -> None:
    """Store a todo that the transaction has locked."""
    values = {name: value for name, value in values_of(todo).items() if name not in {"id", "created_at"}}
    await connection.execute(sa.update(todos).where(todos.c.owner == owner, todos.c.id == todo.id).values(**values))


def _by_id(owner: Owner, todo_id: TodoId) -> sa.Select[tuple[object, ...]]:
    return sa.select(*COLUMNS).where(todos.c.owner == owner, todos.c.id == todo_id)
