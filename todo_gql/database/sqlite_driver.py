"""aiosqlite's connection, with calls that do several things on one way to its thread and back."""

import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite

_ITERATED_ROWS = 64  # As many as aiosqlite reads at a time when a cursor is iterated: nobody does here.


class SQLiteDriver(aiosqlite.Connection):
    """A connection to a SQLite file; it is opened when it is awaited, and begins no transactions by itself."""

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        # The thread is the only one to run statements; others interrupt it, and ask whether there is a transaction.
        connect = partial(sqlite3.connect, path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False)
        super().__init__(connect, _ITERATED_ROWS)
        # Whoever forgets to close a connection can still end.
        self._thread.daemon = True

    async def fetch(self, text: str, values: Sequence[Any], *, begin: str | None = None) -> list[Any]:
        """Run a statement, perhaps after one that begins a transaction, and give its records."""
        found: list[Any] = await self._execute(_fetch, self._conn, text, values, begin)  # type: ignore[no-untyped-call]
        return found

    async def repeat(self, text: str, values: Sequence[Sequence[Any]], *, begin: str | None = None) -> None:
        """Run a statement once for each row of values, perhaps after one that begins a transaction."""
        await self._execute(_repeat, self._conn, text, values, begin)  # type: ignore[no-untyped-call]


def _fetch(connection: sqlite3.Connection, text: str, values: Sequence[Any], begin: str | None) -> list[Any]:
    if begin is not None:
        connection.execute(begin)
    return connection.execute(text, values).fetchall()


def _repeat(connection: sqlite3.Connection, text: str, values: Sequence[Sequence[Any]], begin: str | None) -> None:
    if begin is not None:
        connection.execute(begin)
    connection.executemany(text, values)
