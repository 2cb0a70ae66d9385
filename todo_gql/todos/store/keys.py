"""Statements about the keys under which requests were answered."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from todo_gql.database import Connection
from todo_gql.database.tables import idempotency_keys
from todo_gql.todos.model import Owner

_COLUMNS = idempotency_keys.c


async def lock(connection: Connection, owner: Owner, key: str) -> bool:
    """Keep others from using a key until the transaction ends; False when someone else does. Nobody waits."""
    # SQLite has one transaction at a time that writes.
    if connection.dialect.name == "sqlite":
        return True
    # No key contains the separator, so that two owners meet only by an accident of 64 bits.
    name = sa.func.hashtextextended(f"{owner}\x1f{key}", 0)
    return bool(await connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(name))))


async def find(connection: Connection, owner: Owner, key: str, now: datetime) -> tuple[bytes, str] | None:
    """Find what was answered under a key that has not expired: the hash of the request, and the answer."""
    statement = sa.select(_COLUMNS.request_hash, _COLUMNS.answer).where(
        _COLUMNS.owner == owner, _COLUMNS.key == key, _COLUMNS.expires_at > now
    )
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else (row.request_hash, row.answer)


async def put(
    connection: Connection, owner: Owner, key: str, *, request_hash: bytes, answer: str, expires_at: datetime
) -> None:
    """Keep an answer under a locked key, in place of an expired one."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"request_hash": request_hash, "answer": answer, "expires_at": expires_at}
    statement = dialect.insert(idempotency_keys).values(owner=owner, key=key, **values)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=[_COLUMNS.owner, _COLUMNS.key], set_=values)
    )
