"""Purge the database, for the command line."""

from todo_gql.database import Database, DatabaseURL, create_engine
from todo_gql.todos.purge import Purged, Retention, purge
from todo_gql.todos.service import utc_now


async def purge_database(url: DatabaseURL, retention: Retention) -> Purged:
    """Remove what is beyond retention now.

    Raises:
        DatabaseUnavailable: the database cannot answer now; what is done stays done.
    """
    database = Database(create_engine(url))
    try:
        return await purge(database, retention, utc_now())
    finally:
        await database.close()
