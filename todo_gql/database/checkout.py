"""Taking connections out of the pool: in turn, and counted."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import cast

from sqlalchemy import PoolProxiedConnection, QueuePool
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from todo_gql.database.failures import DatabaseUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """The connections of a pool at one moment, and how often waiting for one was in vain so far."""

    used: int
    idle: int
    largest: int
    waiting: int
    timeouts: int


class Checkouts:
    """Gives connections of an engine to those who ask, in the order in which they have asked.

    The pool gives one that comes back to whoever asks next, and not to those who wait: with six callers for each
    connection some waited in vain.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        pool = engine.pool
        # An engine that migrates has no pool, and one user, who waits for nobody.
        self._turns = asyncio.Semaphore(pool.size() if isinstance(pool, QueuePool) else 1)
        self._wait_s: float | None = pool.timeout() if isinstance(pool, QueuePool) else None
        self._waiting = 0
        self._timeouts = 0
        self._opening: set[asyncio.Task[PoolProxiedConnection]] = set()

    def connect(self) -> "Checkout":
        """Give one of SQLAlchemy's connections, to be entered."""
        return Checkout(self, self.engine.connect())

    async def take(self) -> PoolProxiedConnection:
        """Give a connection of the pool itself, for `give_back`. Raises DatabaseUnavailable when none is there in time.

        Not as a context manager: those who take one have to tidy it up, and are one themselves.
        """
        await self.wait()
        try:
            return await self._take()
        except BaseException:
            self.leave()
            raise

    def give_back(self, pooled: PoolProxiedConnection) -> None:
        """Take back what was taken."""
        try:
            pooled.close()
        finally:
            self.leave()

    async def wait(self) -> None:
        """Wait for a turn, which `leave` ends. Raises DatabaseUnavailable when it does not come in time."""
        if not self._turns.locked():
            await self._turns.acquire()
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.acquire()
        except TimeoutError as error:
            self._timeouts += 1
            raise DatabaseUnavailable("All connections to the database are in use.") from error
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        """Let the next one have a turn."""
        self._turns.release()

    async def close(self) -> None:
        """Wait for connections that nobody waits for any more: each is there, or has failed, in seconds."""
        if self._opening:
            await asyncio.wait(self._opening)

    def state(self) -> PoolState:
        """Look at the pool of the engine."""
        pool = cast("QueuePool", self.engine.pool)
        return PoolState(
            used=pool.checkedout(),
            idle=pool.checkedin(),
            largest=pool.size(),
            waiting=self._waiting,
            timeouts=self._timeouts,
        )

    async def _take(self) -> PoolProxiedConnection:
        if cast("QueuePool", self.engine.pool).checkedin():
            # One that is idle is had at once; a greenlet, which could wait for it, takes longer than that.
            try:
                return self.engine.sync_engine.raw_connection()
            except MissingGreenlet:
                pass  # It was lost meanwhile, and is to be opened anew.
        opening = asyncio.create_task(self.engine.raw_connection())
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # It is opened for the next one: to cancel a driver while it connects has left things behind.
            opening.add_done_callback(_give_back)
            raise


def _give_back(opened: asyncio.Task[PoolProxiedConnection]) -> None:
    if not opened.cancelled() and opened.exception() is None:
        opened.result().close()


class Checkout:
    """A connection that is being waited for until it is entered."""

    __slots__ = ("_checkouts", "_connection")

    def __init__(self, checkouts: Checkouts, connection: AsyncConnection) -> None:
        self._checkouts = checkouts
        self._connection = connection

    async def __aenter__(self) -> AsyncConnection:
        await self._checkouts.wait()
        try:
            return await self._connection.__aenter__()
        except BaseException:
            self._checkouts.leave()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._connection.__aexit__(kind, error, traceback)
        finally:
            self._checkouts.leave()
