"""Run a unit of work on the database: a read without a transaction, or a write in one."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Final, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from todo_gql.database.failures import TransactionConflict, unavailability

# The bounds of the random pauses before a transaction runs again.
_PAUSES_S: Final = (0.02, 0.05, 0.1, 0.2)

type Work[T] = Callable[[AsyncConnection], Awaitable[T]]


class Runner(Protocol):
    """Runs work on a connection, and ends it when it is cancelled."""

    async def __call__[T](self, work: Work[T], connection: AsyncConnection, /) -> T:
        """Answer what the work does."""


class Database:
    """Hands connections of an engine to units of work. A unit must not keep its connection."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        if engine.dialect.name == "sqlite":
            # Its connections begin nothing by themselves, so the plain engine reads without a transaction.
            self._reading = engine
            # SQLite has one writer at a time; a queue here is five times as fast as waiting for its file lock.
            self._writing: asyncio.Lock | nullcontext[None] = asyncio.Lock()
            self._begin: str | None = "BEGIN IMMEDIATE"
            self._run: Runner = _run_interruptibly
        else:
            self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")
            self._writing = nullcontext()
            self._begin = None
            self._run = _run

    async def read[T](self, work: Work[T]) -> T:
        """Run work that only reads; each of its statements sees its own snapshot.

        Raises:
            DatabaseUnavailable: when the database cannot answer now.
        """
        with unavailability():
            async with self._reading.connect() as connection:
                return await self._run(work, connection)

    async def write[T](self, work: Work[T]) -> T:
        """Run work in one transaction, committed when it returns and rolled back when it raises.

        Work may run several times, and must have no effect but on its connection.

        Raises:
            DatabaseUnavailable: when the database cannot answer now.
        """
        for pause_s in _PAUSES_S:
            try:
                return await self._transact(work)
            except TransactionConflict:
                await asyncio.sleep(random.uniform(0, pause_s))  # noqa: S311  # Not for secrets.
        return await self._transact(work)

    async def ping(self) -> None:
        """Return when the database has answered.

        Raises:
            DatabaseUnavailable: when it cannot answer now.
        """
        await self.read(lambda connection: connection.execute(sa.select(1)))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def _transact[T](self, work: Work[T]) -> T:
        with unavailability():
            async with self._writing, self.engine.begin() as connection:
                if self._begin is not None:
                    await connection.exec_driver_sql(self._begin)
                return await self._run(work, connection)


async def _run[T](work: Work[T], connection: AsyncConnection) -> T:
    return await work(connection)


async def _run_interruptibly[T](work: Work[T], connection: AsyncConnection) -> T:
    """Run work on SQLite, whose statements end when they are told to: being awaited by no one does not stop them."""
    running = asyncio.ensure_future(work(connection))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None, "The connection is open."  # noqa: S101
        running.cancel()
        # A statement that waits for its turn in the driver cannot be interrupted yet.
        while not running.done():
            await driver.interrupt()
            await asyncio.wait((running,), timeout=0.02)
        raise
