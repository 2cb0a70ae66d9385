"""Read the URL of the database: SQLite's file, or what asyncpg is told. No message from here holds a password."""

import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit


class DatabaseURLError(ValueError):
    """The URL of the database cannot be used; the message is one sentence without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SQLiteURL:
    """The absolute path of a SQLite file whose folder exists. `str()` prints it as a URL."""

    path: Path

    def __str__(self) -> str:
        return f"sqlite:///{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQLURL:
    """What asyncpg connects with, and where that is. `str()` prints it without secrets."""

    dsn: str = field(repr=False)
    printable: str
    user: str | None
    host: str | None
    port: int | None
    database: str | None
    ssl_mode: str
    connect_timeout_s: float | None
    server_settings: Mapping[str, str]
    is_pooled: bool
    """Whether PgBouncer stands between, and hands out connections for a transaction each."""
    is_encrypted: bool
    """Whether nothing is said to a server that cannot be spoken to in secret."""
    give_password: Callable[[], Awaitable[str]] | None = field(default=None, repr=False)
    """Gives the password of a connection that is opened now; None: it stands in the DSN, or elsewhere."""

    def __str__(self) -> str:
        return self.printable


DatabaseURL = SQLiteURL | PostgreSQLURL

_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_ENCRYPTING: Final = frozenset({"require", "verify-ca", "verify-full"})
# The names of libpq that asyncpg reads from a DSN (PostgreSQL documentation, section 34.1.2).
_CONNECTION_PARAMETERS: Final = frozenset(
    {
        *("host", "port", "database", "dbname", "user", "password", "passfile", "service", "target_session_attrs"),
        *("sslmode", "sslnegotiation", "sslrootcert", "sslcrl", "sslcert", "sslkey", "sslpassword"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib"),
    }
)
# The name that Prisma gave it.
_POOLED: Final = frozenset({"pgbouncer"})
_SERVER_SETTINGS: Final = frozenset({"application_name", "options"})
# What libpq knows and asyncpg does not, and what changes nothing that a caller could see.
_IGNORED: Final = frozenset({"gssencmode", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval"})
_SECRETS: Final = frozenset({"password", "sslpassword"})
_HOST: Final = re.compile(r"(?P<name>\[[^\]]+\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?")


def parse_database_url(text: str, *, has_token: bool = False) -> DatabaseURL:
    """Read a database URL; a relative SQLite path starts at the working directory.

    Args:
        text: The URL.
        has_token: Whether PostgreSQL is told who connects by a token of Microsoft Entra, for the identity that the
            environment names.

    Raises:
        DatabaseURLError: with one sentence, when the URL does not name a database that can be used.
    """
    url = _parse(text)
    if not has_token:
        return url
    from todo_gql.database.entra import with_tokens  # noqa: PLC0415  # With a client for HTTP.

    return with_tokens(url, os.environ)


def _parse(text: str) -> DatabaseURL:
    scheme, _, rest = text.strip().partition("://")
    match scheme:
        case "sqlite" | "sqlite+aiosqlite":
            return _parse_sqlite(rest)
        case "postgresql" | "postgres" | "postgresql+asyncpg":
            return _parse_postgresql(rest)
        case _:
            raise DatabaseURLError("The database URL must begin with sqlite:/// or with postgresql://.")


def _parse_sqlite(rest: str) -> SQLiteURL:
    location, _, query = rest.partition("?")
    name = location.removeprefix("/")
    if name in {"", ":memory:"} or name.startswith("file:"):
        raise DatabaseURLError("SQLite needs a file: each connection to an in-memory database would see its own.")
    if not location.startswith("/"):
        raise DatabaseURLError("A SQLite URL has three slashes before a relative path, four before an absolute one.")
    _refuse_unknown(name for name, _ in parse_qsl(query, keep_blank_values=True))
    path = _find_file(Path(name))
    if not path.parent.is_dir():
        raise DatabaseURLError(f"The folder {path.parent} for the SQLite database does not exist.")
    return SQLiteURL(path=path)


def _find_file(path: Path) -> Path:
    # Flask-SQLAlchemy, which the old service used, put relative paths below the folder "instance".
    old_path = Path("instance") / path
    if path.is_absolute() or not old_path.exists():
        return path.absolute()
    if path.exists():
        raise DatabaseURLError(f"Both {path} and {old_path} exist: name the right one by its absolute path.")
    return old_path.absolute()


def _parse_postgresql(rest: str) -> PostgreSQLURL:
    location, _, query = rest.partition("?")
    authority, _, database = location.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    if "#" in rest or rest.count("@") > len(at):
        raise DatabaseURLError("Write @ : / ? # inside the user name or the password as %40 %3A %2F %3F %23.")
    addresses = _parse_hosts(hosts)
    parameters = _parse_parameters(query)
    host, port = addresses[0] if addresses else (parameters.get("host"), None)
    server_settings = {name: parameters.pop(name) for name in _SERVER_SETTINGS & parameters.keys()}
    connect_timeout_s = _parse_seconds(parameters.pop("connect_timeout", None))
    pooled = {name: parameters.pop(name) for name in _POOLED & parameters.keys()}
    dsn = f"postgresql://{location}?{urlencode(parameters, quote_via=quote)}"
    try:
        urlsplit(dsn)
    except ValueError:
        # Not `from error`: its message quotes the user name and the password.
        raise DatabaseURLError("The user name, password or host of the database URL must be percent-encoded.") from None
    user = credentials.partition(":")[0]
    public = {name: value for name, value in parameters.items() if name not in _SECRETS} | server_settings | pooled
    return PostgreSQLURL(
        dsn=dsn,
        printable=f"postgresql://{user}{at}{hosts}/{database}" + (f"?{urlencode(public, safe='/')}" if public else ""),
        user=unquote(user) or parameters.get("user"),
        host=host,
        port=port,
        database=unquote(database) or parameters.get("dbname") or parameters.get("database"),
        ssl_mode=parameters.get("sslmode", "prefer"),
        connect_timeout_s=connect_timeout_s,
        server_settings=server_settings,
        is_pooled=_parse_pooled(pooled),
        is_encrypted=parameters.get("sslmode") in _ENCRYPTING,
    )


def _parse_hosts(hosts: str) -> list[tuple[str, int | None]]:
    found: list[tuple[str, int | None]] = []
    for host in hosts.split(",") if hosts else ():
        match = _HOST.fullmatch(host)
        port = int(match["port"]) if match and match["port"] else None
        if match is None or (port is not None and not 0 < port < 65536):
            raise DatabaseURLError("The database URL must name each host as name or name:port, separated by commas.")
        found.append((unquote(match["name"]), port))
    return found


def _parse_parameters(query: str) -> dict[str, str]:
    try:
        given = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True)) if query else {}
    except ValueError:
        # Not `from error`: its message quotes the parameter, and that may be the rest of a password.
        raise DatabaseURLError("The parameters of the database URL must be name=value, separated by &.") from None
    if "ssl" in given:
        given.setdefault("sslmode", given.pop("ssl"))
    if given.get("sslmode", "prefer") not in _SSL_MODES:
        raise DatabaseURLError(f"The parameter sslmode of the database URL must be one of {', '.join(_SSL_MODES)}.")
    parameters = {name: value for name, value in given.items() if name not in _IGNORED}
    _refuse_unknown(parameters.keys() - _CONNECTION_PARAMETERS - _SERVER_SETTINGS - _POOLED - {"connect_timeout"})
    return parameters


def _refuse_unknown(names: Iterable[str]) -> None:
    for name in sorted(names):
        raise DatabaseURLError(f"The database URL has the parameter {name!r}, which is not known.")


def _parse_pooled(parameters: Mapping[str, str]) -> bool:
    values = {"true": True, "false": False}
    try:
        return any(values[value] for value in parameters.values())
    except KeyError:
        raise DatabaseURLError("The parameter pgbouncer of the database URL must be true or false.") from None


def _parse_seconds(text: str | None) -> float | None:
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,4}", text) is None or int(text) == 0:
        raise DatabaseURLError("The parameter connect_timeout of the database URL must be a whole number of seconds.")
    return float(text)
