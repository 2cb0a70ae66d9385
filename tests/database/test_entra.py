"""Connections that are opened with a token of Microsoft Entra, by an endpoint of the tests' own."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.command import call
from tests.tools.entra import LIFE_S, Entra, running_entra
from tests.tools.postgres import PostgreSQL
from todo_gql.database import (
    Connection,
    Database,
    DatabaseUnavailable,
    DatabaseURLError,
    create_engine,
    engine,
    parse_database_url,
)
from todo_gql.database.entra import EntraTokens, WorkloadIdentity, with_tokens
from todo_gql.database.failures import Interrupted


@pytest.fixture
def user(postgresql: PostgreSQL) -> Iterator[str]:
    """A user with a database, whose password is the newest token."""
    name = postgresql.create_user()
    yield name
    postgresql.drop_database(name)
    postgresql.drop_role(name)


@pytest.fixture
def entra(postgresql: PostgreSQL, user: str) -> Iterator[Entra]:
    with running_entra(lambda token: postgresql.set_password(user, token)) as entra:
        yield entra


@dataclass
class Time:
    now: float = 1000

    def __call__(self) -> float:
        return self.now


def environment(entra: Entra, directory: Path) -> Mapping[str, str]:
    file = directory / "token"
    file.write_text("signed by Kubernetes\n")
    return {
        "AZURE_CLIENT_ID": "client",
        "AZURE_TENANT_ID": "tenant",
        "AZURE_FEDERATED_TOKEN_FILE": str(file),
        "AZURE_AUTHORITY_HOST": entra.address,
    }


def identity(entra: Entra, directory: Path) -> WorkloadIdentity:
    environment(entra, directory)
    return WorkloadIdentity(
        client_id="client", tenant_id="tenant", token_file=directory / "token", authority=entra.address
    )


@pytest.fixture
def address(postgresql: PostgreSQL, user: str) -> str:
    """The URL of the user's database, without a password."""
    return postgresql.url_of(user, user).replace(f"{user}:{user}@", f"{user}@")


@asynccontextmanager
async def opened(address: str, entra: Entra, directory: Path) -> AsyncIterator[Database]:
    url = with_tokens(parse_database_url(address), environment(entra, directory))
    database = Database(create_engine(url), retry_s=0)
    try:
        yield database
    finally:
        await database.close()


async def backend(connection: Connection) -> object:
    return await connection.scalar(sa.text("SELECT pg_backend_pid()"))


async def test_a_connection_is_opened_with_a_token_for_the_pods_own(
    address: str, user: str, entra: Entra, tmp_path: Path
) -> None:
    async with opened(address, entra, tmp_path) as database:
        found = await database.read(lambda connection: connection.scalar(sa.text("SELECT current_user")))

    assert found == user
    assert entra.asked == [
        (
            "/tenant/oauth2/v2.0/token",
            {
                "grant_type": "client_credentials",
                "client_id": "client",
                "scope": "https://ossrdbms-aad.database.windows.net/.default",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": "signed by Kubernetes",
            },
        )
    ]


async def test_connections_share_a_token(address: str, entra: Entra, tmp_path: Path) -> None:
    async def meet(connection: Connection) -> object:
        await barrier.wait()
        return await backend(connection)

    barrier = asyncio.Barrier(5)
    async with opened(address, entra, tmp_path) as database:
        backends = await asyncio.gather(*(database.read(meet) for _ in range(5)))

    assert len(set(backends)) == 5
    assert len(entra.tokens) == 1


async def test_a_connection_is_made_anew_in_time(
    address: str, entra: Entra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_TOKEN_CONNECTION_S", 0)
    async with opened(address, entra, tmp_path) as database:
        first, second = [await database.read(backend) for _ in range(2)]

    assert first != second


async def test_connections_without_tokens_stay(postgresql: PostgreSQL, user: str) -> None:
    database = Database(create_engine(parse_database_url(postgresql.url_of(user, user))))

    first, second = [await database.read(backend) for _ in range(2)]
    await database.close()

    assert first == second


async def test_a_token_serves_until_it_is_about_to_end(entra: Entra, tmp_path: Path) -> None:
    time = Time()
    tokens = EntraTokens(identity(entra, tmp_path), time)

    first = await tokens.token()
    time.now += LIFE_S - 301
    again = await tokens.token()
    (tmp_path / "token").write_text("signed later")
    time.now += 2
    second = await tokens.token()

    assert [first, second] == entra.tokens
    assert again == first
    assert entra.asked[-1][1]["client_assertion"] == "signed later"


async def test_while_entra_is_away_a_token_serves_to_its_end(entra: Entra, tmp_path: Path) -> None:
    time = Time()
    tokens = EntraTokens(identity(entra, tmp_path), time)
    first = await tokens.token()

    entra.failure = (503, "away")
    time.now += LIFE_S - 1
    still = await tokens.token()
    time.now += 1
    with pytest.raises(Interrupted, match=r"^Entra gives no token for the database now \(503\)\.$"):
        await tokens.token()
    entra.failure = None
    second = await tokens.token()

    assert still == first
    assert second == entra.tokens[1] != first


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ((400, '{"error": "unauthorized_client", "error_description": "secret"}'), "(400, unauthorized_client)."),
        ((401, "secret"), "(401, an answer that cannot be read)."),
        ((200, "secret"), "(200, an answer that cannot be read)."),
        ((200, '{"access_token": "secret"}'), "(200, an answer that cannot be read)."),
        ((200, '["secret"]'), "(200, an answer that cannot be read)."),
        ((302, ""), "(302, an answer that cannot be read)."),
    ],
)
async def test_what_entra_refuses_is_not_asked_for_again(
    address: str, entra: Entra, tmp_path: Path, failure: tuple[int, str], sentence: str
) -> None:
    entra.failure = failure

    async with opened(address, entra, tmp_path) as database:
        with pytest.raises(DatabaseUnavailable) as refused:
            await database.ping()

    assert str(refused.value) == f"Entra gives no token for the database {sentence}"
    assert not isinstance(refused.value, Interrupted)
    assert len(entra.asked) == 1


async def test_who_has_no_file_or_reaches_nobody_is_told(entra: Entra, tmp_path: Path) -> None:
    known = identity(entra, tmp_path)
    (tmp_path / "token").unlink()

    with pytest.raises(Interrupted, match="FileNotFoundError"):
        await EntraTokens(known).token()
    (tmp_path / "token").write_text("signed")
    with pytest.raises(Interrupted, match="ConnectError"):
        await EntraTokens(
            WorkloadIdentity(
                client_id="client", tenant_id="tenant", token_file=tmp_path / "token", authority="http://127.0.0.1:1"
            )
        ).token()


async def test_a_token_is_nowhere_to_be_read(address: str, entra: Entra, tmp_path: Path) -> None:
    url = with_tokens(parse_database_url(address), environment(entra, tmp_path))
    database = Database(create_engine(url))
    await database.ping()

    told = f"{url} {url!r} {database.engine.url!r} {vars(database)}"
    await database.close()

    assert entra.tokens[0] not in told
    assert "signed by Kubernetes" not in told


@pytest.mark.parametrize(
    ("url", "changes", "sentence"),
    [
        ("sqlite:///todo.db", {}, "Entra tokens are for PostgreSQL alone."),
        (
            "postgresql://todo@host/todo",
            {},
            "An Entra token is only sent encrypted: add sslmode=verify-full to the URL.",
        ),
        (
            "postgresql://todo@host/todo?sslmode=verify-full",
            {"AZURE_TENANT_ID": "", "AZURE_CLIENT_ID": ""},
            "Nothing says for whom Entra tokens would be: AZURE_CLIENT_ID, AZURE_TENANT_ID must be set.",
        ),
        (
            "postgresql://todo@host/todo?sslmode=require",
            {"AZURE_AUTHORITY_HOST": "http://login.example.com/"},
            "AZURE_AUTHORITY_HOST must begin with https://.",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_once(
    url: str, changes: Mapping[str, str], sentence: str, entra: Entra, tmp_path: Path
) -> None:
    with pytest.raises(DatabaseURLError) as refused:
        with_tokens(parse_database_url(url), {**environment(entra, tmp_path), **changes})

    assert str(refused.value) == sentence
    assert entra.asked == []


def test_every_command_uses_them(address: str, entra: Entra, tmp_path: Path) -> None:
    settings = {"APP_DATABASE_URL": address, "APP_DATABASE_AUTH": "entra", **environment(entra, tmp_path)}

    migrated = call(tmp_path, "migrate", **settings)
    purged = call(tmp_path, "purge", **settings)

    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert (purged.returncode, purged.stderr) == (0, "")
    assert len(entra.tokens) == 2
