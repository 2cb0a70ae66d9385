"""How a command fails: with a sentence on standard error, and an exit code."""

import sys
from collections.abc import Callable

from todo_gql.database import DatabaseUnavailable, DatabaseURLError
from todo_gql.database.migrations import MigrationError
from todo_gql.server import CannotListen
from todo_gql.settings import SettingsError


class CommandError(Exception):
    """A command cannot do its work; the message is one sentence for the person at the terminal."""


def reporting(run: Callable[[], int]) -> int:
    """Run, say in a sentence why something cannot be done, and give the exit code: 1 then, 2 after a wrong setting."""
    try:
        return run()
    except SettingsError as error:
        return _fail(2, *error.sentences)
    except DatabaseURLError as error:
        return _fail(2, bad_url(error))
    except (CannotListen, CommandError, DatabaseUnavailable, MigrationError) as error:
        return _fail(1, str(error))
    except KeyboardInterrupt:
        return _fail(130, "Interrupted.")


def bad_url(error: DatabaseURLError) -> str:
    """Say which setting names a database that cannot be used, and why."""
    return f"APP_DATABASE_URL cannot be used. {error}"


def _fail(code: int, *sentences: str) -> int:
    for sentence in sentences:
        print(f"todo-gql: {sentence}", file=sys.stderr)
    return code
