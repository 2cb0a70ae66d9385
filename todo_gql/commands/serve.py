"""`todo-gql serve`: serve until SIGINT or SIGTERM."""

import argparse
import logging
from collections.abc import Callable
from typing import Final

from todo_gql.commands.environment import database_url, read_settings
from todo_gql.commands.failures import reporting
from todo_gql.database import SQLiteURL
from todo_gql.server import is_local, listen, serve
from todo_gql.settings import SettingsError, variable
from todo_gql.telemetry.logs import LogFormat, set_up_logging
from todo_gql.workers import run_workers

_log: Final = logging.getLogger("todo_gql")


def run(_: argparse.Namespace) -> int:
    """Run the command."""
    # The other commands would start a second later with what this one needs.
    from todo_gql.app import create_app  # noqa: PLC0415

    settings = read_settings()
    set_up_logging(LogFormat(settings.log_format))
    url = database_url(settings)
    if settings.workers > 1 and isinstance(url, SQLiteURL):
        raise SettingsError((f"{variable('workers')} must be 1 on SQLite, which is for one process: use PostgreSQL.",))

    def serve_one(ready: Callable[[], None]) -> int:
        app = create_app(settings)
        serve(app, listener, database=str(url), drain_s=settings.drain_seconds, ready=ready)
        return 0

    # Before the database is opened, and perhaps migrated: a second server on the same port changes nothing.
    with listen(settings.host, settings.port) as listener:
        if settings.auth_issuer is None and not is_local(settings.host):
            _log.warning(
                "Authentication is off: whoever reaches %s reads and changes every todo. %s and %s turn it on.",
                settings.host,
                variable("auth_issuer"),
                variable("auth_audience"),
            )
        if settings.workers == 1:
            return serve_one(lambda: None)
        return run_workers(settings.workers, lambda ready: reporting(lambda: serve_one(ready)), listener)
