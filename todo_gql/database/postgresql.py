"""Units of work on PostgreSQL, whose statements run on asyncpg itself.

What SQLAlchemy's asynchronous layer puts around a statement takes ten times as long as the driver: 300 microseconds of
processor time for a `SELECT 1`. SQLAlchemy still makes the statements, compiles them and owns the connections.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from sqlalchemy import Dialect, Executable, event
from sqlalchemy.exc import DisconnectionError, MultipleResultsFound, NoResultFound
from sqlalchemy.pool import PoolProxiedConnection

from todo_gql.database.checkout import Checkouts
from todo_gql.database.compiled import Compiler
from todo_gql.database.connection import Parameters, Watch, Work
from todo_gql.database.engine import DriverConnection
from todo_gql.database.failures import Conflict, DatabaseUnavailable, OutcomeUnknown, unavailability

_ROLLBACK_TIMEOUT_S: Final = 2
# Whoever takes what is read may be slow; one that has stopped is not to hold up the vacuum for ever.
_WAIT_FOR_THE_READER: Final = "SET LOCAL idle_in_transaction_session_timeout = '10min'"


class PostgreSQLRows:
    """The rows of one statement (`Rows`)."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        """Give each row."""
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Give all rows."""
        return self._rows

    def first(self) -> Any | None:
        """Give the first row, if any."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """Give the only row."""
        if not self._rows:
            raise NoResultFound("The statement gave no row.")
        return self.one_or_none()

    def one_or_none(self) -> Any | None:
        """Give the only row, if any."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("The statement gave several rows.")
        return self.first()

    def scalar_one(self) -> Any:
        """Give the first column of the only row."""
        return self.one()[0]


class PostgreSQLConnection:
    """A connection of the pool (`Connection`)."""

    def __init__(self, driver: DriverConnection, compiler: Compiler, dialect: Dialect, watch: Watch) -> None:
        self.dialect = dialect
        self._driver = driver
        self._compiler = compiler
        self._watch = watch

    async def execute(self, statement: Executable, parameters: Parameters | None = None, /) -> PostgreSQLRows:
        """Run a statement; with a list of parameters once for each of them, without rows."""
        if isinstance(parameters, Sequence):
            all_ready = [self._compiler.ready(statement, each) for each in parameters]
            with self._watch(all_ready[0].text):
                await self._driver.executemany(all_ready[0].text, [ready.values for ready in all_ready])
            return PostgreSQLRows([])
        ready = self._compiler.ready(statement, parameters)
        with self._watch(ready.text):
            records = await self._driver.fetch(ready.text, *ready.values)
        return PostgreSQLRows(list(map(ready.make_row, records)))

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None, /) -> Any:
        """Give the first column of the first row, None where there is none."""
        row = (await self.execute(statement, parameters)).first()
        return None if row is None else row[0]

    async def scalars(self, statement: Executable, parameters: Mapping[str, Any] | None = None, /) -> Iterable[Any]:
        """Give the first column of each row."""
        return [row[0] for row in await self.execute(statement, parameters)]

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        """Undo what is done within, and nothing else, when it raises."""
        await self._driver.execute("SAVEPOINT nested")
        try:
            yield
        except Exception:
            if not self._driver.is_closed():
                await self._driver.execute("ROLLBACK TO nested")
            raise
        await self._driver.execute("RELEASE nested")


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

    async def write[T](self, work: Work[T]) -> T:
        """Run work in a transaction.

        Raises:
            OutcomeUnknown: the connection was lost during the commit.
        """
        with unavailability():
            async with self._connected() as driver:
                await driver.execute("BEGIN")
                answer = await work(self._connection(driver))
                await _commit(driver)
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


async def _commit(driver: DriverConnection) -> None:
    try:
        with unavailability():
            await driver.execute("COMMIT")
    except Conflict:
        raise
    except DatabaseUnavailable as error:
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
