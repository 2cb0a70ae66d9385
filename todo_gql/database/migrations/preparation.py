"""See, before anything is served, that the tables are such as this version can serve."""

import logging
from typing import Final

from todo_gql.database.database import Database
from todo_gql.database.migrations.runner import upgrade
from todo_gql.database.migrations.status import RevisionState, check_rows, check_tables
from todo_gql.database.url import DatabaseURL, SQLiteURL

_log: Final = logging.getLogger(__name__)


async def prepare_tables(url: DatabaseURL, database: Database, owners_role: str | None) -> None:
    """Bring the tables of a SQLite file up to date; refuse older ones on PostgreSQL, and those that guard nothing.

    One process has a SQLite file to itself. On PostgreSQL other processes may be at work, of the version before: when
    the tables change is for the operator to say. Those of a newer version must serve this one while that is rolled out.

    Args:
        url: Where the tables are.
        database: The same, opened.
        owners_role: Under which the service works for an owner; None when nobody owns anything.

    Raises:
        MigrationError: with a sentence that says what to do.
        DatabaseUnavailable: when the database cannot answer now.
    """
    if isinstance(url, SQLiteURL):
        await upgrade(url)
        return
    status = await check_tables(database)
    if status.state is RevisionState.AHEAD:
        _log.warning("%s", status)
    await check_rows(database, owners_role)
