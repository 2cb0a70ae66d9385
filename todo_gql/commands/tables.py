"""How the tables of a database stand, asked for once and at once: nobody waits at a terminal for it to come back."""

from todo_gql.database import Database, DatabaseURL, create_engine
from todo_gql.database.migrations import RevisionStatus, check_rows, revision_status


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
