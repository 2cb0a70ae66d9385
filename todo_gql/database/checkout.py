"""Taking connections out of the pool, counted."""

from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import cast

from sqlalchemy import PoolProxiedConnection, QueuePool
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """The connections of a pool at one moment, and how often waiting for one was in vain so far."""

    used: int
    idle: int
    largest: int
    waiting: int
    timeouts: int


class Checkouts:
    """Opens connections of an engine, and knows how many wait for one."""

    def __init__(self) -> None:
        self.waiting = 0
        self.timeouts = 0

    def connect(self, engine: AsyncEngine) -> "Checkout":
        """Give a connection to enter."""
        return Checkout(self, engine.connect())

    async def take(self, engine: AsyncEngine) -> PoolProxiedConnection:
        """Take a connection; its `close` gives it back."""
        if cast("QueuePool", engine.pool).checkedin():
            # One that is idle is had at once; a greenlet, which could wait for it, takes longer than a statement.
            with suppress(MissingGreenlet):  # It was lost meanwhile, and is to be opened anew.
                return engine.sync_engine.raw_connection()
        self.waiting += 1
        try:
            return await engine.raw_connection()
        except PoolTimeoutError:
            self.timeouts += 1
            raise
        finally:
            self.waiting -= 1

    def state(self, engine: AsyncEngine) -> PoolState:
        """Look at the pool of the engine."""
        pool = cast("QueuePool", engine.pool)
        return PoolState(
            used=pool.checkedout(),
            idle=pool.checkedin(),
            largest=pool.size(),
            waiting=self.waiting,
            timeouts=self.timeouts,
        )


class Checkout:
    """A connection that is being waited for until it is entered."""

    __slots__ = ("_connection", "_counts")

    def __init__(self, counts: Checkouts, connection: AsyncConnection) -> None:
        self._counts = counts
        self._connection = connection

    async def __aenter__(self) -> AsyncConnection:
        self._counts.waiting += 1
        try:
            return await self._connection.__aenter__()
        except PoolTimeoutError:
            self._counts.timeouts += 1
            raise
        finally:
            self._counts.waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._connection.__aexit__(kind, error, traceback)
