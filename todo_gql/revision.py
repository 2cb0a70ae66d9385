"""Read and change the revision of the database's tables, for the command line."""

from todo_gql.database import Database, DatabaseURL, create_engine
from todo_gql.database.migrations import RevisionStatus, check_rows, downgrade, guard_rows, revision_status, upgrade


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


async def check_owners(url: DatabaseURL, owners_role: str | None) -> None:
    """See that PostgreSQL keeps owners apart where there are any, in tables that are up to date.

    Raises:
        DatabaseUnavailable: the database cannot answer now.
        MigrationError: with a sentence that says what to do.
    """
    database = Database(create_engine(url), retry_s=0)
    try:
        await check_rows(database, owners_role)
    finally:
        await database.close()


async def change_revision(
    url: DatabaseURL, target: str | None, owners_role: str | None
) -> tuple[RevisionStatus, RevisionStatus]:
    """Upgrade the tables, or take them back to the target, and answer how they were and are.

    Args:
        url: Of the database.
        target: The revision to go back to; None for the newest.
        owners_role: For which PostgreSQL is to keep owners apart; None where nobody owns anything.

    Raises:
        DatabaseUnavailable: the database cannot answer now.
        MigrationError: the tables cannot be changed so.
    """
    before = await read_revision(url)
    if target is None:
        await upgrade(url)
        if owners_role is not None:
            await guard_rows(url, owners_role)
    else:
        await downgrade(url, target)
    return before, await read_revision(url)
