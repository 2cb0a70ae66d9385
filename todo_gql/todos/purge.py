"""Remove what is beyond retention, in small transactions beside those of the service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from todo_gql.database import Connection, Database
from todo_gql.todos.store import purge as store

BATCH: Final = 500
"""How many rows one transaction removes: it is over in milliseconds, and holds nobody up for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long what is no longer needed is kept."""

    trash: timedelta
    changes: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How much was removed."""

    todos: int
    changes: int
    keys: int


async def purge(database: Database, retention: Retention, now: datetime, *, batch: int = BATCH) -> Purged:
    """Remove todos from the trash, changes from the log, and idempotency keys that have expired.

    Raises:
        DatabaseUnavailable: the database cannot answer now; what is done stays done.
    """
    todos = await _repeat(database, lambda connection: store.purge_trash(connection, now - retention.trash, now, batch))
    changes = await _repeat(
        database, lambda connection: store.purge_changes(connection, now - retention.changes, batch)
    )
    keys = await _repeat(database, lambda connection: store.purge_keys(connection, now, batch))
    return Purged(todos=todos, changes=changes, keys=keys)


async def _repeat(database: Database, remove: Callable[[Connection], Awaitable[int]]) -> int:
    removed = 0
    while count := await database.write(remove):
        removed += count
    return removed
