"""Units of work on SQLite: one writer at a time, and statements that end only when they are told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from todo_gql.database.checkout import Checkout, Checkouts
from todo_gql.database.connection import Work
from todo_gql.database.failures import unavailability


class SQLiteUnits:
    """Runs units of work on SQLAlchemy's connections (`Units`)."""

    def __init__(self, checkouts: Checkouts) -> None:
        self._checkouts = checkouts
        # A queue here is five times as fast as waiting for the lock of the file.
        self._writing = asyncio.Lock()

    async def read[T](self, work: Work[T]) -> T:
        """Run work each of whose statements stands for itself: connections begin nothing by themselves."""
        with unavailability():
            async with _open(self._checkouts.connect()) as connection:
                return await _run(work, connection)

    async def write[T](self, work: Work[T]) -> T:
        """Run work in a transaction."""
        with unavailability():
            async with self._writing, _open(self._checkouts.connect()) as connection:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                answer = await _run(work, connection)
                await connection.commit()
                return answer

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that reads, all of whose statements see one moment."""
        with unavailability():
            async with _open(self._checkouts.connect()) as connection:
                await connection.exec_driver_sql("BEGIN")
                yield connection


@asynccontextmanager
async def _open(checkout: Checkout) -> AsyncIterator[AsyncConnection]:
    """Open a connection also for who is cancelled meanwhile: its thread would be left behind half open."""
    opening = asyncio.ensure_future(checkout.__aenter__())
    try:
        connection = await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.wait((opening,))
        if opening.exception() is None:
            await checkout.__aexit__(None, None, None)
        raise
    try:
        yield connection
    finally:
        await checkout.__aexit__(None, None, None)


async def _run[T](work: Work[T], connection: AsyncConnection) -> T:
    """Run work whose statements end with it: being awaited by no one does not stop them."""
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
