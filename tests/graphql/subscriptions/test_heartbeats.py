"""Who waits for events is shown that its connection is alive, before a proxy takes it for dead; so is the service."""

import asyncio
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import Event

from tests.graphql.client import GraphQLClient
from tests.graphql.subscriptions.event_stream import subscribed
from tests.graphql.subscriptions.web_socket import opened
from tests.server import running, settings_for
from todo_gql.graphql.subscriptions import streams as streams_module
from todo_gql.server import WEB_SOCKETS

KIND = "subscription ($since: SyncToken) { todoEvents(since: $since) { kind } }"


class Pinged(ClientConnection):
    """A connection that counts how often the service asks whether it is there."""

    pings = 0

    def process_event(self, event: Event) -> None:
        self.pings += isinstance(event, Frame) and event.opcode is Opcode.PING
        super().process_event(event)


async def test_a_silent_stream_has_comments_and_goes_on(sqlite_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams_module, "HEARTBEAT_S", 0.05)
    async with running(settings_for(f"sqlite:///{sqlite_path}")) as http, subscribed(http, KIND) as events:
        for _ in range(3):
            await events.heartbeat()
        await GraphQLClient(http).create("todo")
        event = await events.todo_event()
        await events.heartbeat()

    assert (events.retry_ms, event) == (1000, {"kind": "CREATED"})


async def test_a_silent_socket_is_pinged_and_goes_on(sqlite_path: Path) -> None:
    service = running(settings_for(f"sqlite:///{sqlite_path}"), ws_ping_interval=0.05)
    async with service as http, opened(http, create_connection=Pinged) as socket:
        await socket.subscribe("one", KIND, since=await GraphQLClient(http).sync_token())
        assert isinstance(socket.connection, Pinged)
        async with asyncio.timeout(20):
            while socket.connection.pings < 3:
                # By the time that the service answers this it has also asked by itself, or not yet.
                await (await socket.connection.ping())
        await GraphQLClient(http).create("todo")
        event = await socket.receive()

    assert event["payload"] == {"data": {"todoEvents": {"kind": "CREATED"}}}


async def test_a_socket_that_answers_no_ping_makes_room(sqlite_path: Path) -> None:
    settings = settings_for(f"sqlite:///{sqlite_path}", limit_subscriptions=1)
    async with running(settings, ws_ping_interval=0.05, ws_ping_timeout=0.05) as http, opened(http) as dead:
        await dead.subscribe("one", KIND)
        dead.connection.transport.pause_reading()
        async with asyncio.timeout(8):
            while not await has_room(http):
                pass
        dead.connection.transport.abort()


async def has_room(http: httpx.AsyncClient) -> bool:
    """Say whether the service takes another socket."""
    async with opened(http, initialised=False) as socket:
        try:
            await socket.send({"type": "connection_init"})
            return await socket.receive() == {"type": "connection_ack"}
        except ConnectionClosed:
            return False


def test_sockets_hear_of_the_service_as_often_as_streams_do() -> None:
    assert WEB_SOCKETS["ws_ping_interval"] == streams_module.HEARTBEAT_S
