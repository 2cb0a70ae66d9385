"""Units of work on PostgreSQL, on the connections of asyncpg."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, cast

import asyncpg
from sqlalchemy import Dialect, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import PoolProxiedConnection

from todo_gql.database.checkout import Checkouts
from todo_gql.database.compiled import Compiler
from todo_gql.database.connection import Connection, Watch, Work
from todo_gql.database.engine import DriverConnection
from todo_gql.database.failures import Conflict, DatabaseUnavailable, Interrupted, OutcomeUnknown, unavailability
from todo_gql.database.row_security import limits

_ROLLBACK_TIMEOUT_S: Final = 2
_PLAN_ANEW: Final = "; SET LOCAL plan_cache_mode = force_custom_plan"
# Whoever takes what is read may be slow; one that has stopped is not to hold up the vacuum for ever.
_WAIT_FOR_THE_READER: Final = "SET LOCAL idle_in_transaction_session_timeout = '10min'"


class PostgreSQLConnection(Connection):
    """A connection of asyncpg's."""

    def __init__(self, driver: DriverConnection, compiler: Compiler, dialect: Dialect, watch: Watch) -> None:
        super().__init__(dialect, compiler, watch)
        self._driver = driver

    async def _fetch(self, text: str, values: Sequence[Any]) -> Iterable[Any]:
        return await self._driver.fetch(text, *values)

    async def _repeat(self, text: str, values: Sequence[Sequence[Any]]) -> None:
        await self._driver.executemany(text, values)

    async def _control(self, text: str) -> None:
        await self._driver.execute(text)

    def _has_transaction(self) -> bool:
        return not self._driver.is_closed()


class Connections:
    """Gives connections of an engine's pool, and makes of each what runs statements."""

    def __init__(self, checkouts: Checkouts, watch: Watch) -> None:
        self._checkouts = checkouts
        self._watch = watch
        self._compiler: Compiler | None = None
        event.listen(checkouts.engine.sync_engine, "checkout", _replace_closed)

    def taken(self) -> "_Taken":
        """Give a connection, to be entered, on which nothing is left to be undone afterwards."""
        return _Taken(self._checkouts)

    def running(self, driver: DriverConnection) -> PostgreSQLConnection:
        """Make what runs statements on a connection."""
        if self._compiler is None:
            # Not before there is a connection: the dialect has learnt from it what the server can do.
            self._compiler = Compiler(self._checkouts.engine.dialect)
        return PostgreSQLConnection(driver, self._compiler, self._checkouts.engine.dialect, self._watch)


class _Taken:
    """Encloses the use of a connection: as a class, as a generator takes twice as long."""

    __slots__ = ("_checkouts", "_driver", "_pooled")

    def __init__(self, checkouts: Checkouts) -> None:
        self._checkouts = checkouts

    async def __aenter__(self) -> DriverConnection:
        self._pooled = await self._checkouts.take()
        self._driver = cast("DriverConnection", self._pooled.driver_connection)
        return self._driver

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                await _roll_back(self._driver)
        finally:
            try:
                if self._driver.is_closed():
                    self._pooled.invalidate()
            finally:
                self._checkouts.give_back(self._pooled)


class PostgreSQLUnits:
    """Runs units of work (`Units`); those for an owner, where that is asked for, are limited to what is theirs.

    Args:
        connections: On which they run.
        owners_role: Under which role what is for an owner runs; None when nobody owns anything.
        limited: How the transactions of this one are limited, in SQL.
    """

    def __init__(self, connections: Connections, *, owners_role: str | None = None, limited: str | None = None) -> None:
        self._connections = connections
        self._owners_role = owners_role
        self._limits = limited

    def of(self, owner: str) -> "PostgreSQLUnits":
        """Give the same, limited to an owner."""
        if self._owners_role is None:
            return self
        return PostgreSQLUnits(
            self._connections, owners_role=self._owners_role, limited=limits(owner, self._owners_role)
        )

    async def read[T](self, work: Work[T], *, plan_anew: bool) -> T:
        """Run work each of whose statements stands for itself."""
        # What is set for it is so to the end of a transaction: left to a connection, it would be found by the next one.
        if self._limits is not None or plan_anew:
            return await self._in_transaction(work, _end_reading, _PLAN_ANEW if plan_anew else "")
        with unavailability():
            async with self._connections.taken() as driver:
                return await work(self._connections.running(driver))

    async def write[T](self, work: Work[T], *, alone: bool) -> T:
        """Run work in a transaction; a change that is alone is one by itself, which saves two ways to the server.

        Raises:
            OutcomeUnknown: the connection was lost during the commit.
        """
        if not alone or self._limits is not None:
            return await self._in_transaction(work, _commit)
        with unavailability():
            async with self._connections.taken() as driver:
                return await _committing(work(self._connections.running(driver)))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[PostgreSQLConnection]:
        """Give a connection that reads, all of whose statements see one moment."""
        with unavailability():
            async with self._connections.taken() as driver:
                await driver.execute(self._beginning("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                await driver.execute(_WAIT_FOR_THE_READER)
                yield self._connections.running(driver)
                await driver.execute("ROLLBACK")

    async def _in_transaction[T](
        self, work: Work[T], end: Callable[[DriverConnection], Awaitable[object]], setting: str = ""
    ) -> T:
        with unavailability():
            async with self._connections.taken() as driver:
                await driver.execute(self._beginning("BEGIN") + setting)
                answer = await work(self._connections.running(driver))
                await end(driver)
                return answer

    def _beginning(self, begin: str) -> str:
        """Have a transaction begun and limited on one way to the server."""
        return begin if self._limits is None else f"{begin}; {self._limits}"


async def _commit(driver: DriverConnection) -> None:
    await _committing(driver.execute("COMMIT"))


async def _committing[T](running: Awaitable[T]) -> T:
    """Wait for what commits. Raises OutcomeUnknown where the server has not said that it did not."""
    try:
        with unavailability():
            return await running
    except Conflict:
        raise
    except DatabaseUnavailable as error:
        if not isinstance(error, Interrupted) and isinstance(error.__cause__, asyncpg.PostgresError):
            raise
        raise OutcomeUnknown("The connection to the database was lost during a commit.") from error


async def _end_reading(driver: DriverConnection) -> None:
    await driver.execute("COMMIT")


async def _roll_back(driver: DriverConnection) -> None:
    """Make the connection one that can be used again, or close it.

    There may be a transaction; a statement that still runs, as nobody waits for it any more, and which the driver
    cancels first; or the last words of a server that shuts down, after which the driver can do nothing more.
    """
    if driver.is_closed():
        return
    try:
        # asyncpg's own time-out does not run yet while it waits for the server to confirm a cancellation.
        async with asyncio.timeout(_ROLLBACK_TIMEOUT_S):
            await driver.execute("ROLLBACK")
    except Exception:  # noqa: BLE001  # Whatever it is, the server undoes it when the connection is gone.
        driver.terminate()
    except BaseException:
        driver.terminate()
        raise


def _replace_closed(_connection: object, _record: object, pooled: PoolProxiedConnection) -> None:
    if cast("DriverConnection", pooled.driver_connection).is_closed():
        raise DisconnectionError("The server has closed the connection.")
