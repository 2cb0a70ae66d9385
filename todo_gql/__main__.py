"""The command line: `todo-gql`, or `python -m todo_gql`."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Final

from todo_gql.archive import describe, export_database, import_file, source, target
from todo_gql.assign import assign_todos
from todo_gql.auth.owner import owner_of
from todo_gql.command_error import CommandError
from todo_gql.database import DatabaseUnavailable, DatabaseURL, DatabaseURLError, SQLiteURL, parse_database_url
from todo_gql.database.migrations import MigrationError
from todo_gql.doctor import (
    Exposure,
    Finding,
    examine_collector,
    examine_database,
    examine_exposure,
    examine_issuer,
    examine_port,
    examine_transport,
)
from todo_gql.progress import Progress
from todo_gql.purge import purge_database
from todo_gql.revision import change_revision
from todo_gql.seed import seed
from todo_gql.server import is_local, listen, serve
from todo_gql.settings import Settings, SettingsError, load_settings, unknown_variables, variable
from todo_gql.telemetry.logs import LogFormat, set_up_logging
from todo_gql.todos.model import Owner
from todo_gql.todos.purge import Retention
from todo_gql.version import version
from todo_gql.workers import run_workers

_log: Final = logging.getLogger("todo_gql")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code: 1 when it failed, 2 when it was called or set up wrongly."""
    options = _parser().parse_args(arguments)
    set_up_logging()
    return _reporting(lambda: int(options.run(options)))


def _reporting(run: Callable[[], int]) -> int:
    """Say in a sentence why something cannot be done, and answer the exit code."""
    try:
        return run()
    except SettingsError as error:
        return _fail(2, *error.sentences)
    except DatabaseURLError as error:
        return _fail(2, _bad_url(error))
    except (CommandError, DatabaseUnavailable, MigrationError) as error:
        return _fail(1, str(error))
    except KeyboardInterrupt:
        return _fail(130, "Interrupted.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "todo-gql",
        description="A todo service: GraphQL and REST.",
        epilog="Settings: environment variables APP_*, see README.md.",
    )
    parser.add_argument("--version", action="version", version=f"todo-gql {version()}")
    commands = parser.add_subparsers(metavar="command", required=True)

    command = commands.add_parser("serve", help="serve until SIGINT or SIGTERM")
    command.set_defaults(run=_serve)

    command = commands.add_parser("migrate", help="bring the database up to date")
    command.add_argument("--downgrade", metavar="REVISION", help="go back instead; `base` is the old service's table")
    command.set_defaults(run=_migrate)

    command = commands.add_parser("purge", help="remove what is beyond retention: trash and old changes")
    command.set_defaults(run=_purge)

    command = commands.add_parser("export", help="write all todos to a file, as they are at one moment")
    command.add_argument("file", nargs="?", help="JSON Lines; without it, standard output")
    command.set_defaults(run=_export)

    command = commands.add_parser("import", help="put in what an export holds; what is there stays as it is")
    command.add_argument("file", nargs="?", help="what `export` wrote; without it, standard input")
    command.set_defaults(run=_import)

    command = commands.add_parser("assign", help="give existing todos to an owner, those of nobody or another's")
    command.add_argument("subject", help="the `sub` of the owner's tokens, which APP_AUTH_ISSUER issues")
    command.add_argument("--from", dest="giver", metavar="SUBJECT", help="whose todos; without it, nobody's")
    command.add_argument("--from-issuer", metavar="ISSUER", help="who issued the tokens of --from, if another did")
    command.add_argument("--dry-run", action="store_true", help="say what would be given, and give nothing")
    command.set_defaults(run=_assign)

    command = commands.add_parser("seed", help="create 42 example todos over HTTP")
    command.add_argument("--url", default="http://127.0.0.1:8082", help="the service (default: %(default)s)")
    command.set_defaults(run=_seed)

    command = commands.add_parser("schema", help="print the GraphQL schema")
    command.set_defaults(run=_schema)

    command = commands.add_parser("doctor", help="check what the service needs, and say what to do")
    command.set_defaults(run=_doctor)
    return parser


# These two import by themselves what no other command needs: the others would start a second later.


def _serve(_: argparse.Namespace) -> int:
    from todo_gql.app import create_app  # noqa: PLC0415

    settings = _settings()
    set_up_logging(LogFormat(settings.log_format))
    url = _database_url(settings)
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
        return run_workers(settings.workers, lambda ready: _reporting(lambda: serve_one(ready)), listener)


def _schema(_: argparse.Namespace) -> int:
    from todo_gql.graphql.schema import print_sdl  # noqa: PLC0415

    print(print_sdl(), end="")
    return 0


def _migrate(options: argparse.Namespace) -> int:
    settings = _settings()
    url = _database_url(settings)
    before, after = asyncio.run(change_revision(url, options.downgrade, settings.owners_role))
    print(f"{url}: revision {before.current or 'none'}, now {after.current or 'none'}.")
    return 0


def _purge(_: argparse.Namespace) -> int:
    settings = _settings()
    url = _database_url(settings)
    retention = Retention(
        trash=timedelta(days=settings.trash_retention_days), changes=timedelta(days=settings.changes_retention_days)
    )
    purged = asyncio.run(purge_database(url, retention))
    print(
        f"{url}: removed {purged.todos} todos from the trash, {purged.changes} changes from the log "
        f"and {purged.keys} idempotency keys."
    )
    return 0


def _export(options: argparse.Namespace) -> int:
    url = _database_url(_settings())
    progress = Progress(sys.stderr, is_wanted=options.file is not None or not sys.stdout.isatty())
    try:
        with target(options.file) as file:
            head = asyncio.run(export_database(url, file, progress.tell))
    finally:
        progress.clear()
    # Standard output may be the export.
    print(f"{url}: exported {head.todos} todos and {head.dependencies} dependencies.", file=sys.stderr)
    return 0


def _import(options: argparse.Namespace) -> int:
    url = _database_url(_settings())
    progress = Progress(sys.stderr)
    try:
        with source(options.file) as file:
            imported = asyncio.run(import_file(url, file, progress.tell))
    finally:
        progress.clear()
    print(f"{url}: {describe(imported)}.")
    return 0


def _assign(options: argparse.Namespace) -> int:
    settings = _settings()
    url = _database_url(settings)
    if settings.auth_issuer is None:
        raise SettingsError((f"{variable('auth_issuer')} must say who issues the tokens of owners.",))
    if options.from_issuer and not options.giver:
        raise CommandError("--from-issuer goes with --from.")
    giver = owner_of(options.from_issuer or settings.auth_issuer, options.giver) if options.giver else Owner("")
    taker = owner_of(settings.auth_issuer, options.subject)
    assigned = asyncio.run(assign_todos(url, giver, taker, dry_run=options.dry_run))
    print(
        f"{url}: {'would give' if options.dry_run else 'gave'} {assigned.todos} todos, {assigned.dependencies} "
        f"dependencies and {assigned.keys} idempotency keys to {options.subject} (owner {taker})."
    )
    return 0


def _seed(options: argparse.Namespace) -> int:
    for line in seed(options.url):
        print(line)
    return 0


def _doctor(_: argparse.Namespace) -> int:
    return asyncio.run(_examine())


async def _examine() -> int:
    is_healthy = True
    async for finding in _findings():
        print(finding)
        is_healthy = is_healthy and finding.mark != "problem"
    return 0 if is_healthy else 1


async def _findings() -> AsyncIterator[Finding]:
    for sentence in unknown_variables():
        yield Finding("note", "settings", sentence)
    try:
        settings = load_settings()
        url = _database_url(settings)
    except SettingsError as error:
        for sentence in error.sentences:
            yield Finding("problem", "settings", sentence)
        return
    except DatabaseURLError as error:
        yield Finding("problem", "settings", _bad_url(error))
        return
    yield Finding("ok", "settings", "Every value can be used.")
    async for finding in examine_database(url, settings.owners_role):
        yield finding
    yield await examine_collector(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))
    if settings.auth_issuer is not None:
        yield await examine_issuer(settings.auth_issuer)
    yield examine_port(settings.host, settings.port)
    for finding in (*examine_transport(url), *examine_exposure(_exposure(settings))):
        yield finding


def _exposure(settings: Settings) -> Exposure:
    return Exposure(
        host=settings.host,
        authenticates=settings.auth_issuer is not None,
        allowed_hosts=settings.allowed_hosts,
        cors_origins=settings.cors_origins,
        trusted_proxies=settings.trusted_proxies,
        is_rate_limited=settings.rate_limit is not None,
        explains=settings.explain,
        injects_faults=settings.fault_injection,
        has_explorer=settings.explorer,
    )


def _settings() -> Settings:
    for sentence in unknown_variables():
        _log.warning("%s", sentence)
    return load_settings()


def _database_url(settings: Settings) -> DatabaseURL:
    return parse_database_url(settings.database_url.get_secret_value(), has_token=settings.database_auth == "entra")


def _bad_url(error: DatabaseURLError) -> str:
    return f"APP_DATABASE_URL cannot be used. {error}"


def _fail(code: int, *sentences: str) -> int:
    for sentence in sentences:
        print(f"todo-gql: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
