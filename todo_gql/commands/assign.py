"""`todo-gql assign`: give one owner's todos to another."""

import argparse
import asyncio

from todo_gql.auth.owner import owner_of
from todo_gql.commands.environment import database_url, read_settings
from todo_gql.commands.failures import CommandError
from todo_gql.database import Database, DatabaseURL, SQLiteURL
from todo_gql.database.engine import create_patient_engine
from todo_gql.database.migrations import MigrationError, RevisionState, revision_status
from todo_gql.settings import SettingsError, variable
from todo_gql.todos.assignment import Assigned, SharedId, assign
from todo_gql.todos.model import Owner
from todo_gql.todos.times import utc_now


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    settings = read_settings()
    url = database_url(settings)
    if settings.auth_issuer is None:
        raise SettingsError((f"{variable('auth_issuer')} must say who issues the tokens of owners.",))
    if options.from_issuer and not options.giver:
        raise CommandError("--from-issuer goes with --from.")
    giver = owner_of(options.from_issuer or settings.auth_issuer, options.giver) if options.giver else Owner("")
    taker = owner_of(settings.auth_issuer, options.subject)
    assigned = asyncio.run(_assign(url, giver, taker, dry_run=options.dry_run))
    print(
        f"{url}: {'would give' if options.dry_run else 'gave'} {assigned.todos} todos, {assigned.dependencies} "
        f"dependencies and {assigned.keys} idempotency keys to {options.subject} (owner {taker})."
    )
    return 0


async def _assign(url: DatabaseURL, owner: Owner, other: Owner, *, dry_run: bool) -> Assigned:
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
