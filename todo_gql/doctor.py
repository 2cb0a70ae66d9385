"""Look at everything that the service needs, and say what to do where something is missing. Nothing is changed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Literal, NamedTuple

from todo_gql.command_error import CommandError
from todo_gql.database import DatabaseUnavailable, DatabaseURL, SQLiteURL
from todo_gql.database.migrations import MigrationError, RevisionState
from todo_gql.revision import check_owners, read_revision
from todo_gql.server import listen
from todo_gql.telemetry.destinations import OFF, DestinationError, address_of, split_endpoint

CONNECT_TIMEOUT_S: Final = 3


class Finding(NamedTuple):
    """How one part is; a problem says what to do, a note needs nothing done."""

    mark: Literal["ok", "note", "problem"]
    part: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.mark:<8} {self.part:<10} {self.sentence}"


async def examine_database(url: DatabaseURL, owners_role: str | None) -> AsyncIterator[Finding]:
    """See whether the database answers, whether its tables are those of this version, and whom they are kept from."""
    # Connecting would make the file.
    if isinstance(url, SQLiteURL) and not url.path.exists():
        yield Finding("ok", "database", f"The first start makes {url}.")
        return
    try:
        status = await read_revision(url)
    except DatabaseUnavailable as error:
        yield Finding("problem", "database", str(error))
        return
    yield Finding("ok", "database", f"{url} answers.")
    match status.state, isinstance(url, SQLiteURL):
        case RevisionState.UP_TO_DATE, _:
            yield Finding("ok", "migrations", str(status))
        case RevisionState.AHEAD, False:
            yield Finding("note", "migrations", str(status))
        case ((RevisionState.EMPTY | RevisionState.BEHIND), True):
            yield Finding("note", "migrations", "The next start brings the tables up to date.")
        case _:
            yield Finding("problem", "migrations", str(status))
            return
    try:
        await check_owners(url, owners_role)
    except (DatabaseUnavailable, MigrationError) as error:
        yield Finding("problem", "owners", str(error))
        return
    if owners_role is not None:
        yield Finding("ok", "owners", _owners(url, owners_role))


def _owners(url: DatabaseURL, owners_role: str) -> str:
    if isinstance(url, SQLiteURL):
        return "Every statement asks for the owner's rows alone; SQLite itself keeps nobody from others'."
    return f"Row-level security keeps owners apart, for the role {owners_role}."


async def examine_issuer(issuer: str) -> Finding:
    """See whether the issuer of tokens can be asked for its keys."""
    # Nobody else needs what it imports.
    from todo_gql.auth.issuer import IssuerError, ask_for_keys  # noqa: PLC0415

    try:
        keys = await ask_for_keys(issuer)
    except IssuerError as error:
        return Finding("problem", "issuer", f"{error} Without its keys nobody is let in: see APP_AUTH_ISSUER.")
    return Finding("ok", "issuer", f"{issuer} answers; keys that tokens can be signed by: {len(keys)}.")


def examine_port(host: str, port: int) -> Finding:
    """See whether the service could listen."""
    try:
        listen(host, port).close()
    except CommandError as error:
        return Finding("problem", "port", str(error))
    return Finding("ok", "port", f"Port {port} on {host} is free.")


async def examine_collector(endpoint: str | None) -> Finding:
    """See whether the OpenTelemetry collector accepts connections.

    Args:
        endpoint: A URL, or host:port as the old service had it; None, empty and `dummy` turn telemetry off.
    """
    if not endpoint or endpoint == OFF:
        return Finding("ok", "collector", "OTEL_EXPORTER_OTLP_ENDPOINT names none: nothing is exported.")
    try:
        host, port = address_of(split_endpoint(endpoint))
    except DestinationError as error:
        return Finding("problem", "collector", str(error))
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, UnicodeError):
        advice = f"Nothing listens on {host}:{port}: start the collector, or unset OTEL_EXPORTER_OTLP_ENDPOINT."
        return Finding("problem", "collector", advice)
    writer.close()
    return Finding("ok", "collector", f"{host}:{port} accepts connections.")
