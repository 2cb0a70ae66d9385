"""Send requests over a few kept connections."""

import asyncio
from collections.abc import Callable
from typing import Final

CONNECTIONS: Final = 16


async def send(port: int, requests: Callable[[int], bytes], count: int) -> None:
    """Send `count` requests, and check that each is answered with 200 or 201 and without errors."""
    numbers = iter(range(count))

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            writer.write(requests(number))
            await _answer(reader)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


async def ask(port: int, request: bytes) -> bytes:
    """Send one request, and give the body of the answer, which must be as those of `send`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await _answer(reader)
    writer.close()
    return answer


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Read an answer, and give its body; one in chunks with what stands between them (RFC 9112, section 7.1)."""
    head = await reader.readuntil(b"\r\n\r\n")
    _, is_counted, rest = head.lower().partition(b"content-length:")
    length = int(rest.split(b"\r\n", 1)[0]) if is_counted else None
    # A stream ends with an empty chunk.
    body = await reader.readuntil(b"\r\n0\r\n\r\n") if length is None else await reader.readexactly(length)
    if head[9:11] != b"20" or b'"errors"' in body:
        raise RuntimeError(f"{head!r} {body[:500]!r}")
    return body


def post(path: str, body: bytes) -> bytes:
    """Write a request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """Write a request."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
