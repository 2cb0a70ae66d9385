"""Give one owner's todos to another, for the command line."""

from todo_gql.command_error import CommandError
from todo_gql.database import Database, DatabaseURL, SQLiteURL
from todo_gql.database.engine import create_patient_engine
from todo_gql.database.migrations import MigrationError, RevisionState, revision_status
from todo_gql.todos.assignment import Assigned, SharedId, assign
from todo_gql.todos.model import Owner
from todo_gql.todos.service import utc_now


async def assign_todos(url: DatabaseURL, owner: Owner, other: Owner, *, dry_run: bool) -> Assigned:
    """Give an owner's todos to another, or only count them.

    Raises:
        CommandError: it cannot be done, and nothing has changed.
        DatabaseUnavailable: the database cannot answer now, or others wrote to these todos; nothing has changed.
        MigrationError: the tables are not those of this version.
    """
    if owner == other:
        raise CommandError("These todos are theirs already.")
    if isinstance(url, SQLiteURL) and not url.path.exists():
        raise CommandError(f"There is no {url}.")
    database = Database(create_patient_engine(url))
    try:
        status = await revision_status(database)
        if status.state is not RevisionState.UP_TO_DATE:
            raise MigrationError(str(status))
        return await assign(database, owner, other, utc_now(), dry_run=dry_run)
    except SharedId as error:
        raise CommandError(
            f"Both have a todo with the id {error.todo_id}, which can be only one of theirs: nothing was given. "
            "Delete one of the two for good (it goes with the purge), or give it another id."
        ) from error
    finally:
        await database.close()
