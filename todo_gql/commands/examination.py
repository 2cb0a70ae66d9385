"""Look at what the service needs, part by part, and say what to do where something is missing. Nothing is changed."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Final, Literal, NamedTuple

from todo_gql.commands.tables import check_owners, read_revision
from todo_gql.database import DatabaseUnavailable, DatabaseURL, SQLiteURL
from todo_gql.database.migrations import MigrationError, RevisionState
from todo_gql.server import CannotListen, is_local, listen
from todo_gql.telemetry.destinations import OFF, DestinationError, address_of, split_endpoint

CONNECT_TIMEOUT_S: Final = 3


class Finding(NamedTuple):
    """How one part is; a problem keeps the service from working, what is weak does not, a note needs nothing done."""

    mark: Literal["ok", "note", "weak", "problem"]
    part: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.mark:<8} {self.part:<10} {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What decides who can do what to the service."""

    host: str
    authenticates: bool
    allowed_hosts: Sequence[str]
    cors_origins: Sequence[str]
    trusted_proxies: Sequence[IPv4Network | IPv6Network]
    is_rate_limited: bool
    explains: bool
    injects_faults: bool
    has_explorer: bool


def examine_exposure(exposure: Exposure) -> Iterator[Finding]:
    """Name what is weaker than it need be: where only this machine can reach the service, little is."""
    for sentence in _weak_anywhere(exposure):
        yield Finding("weak", "exposure", sentence)
    if not is_local(exposure.host):
        for sentence in _weak_in_public(exposure):
            yield Finding("weak", "exposure", sentence)


def examine_transport(url: DatabaseURL) -> Iterator[Finding]:
    """See whether whoever stands on the way to the database could read along, or be taken for it."""
    if isinstance(url, SQLiteURL) or url.host is None or _is_here(url.host) or url.ssl_mode == "verify-full":
        return
    sentence = (
        f"With sslmode={url.ssl_mode} nobody knows that it is {url.host} that answers, and reads the password: "
        "let APP_DATABASE_URL say sslmode=verify-full, and sslrootcert= for a certificate authority of your own."
    )
    yield Finding("weak", "database", sentence)


def _weak_anywhere(exposure: Exposure) -> Iterator[str]:
    if "*" in exposure.cors_origins:
        yield "APP_CORS_ORIGINS=* lets every page that a user opens do what the user can: name the origins."
    if any(network.prefixlen == 0 for network in exposure.trusted_proxies):
        yield "APP_TRUSTED_PROXIES believes everyone, so that each caller chooses an address: name the proxies."


def _weak_in_public(exposure: Exposure) -> Iterator[str]:
    where = f"APP_HOST={exposure.host} can be reached by others"
    if not exposure.authenticates:
        yield f"{where}, who read and change every todo: APP_AUTH_ISSUER turns authentication on."
    if not exposure.allowed_hosts:
        yield f"{where}: APP_ALLOWED_HOSTS should say by which names, or any page leads its own name here."
    if not exposure.is_rate_limited:
        yield f"{where}: APP_RATE_LIMIT should say how much each may ask for, unless a proxy does."
    if exposure.explains:
        yield f"{where}: APP_EXPLAIN shows them SQL, and is for development."
    if exposure.injects_faults:
        yield f"{where}: APP_FAULT_INJECTION lets them raise alerts, and is for trying those."
    if exposure.has_explorer:
        yield f"{where}: APP_EXPLORER=false spares pages that nobody needs there."


def _is_here(host: str) -> bool:
    """Say whether a name, an address or the path of a socket is on this machine."""
    return host.startswith("/") or is_local(host.strip("[]"))


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
    except CannotListen as error:
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
