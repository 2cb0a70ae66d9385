"""`todo-gql migrate`: bring the tables up to date, or take them back."""

import argparse
import asyncio

from todo_gql.commands.environment import database_url, read_settings
from todo_gql.commands.tables import read_revision
from todo_gql.database import DatabaseURL
from todo_gql.database.migrations import RevisionStatus, downgrade, guard_rows, upgrade


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    settings = read_settings()
    url = database_url(settings)
    before, after = asyncio.run(_change_revision(url, options.downgrade, settings.owners_role))
    print(f"{url}: revision {before.current or 'none'}, now {after.current or 'none'}.")
    return 0


async def _change_revision(
    url: DatabaseURL, target: str | None, owners_role: str | None
) -> tuple[RevisionStatus, RevisionStatus]:
    """Upgrade the tables, or take them back to the target, and tell how they were and are."""
    before = await read_revision(url)
    if target is None:
        await upgrade(url)
        if owners_role is not None:
            await guard_rows(url, owners_role)
    else:
        await downgrade(url, target)
    return before, await read_revision(url)
