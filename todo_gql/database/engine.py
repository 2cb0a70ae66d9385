"""Make the engine for a database URL: its pool, its time-outs, and what each new connection is told."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import asyncpg
from sqlalchemy import URL, NullPool, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from todo_gql.database.failures import DatabaseUnavailable, Interrupted
from todo_gql.database.sqlite_driver import SQLiteDriver
from todo_gql.database.url import DatabaseURL, PostgreSQLURL, SQLiteURL

# Lazily: asyncpg's class is generic for type checkers only.
type DriverConnection = asyncpg.Connection[asyncpg.Record]

_POOL: Final[Mapping[str, Any]] = {
    "pool_size": 10,
    "max_overflow": 0,
    "pool_timeout": 2,
    # Whoever used a connection has rolled back; to do it once more would take longer than all the rest of a return.
    "pool_reset_on_return": None,
}
_CONNECT_TIMEOUT_S: Final = 3
_COMMAND_TIMEOUT_S: Final = 5
_CLOSE_TIMEOUT_S: Final = 0.5
# An identity that was taken away is out after this time, well before its last token ends.
_TOKEN_CONNECTION_S: Final = 1800
_SQLITE_BUSY_TIMEOUT_S: Final = 5
_SQLITE_PATIENT_TIMEOUT_S: Final = 60

# Each limit of the server is below the next one outside it, so that the one who knows most gives up first.
_SERVER_SETTINGS: Final[Mapping[str, str]] = {
    "application_name": "todo-gql",
    "statement_timeout": "4s",
    "lock_timeout": "2s",
    # A forgotten transaction would hold back every reader of the change log.
    "idle_in_transaction_session_timeout": "10s",
    # Statements here take milliseconds; compiling one takes tens of them.
    "jit": "off",
}

# PgBouncer refuses any other that it was not told to ignore.
_KEPT_BY_POOLERS: Final = frozenset({"application_name"})

_AWAY_FOR_A_MOMENT: Final = (
    ConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.TooManyConnectionsError,
)


class _Connection(asyncpg.Connection):
    """A connection that is closed although the server does not answer.

    asyncpg waits for that as long as for a command, and SQLAlchemy closes one after the other: with ten, a service
    that was told to stop would have been killed first.
    """

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  # As in asyncpg.
        # When the time is over asyncpg lets go of the connection, and then says so.
        with suppress(TimeoutError):
            await super().close(timeout=_CLOSE_TIMEOUT_S if timeout is None else timeout)


def create_engine(url: DatabaseURL) -> AsyncEngine:
    """Make the engine that serves requests; it connects when it is first used."""
    match url:
        case SQLiteURL():
            return _create_sqlite_engine(url, busy_timeout_s=_SQLITE_BUSY_TIMEOUT_S, foreign_keys=True, **_POOL)
        case PostgreSQLURL():
            return _create_postgresql_engine(url, _COMMAND_TIMEOUT_S, _SERVER_SETTINGS, **_POOL, **_recycling(url))


def create_patient_engine(url: DatabaseURL) -> AsyncEngine:
    """Make the engine for a command that has the time: its statements may take as long as they need."""
    match url:
        case SQLiteURL():
            return _create_sqlite_engine(url, busy_timeout_s=_SQLITE_PATIENT_TIMEOUT_S, foreign_keys=True, **_POOL)
        case PostgreSQLURL():
            settings = {"application_name": "todo-gql", "statement_timeout": "0"}
            return _create_postgresql_engine(url, None, settings, **_POOL)


def create_migration_engine(url: DatabaseURL) -> AsyncEngine:
    """Make an engine of single connections whose statements may take as long as they need."""
    match url:
        case SQLiteURL():
            # Foreign keys stay off, as sqlite.org/lang_altertable.html demands of one who replaces a table.
            return _create_sqlite_engine(
                url, busy_timeout_s=_SQLITE_PATIENT_TIMEOUT_S, foreign_keys=False, poolclass=NullPool
            )
        case PostgreSQLURL():
            return _create_postgresql_engine(url, None, {"application_name": "todo-gql migrate"}, poolclass=NullPool)


def _recycling(url: PostgreSQLURL) -> Mapping[str, Any]:
    return {} if url.give_password is None else {"pool_recycle": _TOKEN_CONNECTION_S}


async def connect(
    url: PostgreSQLURL, *, command_timeout_s: float | None, server_settings: Mapping[str, str]
) -> DriverConnection:
    """Open one connection of asyncpg's own; what the URL sets wins over `server_settings`.

    Raises:
        DatabaseUnavailable: when no server can be reached, or the server does not let us in; Interrupted when it may
            soon, as one that restarts will.
    """
    # PostgreSQL would let these settings win over `options`.
    in_options = re.findall(r"(?:-c\s*|--)([\w.-]+)\s*=", url.server_settings.get("options", ""))
    set_by_url = {name.lower().replace("-", "_") for name in in_options}
    defaults = {name: value for name, value in server_settings.items() if name not in set_by_url}
    options: dict[str, Any] = {}
    if url.is_pooled:
        # The next transaction may be on another connection of the pooler: statements are not kept there, and what it
        # would not keep apart either is for the role to set (docs/operations.md).
        defaults = {name: value for name, value in defaults.items() if name in _KEPT_BY_POOLERS}
        options["statement_cache_size"] = 0
    if url.give_password is not None:
        # Not by asyncpg, which would count it into the time that the server has.
        options["password"] = await url.give_password()
    try:
        return await asyncpg.connect(
            url.dsn,
            timeout=url.connect_timeout_s or _CONNECT_TIMEOUT_S,
            command_timeout=command_timeout_s,
            server_settings={**defaults, **url.server_settings},
            connection_class=_Connection,
            **options,
        )
    # A ValueError comes from host names that cannot exist and from parameters that asyncpg cannot read.
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = (str(error) or "no answer in time").splitlines()[0]
        failure = Interrupted if isinstance(error, _AWAY_FOR_A_MOMENT) else DatabaseUnavailable
        raise failure(f"The database {url} cannot be reached: {reason}.") from error


def _create_postgresql_engine(
    url: PostgreSQLURL, command_timeout_s: float | None, server_settings: Mapping[str, str], **pool: Any
) -> AsyncEngine:
    async def create_connection() -> DriverConnection:
        return await connect(url, command_timeout_s=command_timeout_s, server_settings=server_settings)

    # This URL is only for show, in logs and spans: asyncpg reads the one that holds the password.
    address = URL.create("postgresql+asyncpg", username=url.user, host=url.host, port=url.port, database=url.database)
    cached = {"prepared_statement_cache_size": 0} if url.is_pooled else {}
    return create_async_engine(
        address, async_creator=create_connection, connect_args=cached, hide_parameters=True, **pool
    )


def _create_sqlite_engine(url: SQLiteURL, *, busy_timeout_s: float, foreign_keys: bool, **pool: Any) -> AsyncEngine:
    async def create_connection() -> SQLiteDriver:
        driver = SQLiteDriver(url.path, busy_timeout_s=busy_timeout_s)
        await driver
        return driver

    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(url.path)),
        async_creator=create_connection,
        hide_parameters=True,
        **pool,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        # In WAL mode a power failure may undo the last transactions, and cannot damage the file.
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    return engine
