"""The command line: `todo-gql`, or `python -m todo_gql`."""

import argparse
import sys
from collections.abc import Sequence

from todo_gql.commands import archive, assign, doctor, migrate, purge, schema, seed, serve
from todo_gql.commands.failures import reporting
from todo_gql.telemetry.logs import set_up_logging
from todo_gql.version import version


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code: 1 when it failed, 2 when it was called or set up wrongly."""
    options = _parser().parse_args(arguments)
    set_up_logging()
    return reporting(lambda: int(options.run(options)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "todo-gql",
        description="A todo service: GraphQL and REST.",
        epilog="Settings: environment variables APP_*, see README.md.",
    )
    parser.add_argument("--version", action="version", version=f"todo-gql {version()}")
    commands = parser.add_subparsers(metavar="command", required=True)

    command = commands.add_parser("serve", help="serve until SIGINT or SIGTERM")
    command.set_defaults(run=serve.run)

    command = commands.add_parser("migrate", help="bring the database up to date")
    command.add_argument("--downgrade", metavar="REVISION", help="go back instead; `base` is the old service's table")
    command.set_defaults(run=migrate.run)

    command = commands.add_parser("purge", help="remove what is beyond retention: trash and old changes")
    command.set_defaults(run=purge.run)

    command = commands.add_parser("export", help="write all todos to a file, as they are at one moment")
    command.add_argument("file", nargs="?", help="JSON Lines; without it, standard output")
    command.set_defaults(run=archive.run_export)

    command = commands.add_parser("import", help="put in what an export holds; what is there stays as it is")
    command.add_argument("file", nargs="?", help="what `export` wrote; without it, standard input")
    command.set_defaults(run=archive.run_import)

    command = commands.add_parser("assign", help="give existing todos to an owner, those of nobody or another's")
    command.add_argument("subject", help="the `sub` of the owner's tokens, which APP_AUTH_ISSUER issues")
    command.add_argument("--from", dest="giver", metavar="SUBJECT", help="whose todos; without it, nobody's")
    command.add_argument("--from-issuer", metavar="ISSUER", help="who issued the tokens of --from, if another did")
    command.add_argument("--dry-run", action="store_true", help="say what would be given, and give nothing")
    command.set_defaults(run=assign.run)

    command = commands.add_parser("seed", help="create 42 example todos over HTTP")
    command.add_argument("--url", default="http://127.0.0.1:8082", help="the service (default: %(default)s)")
    command.set_defaults(run=seed.run)

    command = commands.add_parser("schema", help="print the GraphQL schema")
    command.set_defaults(run=schema.run)

    command = commands.add_parser("doctor", help="check what the service needs, and say what to do")
    command.set_defaults(run=doctor.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
