"""Run migrations: all of them in one transaction, and one migrator at a time."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from todo_gql.database import row_security
from todo_gql.database.database import Database
from todo_gql.database.engine import create_migration_engine
from todo_gql.database.failures import DatabaseUnavailable, MigrationError
from todo_gql.database.migrations.scripts import known_revisions
from todo_gql.database.migrations.status import RevisionState, read_status
from todo_gql.database.url import DatabaseURL, PostgreSQLURL

if TYPE_CHECKING:
    from alembic.config import Config

# Any number will do that no other program locks in the same database.
_ADVISORY_LOCK: Final = 0x746F646F


async def upgrade(url: DatabaseURL) -> bool:
    """Bring the tables to the newest revision; say whether there was anything to do.

    Raises:
        MigrationError: when the tables cannot be upgraded; nothing has changed then.
        DatabaseUnavailable: when the database cannot answer now.
    """

    def run(connection: sa.Connection) -> bool:
        if read_status(connection).state is RevisionState.UP_TO_DATE:
            return False
        command, config = _alembic(connection)
        command.upgrade(config, "head")
        return True

    return await _migrate(url, run)


async def downgrade(url: DatabaseURL, revision: str) -> None:
    """Bring the tables back to a revision; "base" is the old service's table.

    Raises:
        MigrationError: when the tables cannot be downgraded so; nothing has changed then.
        DatabaseUnavailable: when the database cannot answer now.
    """
    if revision not in {"base", *known_revisions()}:
        raise MigrationError(f"The revision {revision!r} is not known.")

    def run(connection: sa.Connection) -> None:
        command, config = _alembic(connection)
        command.downgrade(config, revision)

    await _migrate(url, run)


async def guard_rows(url: DatabaseURL, role: str) -> None:
    """Have PostgreSQL keep owners apart, in tables that are up to date; SQLite has nothing for that.

    Raises:
        MigrationError: when someone else has to do a part of it; nothing has changed then.
        DatabaseUnavailable: when the database cannot answer now.
    """
    if isinstance(url, PostgreSQLURL):
        await _migrate(url, lambda connection: row_security.turn_on(connection, role))


async def _migrate[T](url: DatabaseURL, run: Callable[[sa.Connection], T]) -> T:
    def work(connection: sa.Connection) -> T:
        if connection.dialect.name == "postgresql":
            _prepare_postgresql(connection)
        status = read_status(connection)
        if status.state is RevisionState.AHEAD:
            raise MigrationError(str(status))
        return run(connection)

    database = Database(create_migration_engine(url))
    try:
        return await database.alter(work)
    except DatabaseUnavailable as error:
        if _is_lock_timeout(error.__cause__):
            raise MigrationError(
                "The tables are in use, and could not be locked: stop the service that uses them, and migrate again."
            ) from error
        raise
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise MigrationError(f"The migration failed and changed nothing: {reason}.") from error
    finally:
        await database.close()


def _alembic(connection: sa.Connection) -> tuple[ModuleType, "Config"]:
    """Give Alembic's commands, and the configuration that they take, which needs no alembic.ini."""
    # With what it draws in, Alembic is a tenth of the start of a service that has nothing to migrate.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # Alembic interpolates percent signs.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return command, config


def _prepare_postgresql(connection: sa.Connection) -> None:
    # Limits that the server, the database or the role may set. `transaction_timeout` exists since PostgreSQL 17.
    connection.exec_driver_sql("""
        SELECT set_config(name, '0', true) FROM pg_settings
        WHERE name IN ('statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout')
    """)
    # Another migrator may take minutes; whoever waits here finds nothing left to do.
    connection.exec_driver_sql("SET LOCAL lock_timeout = '10min'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    # While we wait for a table, everyone else who wants it waits behind us.
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")


def _is_lock_timeout(cause: BaseException | None) -> bool:
    if not isinstance(cause, DBAPIError):
        return False
    # PostgreSQL's lock_not_available, and SQLite's BUSY.
    return getattr(cause.orig, "sqlstate", "") == "55P03" or getattr(cause.orig, "sqlite_errorcode", 0) & 0xFF == 5
