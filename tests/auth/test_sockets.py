"""Who asks over a WebSocket, and for how long."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.auth.issuer import RunningIssuer
from tests.auth.service import authenticated
from tests.graphql.subscriptions.web_socket import Socket, opened

EVENTS = "subscription { todoEvents { kind todo { title } } }"
ACKNOWLEDGED = {"type": "connection_ack"}
PONG = {"type": "pong"}
EXPIRED = (4403, "The token has expired; resume with a new one and the last sync token.")


@asynccontextmanager
async def introduced(client: httpx.AsyncClient, token: str) -> AsyncIterator[Socket]:
    """Open a socket that is acknowledged for a token."""
    async with opened(client, initialised=False) as socket:
        await socket.send({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        assert await socket.receive() == ACKNOWLEDGED
        yield socket


async def ping(socket: Socket, token: str) -> None:
    await socket.send({"type": "ping", "payload": {"Authorization": f"Bearer {token}"}})


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
async def test_a_token_opens_a_socket(name: str, client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    payload = {name: f"Bearer {steady_issuer.make(sub='hanna')}", "other": 5}

    async with opened(client, initialised=False) as socket:
        await socket.send({"type": "connection_init", "payload": payload})
        acknowledged = await socket.receive()
        await socket.subscribe("1", "{ viewer { id } }")
        answer = await socket.receive()

    assert acknowledged == ACKNOWLEDGED
    assert answer["payload"] == {"data": {"viewer": {"id": "hanna"}}}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "Send a token: `Authorization: Bearer ...`."),
        ({"payload": None}, "Send a token: `Authorization: Bearer ...`."),
        ({"payload": {"Authorization": 5}}, "Send a token: `Authorization: Bearer ...`."),
        ({"payload": {"Authorization": "Basic YTpi"}}, "Send a token: `Authorization: Bearer ...`."),
        ({"payload": {"Authorization": "Bearer abc"}}, "The token cannot be used here."),
        ({"payload": {"Authorization": "Bearer \ud800"}}, "The token cannot be used here."),
    ],
)
async def test_a_socket_without_a_good_token_is_closed(
    payload: dict[str, Any], reason: str, client: httpx.AsyncClient
) -> None:
    async with opened(client, initialised=False) as socket:
        await socket.send({"type": "connection_init", **payload})

        assert await socket.closed() == (4403, reason)


async def test_the_headers_of_the_handshake_open_nothing(
    client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    async with opened(client, initialised=False, additional_headers=steady_issuer.bearer()) as socket:
        await socket.send({"type": "connection_init"})

        assert (await socket.closed())[0] == 4403


async def test_nothing_is_answered_before_the_token(client: httpx.AsyncClient) -> None:
    async with opened(client, initialised=False) as socket:
        await socket.subscribe("1", "{ todos { nodes { id } } }")

        assert await socket.closed() == (4401, "Unauthorized")


async def test_a_ping_before_the_introduction_is_none(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    async with opened(client, initialised=False) as socket:
        await ping(socket, steady_issuer.make())
        assert await socket.receive() == PONG
        await socket.subscribe("1", "{ todos { nodes { id } } }")

        assert (await socket.closed())[0] == 4401


async def test_a_socket_is_closed_when_its_token_expires(
    client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    expiry = time.time() + 1

    async with introduced(client, steady_issuer.make(exp=expiry)) as socket:
        await socket.subscribe("1", EVENTS)

        assert await socket.closed() == EXPIRED
    assert expiry <= time.time() < expiry + 5


async def test_a_new_token_keeps_a_socket_open(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    headers = steady_issuer.bearer(sub="ida")
    short = steady_issuer.make(sub="ida", exp=time.time() + 1)

    async with introduced(client, short) as renewed, introduced(client, short) as other:
        await renewed.subscribe("1", EVENTS)
        await ping(renewed, steady_issuer.make(sub="ida"))
        assert await renewed.receive() == PONG
        assert await other.closed() == EXPIRED

        await client.post("/todos", json={"title": "Buy milk"}, headers=headers)
        event = await renewed.receive()

    assert event["payload"]["data"]["todoEvents"] == {"kind": "CREATED", "todo": {"title": "Buy milk"}}


async def test_a_token_may_be_renewed_again_and_again(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    async with introduced(client, steady_issuer.make(sub="jan", exp=time.time() + 60)) as socket:
        await ping(socket, steady_issuer.make(sub="jan", exp=time.time() + 600))
        assert await socket.receive() == PONG
        await ping(socket, steady_issuer.make(sub="jan", exp=time.time() + 1))
        assert await socket.receive() == PONG

        assert await socket.closed() == EXPIRED


async def test_what_is_asked_after_a_new_token_is_asked_with_it(
    client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    async with introduced(client, steady_issuer.make(sub="kim", scope="todos.read")) as socket:
        await ping(socket, steady_issuer.make(sub="kim"))
        assert await socket.receive() == PONG
        await socket.subscribe("1", "{ viewer { scopes } }")
        answer = await socket.receive()

    assert answer["payload"] == {"data": {"viewer": {"scopes": ["todos.read", "todos.write"]}}}


@pytest.mark.parametrize("payload", [None, {}, {"other": 5}, {"Authorization": None}])
async def test_a_ping_without_a_token_is_a_ping(
    payload: object, client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    async with introduced(client, steady_issuer.make()) as socket:
        await socket.send({"type": "ping", "payload": payload})

        assert await socket.receive() == PONG


async def test_another_caller_gets_no_socket_of_mine(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    async with introduced(client, steady_issuer.make(sub="lea")) as socket:
        await ping(socket, steady_issuer.make(sub="max"))

        assert await socket.closed() == (4403, "The token is another caller's: open another socket for it.")


async def test_a_new_token_may_not_allow_less(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    async with introduced(client, steady_issuer.make()) as socket:
        await ping(socket, steady_issuer.make(scope="todos.write"))

        assert await socket.closed() == (4403, "The token allows less than the last one: open another socket for it.")


async def test_a_bad_token_renews_nothing(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    async with introduced(client, steady_issuer.make()) as socket:
        await ping(socket, "abc")

        assert await socket.closed() == (4403, "The token cannot be used here.")


async def test_a_socket_needs_the_scopes_too(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    async with introduced(client, steady_issuer.make(scope="todos.write")) as socket:
        await socket.subscribe("1", EVENTS)
        refused = await socket.receive()
        await socket.subscribe("2", 'mutation { todoDelete(id: "1") { __typename } }')
        done = await socket.receive()

    assert (refused["id"], refused["type"]) == ("1", "error")
    assert refused["payload"][0]["message"] == "This needs the scope todos.read."
    assert refused["payload"][0]["extensions"]["code"] == "FORBIDDEN"
    assert done["payload"] == {"data": {"todoDelete": {"__typename": "NotFoundProblem"}}}


async def test_a_socket_is_sent_back_while_the_issuer_is_away(sqlite_path: Path, issuer: RunningIssuer) -> None:
    await issuer.go_away()
    async with authenticated(f"sqlite:///{sqlite_path}", issuer) as client, opened(client, initialised=False) as socket:
        await socket.send({"type": "connection_init", "payload": issuer.bearer()})
        closed = await socket.closed()
    await issuer.come()

    assert closed == (1013, "Who issued the token cannot be asked now; try again.")
