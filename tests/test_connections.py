"""Clients that send slowly, take nothing, or send too much: their connections are closed, and others go on."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.server import serving, settings_for
from todo_gql.app import create_app
from todo_gql.connections.http import HTTPConnection
from todo_gql.connections.websocket import WebSocketConnection

GET: Final = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
POST: Final = b"POST /todos HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n"


UPGRADE: Final = (
    b"GET /flood HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Impatient(HTTPConnection):
    request_s = 0.2
    answer_s = 0.2


class ImpatientSocket(WebSocketConnection):
    answer_s = 0.2


class Patient(HTTPConnection):
    request_s = 60


@pytest.fixture
async def client(sqlite_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service whose clients have a fifth of a second."""
    async with serving(create_app(settings_for(f"sqlite:///{sqlite_path}")), connections=Impatient) as client:
        yield client


async def connect(client: httpx.AsyncClient) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(client.base_url.host, client.base_url.port)


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of a connection on which nothing is answered."""
    try:
        async with asyncio.timeout(5):
            return await reader.read() == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /li", GET[:-2], POST, POST + b'{"title"'],
    ids=["nothing", "half a line", "half a head", "no body", "half a body"],
)
async def test_what_is_half_sent_is_closed(sent: bytes, client: httpx.AsyncClient) -> None:
    reader, writer = await connect(client)
    writer.write(sent)

    assert await is_closed(reader)
    writer.close()


async def test_two_hundred_of_them_are_gone_and_others_are_answered(client: httpx.AsyncClient) -> None:
    connections = [await connect(client) for _ in range(200)]
    for _, writer in connections:
        writer.write(POST + b'{"title"')

    answer = await client.get("/todos")
    closed = await asyncio.gather(*(is_closed(reader) for reader, _ in connections))
    for _, writer in connections:
        writer.close()

    assert answer.status_code == 200
    assert all(closed)


async def test_a_byte_now_and_then_does_not_help(client: httpx.AsyncClient) -> None:
    reader, writer = await connect(client)

    async def trickle() -> None:
        for byte in GET:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())

    assert await is_closed(reader)
    trickling.cancel()
    writer.close()


async def test_the_second_request_of_a_connection_has_the_same_time(client: httpx.AsyncClient) -> None:
    reader, writer = await connect(client)
    writer.write(GET)
    await reader.readuntil(b'{"status":"ok"}')
    writer.write(GET[:-2])

    assert await is_closed(reader)
    writer.close()


async def test_a_kept_connection_may_be_idle_for_longer(client: httpx.AsyncClient) -> None:
    first = await client.get("/livez")
    await asyncio.sleep(0.4)
    second = await client.get("/livez")

    ports = [answer.extensions["network_stream"].get_extra_info("client_addr")[1] for answer in (first, second)]
    assert ports[0] == ports[1]


async def test_an_answer_may_take_longer_than_the_request(sqlite_path: Path) -> None:
    async def answer(_: Request) -> Response:
        await asyncio.sleep(0.4)
        return Response("done")

    app = create_app(settings_for(f"sqlite:///{sqlite_path}"))
    app.router.routes.append(Route("/slow", answer, methods=["POST"]))
    async with serving(app, connections=Impatient) as client:
        assert (await client.post("/slow", content=b"body")).text == "done"


async def test_who_takes_nothing_of_an_answer_is_closed(sqlite_path: Path) -> None:
    was_cut_off = asyncio.Event()

    async def without_end() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 65_536
                await asyncio.sleep(0)
        finally:
            was_cut_off.set()

    async def answer(_: Request) -> Response:
        return StreamingResponse(without_end())

    app = create_app(settings_for(f"sqlite:///{sqlite_path}"))
    app.router.routes.append(Route("/endless", answer))
    async with serving(app, connections=Impatient) as client:
        with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as taker:
            taker.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.wait_for(was_cut_off.wait(), 5)


async def test_a_head_of_more_than_16_kib_is_refused(sqlite_path: Path) -> None:
    async with serving(create_app(settings_for(f"sqlite:///{sqlite_path}")), connections=Patient) as client:
        reader, writer = await connect(client)
        writer.write(GET[:-2] + b"X: " + b"x" * 20_000)
        answer = await asyncio.wait_for(reader.readline(), 5)
        writer.close()

    assert answer == b"HTTP/1.1 400 Bad Request\r\n"


@pytest.mark.parametrize("is_closed_by", ["the service", "nobody"])
async def test_a_socket_that_takes_nothing_is_closed(is_closed_by: str, sqlite_path: Path) -> None:
    was_let_go = asyncio.Event()

    async def flood(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1 if is_closed_by == "the service" else None):
                    while True:
                        await websocket.send_text("x" * 65_536)
            # Waits for its turn to be sent, after what the client does not take.
            await websocket.close()
        except WebSocketDisconnect:
            was_let_go.set()

    app = create_app(settings_for(f"sqlite:///{sqlite_path}"))
    app.router.routes.append(WebSocketRoute("/flood", flood))
    async with serving(app, ws=ImpatientSocket) as client:
        with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as taker:
            taker.sendall(UPGRADE)
            await asyncio.wait_for(was_let_go.wait(), 5)
