"""Run a unit of work on the database: a read without a transaction, or a write in one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from todo_gql.database.checkout import Checkout, Checkouts, PoolState
from todo_gql.database.failures import Conflict, DatabaseUnavailable, Interrupted, OutcomeUnknown, unavailability
from todo_gql.database.retry import WITHIN_S, Retry

type Work[T] = Callable[[AsyncConnection], Awaitable[T]]


Opener = Callable[[Checkout], AbstractAsyncContextManager[AsyncConnection]]


class Runner(Protocol):
    """Runs work on a connection, and ends it when it is cancelled."""

    async def __call__[T](self, work: Work[T], connection: AsyncConnection, /) -> T:
        """Answer what the work does."""


class Database:
    """Hands connections of an engine to units of work. A unit must not keep its connection.

    A unit that is lost with its connection, or gives way to another, runs again, for `retry_s` at most: it must have
    no effect but on its connection.
    """

    def __init__(self, engine: AsyncEngine, *, retry_s: float = WITHIN_S) -> None:
        self.engine = engine
        self._checkouts = Checkouts()
        self._retry = Retry(retry_s)
        self._committed: list[Callable[[], None]] = []
        if engine.dialect.name == "sqlite":
            # Its connections begin nothing by themselves, so the plain engine reads without a transaction.
            self._reading = engine
            # SQLite has one writer at a time; a queue here is five times as fast as waiting for its file lock.
            self._writing: asyncio.Lock | nullcontext[None] = asyncio.Lock()
            self._begin: str | None = "BEGIN IMMEDIATE"
            self._run: Runner = _run_interruptibly
            self._open: Opener = _open_to_the_end
        else:
            self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")
            self._writing = nullcontext()
            self._begin = None
            self._run = _run
            self._open = _open

    async def read[T](self, work: Work[T]) -> T:
        """Run work that only reads; each of its statements sees its own snapshot.

        Raises:
            DatabaseUnavailable: when the database cannot answer now.
        """

        async def attempt() -> T:
            with unavailability():
                async with self._open(self._checkouts.connect(self._reading)) as connection:
                    return await self._run(work, connection)

        return await self._retry.run(attempt)

    async def write[T](self, work: Work[T], *, repeatable: bool = False) -> T:
        """Run work in one transaction, committed when it returns and rolled back when it raises.

        Args:
            work: Runs again when it was lost before its commit.
            repeatable: Run it again also where nobody knows whether it was committed.

        Raises:
            DatabaseUnavailable: when the database cannot answer now; nothing has changed.
            OutcomeUnknown: when the connection was lost during the commit.
        """

        async def attempt() -> T:
            try:
                return await self._transact(work)
            except OutcomeUnknown as error:
                if repeatable:
                    raise Interrupted(str(error)) from error
                raise

        return await self._retry.run(attempt)

    def on_commit(self, call: Callable[[], None]) -> None:
        """Call something after each transaction of this process that was committed."""
        self._committed.append(call)

    async def ping(self) -> None:
        """Return when the database has answered.

        Raises:
            DatabaseUnavailable: when it cannot answer now.
        """
        await self.read(lambda connection: connection.execute(sa.select(1)))

    def pool_state(self) -> PoolState:
        """Look at the pool of connections."""
        return self._checkouts.state(self.engine)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def _transact[T](self, work: Work[T]) -> T:
        with unavailability():
            async with self._writing, self._open(self._checkouts.connect(self.engine)) as connection:
                if self._begin is not None:
                    await connection.exec_driver_sql(self._begin)
                answer = await self._run(work, connection)
                await self._commit(connection)
        for call in self._committed:
            call()
        return answer

    async def _commit(self, connection: AsyncConnection) -> None:
        try:
            with unavailability():
                await connection.commit()
        except Conflict:
            raise
        except DatabaseUnavailable as error:
            # SQLite has no connection that could be lost between a commit and the word of it.
            if self.engine.dialect.name == "sqlite":
                raise
            raise OutcomeUnknown("The connection to the database was lost during a commit.") from error


def _open(checkout: Checkout) -> Checkout:
    return checkout


@asynccontextmanager
async def _open_to_the_end(checkout: Checkout) -> AsyncIterator[AsyncConnection]:
    """Open a connection to SQLite also for who is cancelled meanwhile: its thread would be left behind half open."""
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
