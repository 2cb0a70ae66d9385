"""`todo-gql purge`: remove what is beyond retention."""

import argparse
import asyncio
from datetime import timedelta

from todo_gql.commands.environment import database_url, read_settings
from todo_gql.database import Database, DatabaseURL, create_engine
from todo_gql.todos.purge import Purged, Retention, purge
from todo_gql.todos.times import utc_now


def run(_: argparse.Namespace) -> int:
    """Run the command."""
    settings = read_settings()
    url = database_url(settings)
    retention = Retention(
        trash=timedelta(days=settings.trash_retention_days), changes=timedelta(days=settings.changes_retention_days)
    )
    purged = asyncio.run(_purge(url, retention))
    print(
        f"{url}: removed {purged.todos} todos from the trash, {purged.changes} changes from the log "
        f"and {purged.keys} idempotency keys."
    )
    return 0


async def _purge(url: DatabaseURL, retention: Retention) -> Purged:
    database = Database(create_engine(url))
    try:
        return await purge(database, retention, utc_now())
    finally:
        await database.close()
