"""Send requests over a few kept connections, and count what the server spends on them."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 16


async def send(port: int, requests: Callable[[int], bytes], count: int) -> None:
    """Send `count` requests, and check that each is answered with 200 or 201 and without errors."""
    numbers = iter(range(count))

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            writer.write(requests(number))
            head = await reader.readuntil(b"\r\n\r\n")
            _, is_counted, rest = head.lower().partition(b"content-length:")
            length = int(rest.split(b"\r\n", 1)[0]) if is_counted else None
            # A stream ends with an empty chunk.
            body = await reader.readuntil(b"\r\n0\r\n\r\n") if length is None else await reader.readexactly(length)
            if head[9:11] != b"20" or b'"errors"' in body:
                raise RuntimeError(f"{head!r} {body[:500]!r}")
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


def post(path: str, body: bytes) -> bytes:
    """Write a request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """Write a request."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def processor_us(pid: int) -> float:
    """Read the processor time of a process with its threads and children, in microseconds (proc_pid_schedstat(5))."""
    own = sum(_spent_ns(task) for task in Path(f"/proc/{pid}/task").iterdir()) / 1000
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(processor_us(int(child)) for child in children if os.path.exists(f"/proc/{child}"))  # noqa: PTH110


def _spent_ns(task: Path) -> int:
    try:
        return int((task / "schedstat").read_text().split()[0])
    except OSError:  # It has just ended.
        return 0
