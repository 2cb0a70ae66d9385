"""Requests that two servers could understand differently, or that have no end: refused, whatever came before them."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.server import serving
from todo_gql.connections.http import HTTPConnection

HOST: Final = b"Host: x\r\n"
GET: Final = b"GET / HTTP/1.1\r\n" + HOST
POST: Final = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED: Final = POST + b"Transfer-Encoding: chunked\r\n\r\n"
BODY: Final = b"0123456789abcdef"
LAST: Final = GET + b"Connection: close\r\n\r\n"
STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ")
UPGRADE: Final = b"Connection: Upgrade\r\nUpgrade: "


class Patient(HTTPConnection):
    request_s = 60


async def echo(request: Request) -> Response:
    body = await request.body()
    return JSONResponse({"body": body.decode(), "headers": [name.decode("latin-1") for name, _ in request.headers.raw]})


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    async with serving(app, connections=Patient) as client:
        yield client


async def conversation(client: httpx.AsyncClient, sent: bytes) -> bytes:
    """Send what may be several requests, and give what comes until the service closes."""
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(sent)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


async def answers(client: httpx.AsyncClient, sent: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(await conversation(client, sent))]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="length and chunks"
        ),
        pytest.param(POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", id="two lengths"),
        pytest.param(POST + b"Content-Length: 5, 5\r\n\r\nhello", id="a list of lengths"),
        pytest.param(POST + b"Content-Length: +5\r\n\r\nhello", id="a length with a sign"),
        pytest.param(POST + b"Content-Length: 1_0\r\n\r\nhello", id="a length as Python reads it"),
        pytest.param(POST + b"Content-Length: 18446744073709551621\r\n\r\nhello", id="a length of 65 bits"),
        pytest.param(POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", id="compressed chunks"),
        pytest.param(
            POST + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="two encodings"
        ),
        pytest.param(POST + b"Transfer-Encoding: identity\r\n\r\n", id="an encoding without an end"),
        pytest.param(POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", id="an encoding that nobody knows"),
        pytest.param(CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n", id="chunks in HTTP/1.0"),
        pytest.param(CHUNKED + b"zz\r\n", id="a chunk without a size"),
        pytest.param(CHUNKED + b"-1\r\n", id="a chunk of less than nothing"),
        pytest.param(CHUNKED + b"10000000000000001\r\n", id="a chunk of 65 bits"),
        pytest.param(CHUNKED + b"1\r\nab\r\n", id="a chunk that is longer than it says"),
        pytest.param(CHUNKED + b"1\na\n0\n\n", id="chunks in lines of Unix"),
        pytest.param(CHUNKED + b"1;a\nb\r\n", id="half a line end in an extension"),
        pytest.param(GET + b"A: b\r\n c\r\n\r\n", id="a header on two lines"),
        pytest.param(GET + b"A : b\r\n\r\n", id="a space before the colon"),
        pytest.param(GET + b"A\0: b\r\n\r\n", id="NUL in a name"),
        pytest.param(GET + b"A: \0\r\n\r\n", id="NUL in a value"),
        pytest.param(GET + b"A: \x7f\r\n\r\n", id="DEL in a value"),
        pytest.param(GET + b"A: b\rc\r\n\r\n", id="half a line end in a value"),
        pytest.param(GET.replace(b"\r\n", b"\n") + b"\n", id="lines of Unix"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(GET + b"Host: y\r\n\r\n", id="two hosts"),
        pytest.param(b"GET http://y/ HTTP/1.1\r\n" + HOST + b"\r\n", id="a target on another host"),
        pytest.param(b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n", id="a method of nobody"),
        pytest.param(b"CONNECT x:80 HTTP/1.1\r\n" + HOST + b"\r\n", id="a tunnel"),
        pytest.param(b"GET /\r\n\r\n", id="HTTP/0.9"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(GET + b"A: " + b"b" * 20_000, id="a head without an end"),
        pytest.param(GET + b"A: b\r\n" * 3_000, id="headers without an end"),
        pytest.param(b"\r\n" * 9_000, id="empty lines without an end"),
        pytest.param(CHUNKED + b"1;" + b"a" * 40_000, id="an extension without an end"),
        pytest.param(CHUNKED + b"0\r\n" + b"A: b\r\n" * 7_000, id="trailers without an end"),
    ],
)
async def test_it_is_refused_and_the_connection_closed(client: httpx.AsyncClient, sent: bytes) -> None:
    assert await answers(client, sent) == [400]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x16\x03", id="no request"),
        pytest.param(CHUNKED + b"zz\r\n", id="half a request"),
        pytest.param(GET + UPGRADE + b"websocket\r\n\r\n", id="a WebSocket"),
    ],
)
async def test_what_came_before_it_is_answered_first(client: httpx.AsyncClient, sent: bytes) -> None:
    assert await answers(client, (GET + b"\r\n") * 2 + sent) == [200, 200, 400]


async def test_a_hundred_requests_wait_for_their_turn_and_no_more(client: httpx.AsyncClient) -> None:
    assert await answers(client, (GET + b"\r\n") * 200) == [200] * 101 + [400]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET http://x/ HTTP/1.1\r\n" + HOST + b"\r\n", id="a target with its host"),
        pytest.param(b"\r\n" + GET + b"\r\n", id="an empty line before it"),
        pytest.param(GET + UPGRADE + b"h2c\r\n\r\n", id="a wish for HTTP/2"),
        pytest.param(GET + b"A: " + b"b" * 16_000 + b"\r\n\r\n", id="a head of nearly 16 KiB"),
    ],
)
async def test_what_is_unusual_but_clear_is_answered(client: httpx.AsyncClient, sent: bytes) -> None:
    assert await answers(client, sent + LAST) == [200, 200]


async def test_http_1_0_needs_no_host(client: httpx.AsyncClient) -> None:
    assert await answers(client, b"GET / HTTP/1.0\r\n\r\n") == [200]


@pytest.mark.parametrize("connection", [b"", b"Connection: close\r\n"], ids=["kept", "closed"])
@pytest.mark.parametrize(
    "framed",
    [
        pytest.param(b"Content-Length: 16\r\n\r\n" + BODY, id="of a known length"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n10\r\n" + BODY + b"\r\n0\r\n\r\n", id="in chunks"),
    ],
)
async def test_a_body_with_a_wish_for_http_2_is_the_body(
    client: httpx.AsyncClient, framed: bytes, connection: bytes
) -> None:
    received = await conversation(client, POST + UPGRADE + b"h2c\r\n" + connection + framed + LAST)

    assert b'{"body":"0123456789abcdef"' in received
    assert len(STATUS.findall(received)) == (1 if connection else 2)


async def test_a_trailer_is_no_header(client: httpx.AsyncClient) -> None:
    received = await conversation(client, CHUNKED + b"10\r\n" + BODY + b"\r\n0\r\nX-Trailer: a\r\n\r\n" + LAST)

    assert b'"headers":["host","transfer-encoding"]' in received


async def test_a_body_is_asked_for_where_that_is_expected(client: httpx.AsyncClient) -> None:
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(POST + b"Expect: 100-continue\r\nContent-Length: 16\r\n\r\n")

    async with asyncio.timeout(5):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(BODY)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.close()
