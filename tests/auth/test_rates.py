"""Who has a token is counted as who they are, not as where they come from."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.auth.issuer import RunningIssuer
from tests.auth.service import authenticated
from tests.graphql.subscriptions.web_socket import opened

SIX = {"rate_limit": 6, "trusted_proxies": "127.0.0.1"}
HERE, THERE = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}


@pytest.fixture
def url(sqlite_path: Path) -> str:
    return f"sqlite:///{sqlite_path}"


def left(response: httpx.Response) -> int:
    return int(response.headers["RateLimit"].split("r=")[1].split(";")[0])


async def spend_all(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    while left(await client.get("/todos", headers=headers)):
        pass


async def test_an_owner_is_one_caller_wherever_they_are(url: str, issuer: RunningIssuer) -> None:
    async with authenticated(url, issuer, **SIX) as client:
        here = await client.get("/todos", headers={**HERE, **issuer.bearer(sub="alice")})
        there = await client.get("/todos", headers={**THERE, **issuer.bearer(sub="alice")})

    assert (left(here), left(there)) == (5, 4)


async def test_owners_at_one_address_take_nothing_of_each_other(url: str, issuer: RunningIssuer) -> None:
    async with authenticated(url, issuer, **SIX) as client:
        await spend_all(client, issuer.bearer(sub="alice"))
        refused = await client.get("/todos", headers=issuer.bearer(sub="alice"))
        answered = await client.get("/todos", headers=issuer.bearer(sub="bob"))

    assert (refused.status_code, refused.headers["Retry-After"], refused.json()["code"]) == (429, "10", "RATE_LIMITED")
    assert (answered.status_code, left(answered)) == (200, 5)


async def test_tokens_are_guessed_as_an_address(url: str, issuer: RunningIssuer) -> None:
    guess = {"Authorization": "Bearer made.up.token", **HERE}

    async with authenticated(url, issuer, **SIX) as client:
        guesses = [await client.get("/todos", headers=guess) for _ in range(8)]
        elsewhere = await client.get("/todos", headers={**THERE, **issuer.bearer()})

    assert [each.status_code for each in guesses] == [401] * 6 + [429] * 2
    assert elsewhere.status_code == 200


async def test_a_socket_is_of_the_owner_whose_token_it_has(url: str, issuer: RunningIssuer) -> None:
    payload: dict[str, Any] = {"type": "connection_init", "payload": issuer.bearer(sub="alice")}

    async with authenticated(url, issuer, **SIX) as client:
        await spend_all(client, issuer.bearer(sub="alice"))
        async with opened(client, initialised=False) as socket:
            await socket.send(payload)
            acknowledged = await socket.receive()
            await socket.subscribe("1", "{ viewer { id } }")
            refused = await socket.receive()
        bob = await client.get("/todos", headers=issuer.bearer(sub="bob"))

    assert acknowledged["type"] == "connection_ack"
    assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert left(bob) == 5


async def test_without_pages_nothing_is_open_for_asking_for_html(url: str, issuer: RunningIssuer) -> None:
    async with authenticated(url, issuer, explorer=False) as client:
        page = await client.get("/graphql", headers={"Accept": "text/html"})
        hashed = await client.get("/graphql?documentId=x", headers={"Accept": "text/html"})

    assert (page.status_code, hashed.status_code) == (401, 401)
