"""Statements on single todos."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from todo_gql.database import Connection
from todo_gql.database.tables import todos
from todo_gql.todos.model import Owner, Todo, TodoId
from todo_gql.todos.store.rows import COLUMNS, is_one_of, todo_of, values_of

_SELECT: Final = sa.select(*COLUMNS).where(todos.c.owner == sa.bindparam("owner"))
_BY_ID: Final = _SELECT.where(todos.c.id == sa.bindparam("id"))
_BY_IDS: Final = {dialect: _SELECT.where(is_one_of(todos.c.id, "ids", dialect)) for dialect in ("postgresql", "sqlite")}
_LOCK: Final = _BY_ID.with_for_update()
_LOCK_MANY: Final = {
    dialect: statement.order_by(todos.c.id).with_for_update() for dialect, statement in _BY_IDS.items()
}
_INSERT: Final[Mapping[str, sa.Executable]] = {
    name: dialect.insert(todos).on_conflict_do_nothing().returning(todos.c.id)
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_UPDATE: Final = sa.update(todos).where(
    todos.c.owner == sa.bindparam("its_owner"), todos.c.id == sa.bindparam("its_id")
)


async def find(connection: Connection, owner: Owner, todo_id: TodoId) -> Todo | None:
    """Find a todo, live or trashed."""
    row = (await connection.execute(_BY_ID, {"owner": owner, "id": todo_id})).one_or_none()
    return None if row is None else todo_of(row)


async def find_many(connection: Connection, owner: Owner, todo_ids: Sequence[TodoId]) -> Mapping[TodoId, Todo]:
    """Find todos, live or trashed, by their ids; unknown ones are left out."""
    if len(todo_ids) == 1:
        todo = await find(connection, owner, todo_ids[0])
        return {} if todo is None else {todo.id: todo}
    statement = _BY_IDS[connection.dialect.name]
    found = map(todo_of, await connection.execute(statement, {"owner": owner, "ids": todo_ids}))
    return {todo.id: todo for todo in found}


async def list_by_id(connection: Connection, owner: Owner, after: TodoId | None, limit: int) -> tuple[Todo, ...]:
    """Select live todos in the order of their ids."""
    statement = sa.select(*COLUMNS).where(todos.c.owner == owner, todos.c.trashed_at.is_(None))
    if after is not None:
        statement = statement.where(todos.c.id > after)
    return tuple(map(todo_of, await connection.execute(statement.order_by(todos.c.id).limit(limit))))


async def lock(connection: Connection, owner: Owner, todo_id: TodoId) -> Todo | None:
    """Find a todo, live or trashed, and keep others from changing it until the transaction ends."""
    row = (await connection.execute(_LOCK, {"owner": owner, "id": todo_id})).one_or_none()
    return None if row is None else todo_of(row)


async def lock_many(connection: Connection, owner: Owner, todo_ids: Sequence[TodoId]) -> Mapping[TodoId, Todo]:
    """Lock several todos, in the order of their ids, so that two callers cannot wait for each other."""
    statement = _LOCK_MANY[connection.dialect.name]
    found = map(todo_of, await connection.execute(statement, {"owner": owner, "ids": todo_ids}))
    return {todo.id: todo for todo in found}


async def keep_live(connection: Connection, owner: Owner, todo_ids: Sequence[TodoId]) -> frozenset[TodoId]:
    """Say which of these live todos exist, and keep those from being purged until the transaction ends."""
    statement = sa.select(todos.c.id).where(
        todos.c.owner == owner, todos.c.id.in_(todo_ids), todos.c.trashed_at.is_(None)
    )
    return frozenset(await connection.scalars(statement.with_for_update(read=True, key_share=True)))


async def insert(connection: Connection, owner: Owner, todo: Todo, input_hash: bytes | None) -> bool:
    """Insert a todo; False when the owner has one with this id already."""
    values = {"owner": owner, "input_hash": input_hash, **values_of(todo)}
    return (await connection.execute(_INSERT[connection.dialect.name], values)).first() is not None


async def find_input_hash(connection: Connection, owner: Owner, todo_id: TodoId) -> bytes | None:
    """Find the hash of the input that a todo was created from; None for todos of the old service."""
    statement = sa.select(todos.c.input_hash).where(todos.c.owner == owner, todos.c.id == todo_id)
    found: bytes | None = await connection.scalar(statement)
    return found


async def update(connection: Connection, owner: Owner, todo: Todo) -> None:
    """Store a todo that the transaction has locked."""
    values = {name: value for name, value in values_of(todo).items() if name not in {"id", "created_at"}}
    await connection.execute(_UPDATE, {"its_owner": owner, "its_id": todo.id, **values})
