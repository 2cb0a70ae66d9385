"""What a verified token says of its caller, and for how long that is remembered."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.auth.issuer import AUDIENCE, RunningIssuer, SigningKey
from todo_gql.auth import remembered
from todo_gql.auth.claims import read_caller
from todo_gql.auth.keys import KeyCache
from todo_gql.auth.owner import owner_of
from todo_gql.auth.remembered import Remembered
from todo_gql.auth.tokens import Tokens
from todo_gql.todos.model import AccessScope, Caller
from todo_gql.todos.problems import BadToken

READ, WRITE = AccessScope.READ, AccessScope.WRITE
ENTRA_V1 = {
    "aud": "api://d6a6b2c5-1111-4000-8000-000000000001",
    "iss": "https://sts.windows.net/72f988bf-0000-4000-8000-000000000000/",
    "appid": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "name": "Alice Example",
    "scp": "todos.read todos.write",
    "sub": "q-VUJx7Ug4aFZ1ZwTTSQOwNGzTdYKL5k4L0mL9cWAzg",
    "tid": "72f988bf-0000-4000-8000-000000000000",
    "ver": "1.0",
    "exp": 4102444800,
}
ENTRA_V2 = {
    "aud": "d6a6b2c5-1111-4000-8000-000000000001",
    "iss": "https://login.microsoftonline.com/72f988bf-0000-4000-8000-000000000000/v2.0",
    "azp": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "preferred_username": "alice@example.com",
    "scp": "todos.read",
    "sub": "q-VUJx7Ug4aFZ1ZwTTSQOwNGzTdYKL5k4L0mL9cWAzg",
    "ver": "2.0",
    "exp": 4102444800,
}
KEYCLOAK = {
    "iss": "https://id.example.com/realms/todos",
    "aud": ["todos", "account"],
    "sub": "0b1e6a0e-9c1f-4a53-8f4f-2d8f4d0c7a11",
    "typ": "Bearer",
    "azp": "app",
    "realm_access": {"roles": ["todos.write"]},
    "scope": "openid profile todos.read",
    "name": "Alice Example",
    "exp": 4102444800,
}


@pytest.mark.parametrize(
    ("claims", "name", "scopes"),
    [
        pytest.param(ENTRA_V1, "Alice Example", {READ, WRITE}, id="Entra v1"),
        pytest.param(ENTRA_V2, "alice@example.com", {READ}, id="Entra v2"),
        pytest.param(KEYCLOAK, "Alice Example", {READ}, id="Keycloak"),
    ],
)
def test_the_tokens_of_real_issuers_are_understood(claims: dict[str, Any], name: str, scopes: set[AccessScope]) -> None:
    caller = read_caller(claims)

    assert caller == Caller(
        owner=owner_of(claims["iss"], claims["sub"]),
        actor=claims["sub"],
        name=name,
        scopes=frozenset(scopes),
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        pytest.param({"scope": "todos.write"}, {WRITE}, id="one of several"),
        pytest.param({"scp": ["todos.read"]}, {READ}, id="a list, as Okta has it"),
        pytest.param({"roles": ["todos.read", "todos.write"]}, {READ, WRITE}, id="the roles of a program"),
        pytest.param({"scp": "todos.read", "roles": ["todos.write"]}, {READ}, id="the roles of a user give none"),
        pytest.param({"scp": "", "roles": ["todos.write"]}, set(), id="not even beside an empty scp"),
        pytest.param({"scope": "openid", "roles": ["todos.read"]}, {READ}, id="roles beside a scope"),
        pytest.param({}, set(), id="nothing"),
        pytest.param({"scope": "TODOS.READ todos.reads xtodos.read todos"}, set(), id="similar words"),
        pytest.param({"scope": "todos.read,todos.write"}, set(), id="commas"),
        pytest.param({"scope": 5, "roles": {"todos.read": True}}, set(), id="other types"),
        pytest.param({"roles": ["todos.read", 5, None, ["todos.write"]]}, {READ}, id="other types in a list"),
        pytest.param({"realm_access": {"roles": ["todos.read"]}}, set(), id="roles elsewhere"),
    ],
)
def test_the_scopes_are_those_that_were_granted(claims: dict[str, Any], scopes: set[AccessScope]) -> None:
    caller = read_caller({"iss": "https://id.example.com", "sub": "alice", "exp": 4102444800, **claims})

    assert caller.scopes == scopes


@pytest.mark.parametrize("name", [None, 5, "", ["Alice"]])
def test_a_caller_need_have_no_name(name: object) -> None:
    caller = read_caller({"iss": "https://id.example.com", "sub": "alice", "exp": 4102444800, "name": name})

    assert caller.name is None


def test_an_owner_is_of_the_issuer_and_the_subject() -> None:
    issuer = "https://id.example.com"

    owner = owner_of(issuer, "alice")

    assert owner == hashlib.sha256(b"https://id.example.com\nalice").hexdigest()[:32]
    assert len({owner, owner_of(issuer, "bob"), owner_of(f"{issuer}/", "alice"), owner_of("", "alice")}) == 4


def test_who_was_let_in_late_is_let_in_for_the_rest_of_the_leeway() -> None:
    now = time.time()

    caller = read_caller({"iss": "https://id.example.com", "sub": "alice", "exp": now - 10})

    assert caller.expires_at == datetime.fromtimestamp(now + 20, UTC)


async def test_a_token_is_verified_once(issuer: RunningIssuer) -> None:
    tokens = Tokens(issuer.url, frozenset({AUDIENCE}), KeyCache(issuer.url))
    token = issuer.make()

    first = await tokens.authenticate(f"Bearer {token}")
    again = await tokens.authenticate(f"Bearer {token}")

    assert again is first


async def test_another_signature_is_another_token(issuer: RunningIssuer) -> None:
    tokens = Tokens(issuer.url, frozenset({AUDIENCE}), KeyCache(issuer.url))
    token = issuer.make()
    await tokens.authenticate(f"Bearer {token}")

    forged = f"{token.rpartition('.')[0]}.{issuer.make(key=SigningKey()).rpartition('.')[2]}"

    with pytest.raises(BadToken):
        await tokens.authenticate(f"Bearer {forged}")


@pytest.mark.parametrize("aud", ["d6a6b2c5", "api://d6a6b2c5"])
async def test_the_audience_may_have_several_names(aud: str, issuer: RunningIssuer) -> None:
    tokens = Tokens(issuer.url, frozenset({"d6a6b2c5", "api://d6a6b2c5"}), KeyCache(issuer.url))

    caller = await tokens.authenticate(f"Bearer {issuer.make(aud=aud)}")

    assert caller.actor == "alice"


async def test_a_weak_key_is_not_believed(issuer: RunningIssuer) -> None:
    weak = SigningKey(bits=1024)
    issuer.published = [weak]
    tokens = Tokens(issuer.url, frozenset({AUDIENCE}), KeyCache(issuer.url))
    with pytest.warns(Warning, match="1024 bits"):
        token = issuer.make(key=weak)

    with pytest.raises(BadToken):
        await tokens.authenticate(f"Bearer {token}")


def test_a_caller_is_remembered_until_their_token_expires() -> None:
    now = 1000.0
    memory = Remembered(lambda: now)
    caller = Caller(actor="alice")
    memory.keep(b"1", caller, 1010)

    now = 1009.9
    assert memory.find(b"1") is caller
    now = 1010
    assert memory.find(b"1") is None


def test_a_caller_is_remembered_for_five_minutes() -> None:
    now = 1000.0
    memory = Remembered(lambda: now)
    memory.keep(b"1", Caller(actor="alice"), 9999)

    now += timedelta(minutes=5).total_seconds() - 0.1
    assert memory.find(b"1") is not None
    now += 0.1
    assert memory.find(b"1") is None


def test_a_token_that_has_expired_is_not_remembered_at_all() -> None:
    memory = Remembered(lambda: 1000.0)

    memory.keep(b"1", Caller(actor="alice"), 990)

    assert memory.find(b"1") is None


def test_the_oldest_is_forgotten_for_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 2)
    memory = Remembered()
    expiry = time.time() + 60

    for digest in (b"1", b"2", b"3"):
        memory.keep(digest, Caller(actor=digest.decode()), expiry)

    found = [memory.find(digest) for digest in (b"1", b"2", b"3")]
    assert [caller and caller.actor for caller in found] == [None, "2", "3"]
