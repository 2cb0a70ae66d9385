"""Read and change the revision of the database's tables, for the command line."""

from todo_gql.database import Database, DatabaseURL, create_engine
from todo_gql.database.migrations import RevisionStatus, downgrade, revision_status, upgrade


async def read_revision(url: DatabaseURL) -> RevisionStatus:
    """Compare the revision of the tables with the one that this version works with.

    Raises:
        DatabaseUnavailable: the database cannot answer now.
    """
    database = Database(create_engine(url), retry_s=0)
    try:
        return await revision_status(database)
    finally:
        await database.close()


async def change_revision(url: DatabaseURL, target: str | None) -> tuple[RevisionStatus, RevisionStatus]:
    """Upgrade the tables, or take them back to the target, and answer how they were and are.

    Raises:
        DatabaseUnavailable: the database cannot answer now.
        MigrationError: the tables cannot be changed so.
    """
    before = await read_revision(url)
    if target is None:
        await upgrade(url)
    else:
        await downgrade(url, target)
    return before, await read_revision(url)
