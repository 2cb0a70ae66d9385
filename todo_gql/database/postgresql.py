"""Units of work on PostgreSQL, on the connections of asyncpg."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
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

_ROLLBACK_TIMEOUT_S: Final = 2
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


class PostgreSQLUnits:
    """Runs units of work on connections of an engine's pool (`Units`)."""

    def __init__(self, checkouts: Checkouts, watch: Watch) -> None:
        self._checkouts = checkouts
        self._watch = watch
        self._compiler: Compiler | None = None
        event.listen(checkouts.engine.sync_engine, "checkout", _replace_closed)

    async def read[T](self, work: Work[T]) -> T:
        """Run work each of whose statements stands for itself."""
        with unavailability():
            async with self._connected() as driver:
                return await work(self._connection(driver))

    async def write[T](self, work: Work[T], *, alone: bool) -> T:
        """Run work in a transaction; a change that is alone is one by itself, which saves two ways to the server.

        Raises:
            OutcomeUnknown: the connection was lost during the commit.
        """
        with unavailability():
            async with self._connected() as driver:
                connection = self._connection(driver)
                if alone:
                    return await _committing(work(connection))
                await driver.execute("BEGIN")
                answer = await work(connection)
                await _committing(driver.execute("COMMIT"))
                return answer

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[PostgreSQLConnection]:
        """Give a connection that reads, all of whose statements see one moment."""
        with unavailability():
            async with self._connected() as driver:
                await driver.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                await driver.execute(_WAIT_FOR_THE_READER)
                yield self._connection(driver)
                await driver.execute("ROLLBACK")

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[DriverConnection]:
        async with self._checkouts.taken() as pooled:
            driver = cast("DriverConnection", pooled.driver_connection)
            try:
                yield driver
            except BaseException:
                await _roll_back(driver)
                raise
            finally:
                if driver.is_closed():
                    pooled.invalidate()

    def _connection(self, driver: DriverConnection) -> PostgreSQLConnection:
        if self._compiler is None:
            # Not before there is a connection: the dialect has learnt from it what the server can do.
            self._compiler = Compiler(self._checkouts.engine.dialect)
        return PostgreSQLConnection(driver, self._compiler, self._checkouts.engine.dialect, self._watch)


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
