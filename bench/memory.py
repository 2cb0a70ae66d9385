"""Measure the memory of the service: idle, after many requests, and while it streams a million todos: `make bench`."""

import argparse
import asyncio
import random
import sys
import time
from typing import Final

from bench import todos
from bench.client import send
from bench.contestants import Contestant, service
from bench.operations import Requests, operations
from bench.process import resident_mib
from tests.tools.postgres import PostgreSQL, running_postgresql

_STEPS: Final = 10
_MILLION: Final = 1_000_000
_CHUNK: Final = 1 << 16
_PAUSE_S: Final = 0.02


def main() -> int:
    """Print what was found, in sentences of a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=_MILLION, help="in the list that is streamed")
    options = parser.parse_args()
    with running_postgresql() as postgresql:
        _measure_requests(postgresql, options.requests)
        _measure_stream(postgresql, options.rows)
    return 0


def _measure_requests(postgresql: PostgreSQL, count: int) -> None:
    with service(todos.prepare(postgresql)) as contestant:
        print("\n| mixed requests | resident, MiB |\n| ---: | ---: |")
        _print_row(0, contestant)
        for step in range(1, _STEPS + 1):
            asyncio.run(send(contestant.port, _mixed(contestant), count // _STEPS))
            _print_row(step * count // _STEPS, contestant)


def _print_row(requests: int, contestant: Contestant) -> None:
    print(f"| {requests:,} | {resident_mib(contestant.pid):.1f} |", flush=True)


def _mixed(contestant: Contestant) -> Requests:
    """Write any of the operations, each as often as the others."""
    spoken = [requests for operation in operations(None) if (requests := contestant.requests_of(operation))]

    def write(number: int) -> bytes:
        chosen = random.choice(spoken)
        return chosen(number)

    return write


def _measure_stream(postgresql: PostgreSQL, rows: int) -> None:
    with service(todos.prepare(postgresql, rows)) as contestant:
        # What the first request loads once is not the stream's.
        asyncio.run(send(contestant.port, _mixed(contestant), 100))
        before_mib = resident_mib(contestant.pid)
        size, first_byte_s, whole_s, most_mib = asyncio.run(_read_all(contestant))
    print("\n| todos | bytes | first byte, ms | whole, s | resident before, MiB | most more, MiB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    print(
        f"| {rows:,} | {size:,} | {first_byte_s * 1000:.0f} | {whole_s:.1f} | {before_mib:.1f}"
        f" | {most_mib - before_mib:.1f} |"
    )


async def _read_all(contestant: Contestant) -> tuple[int, float, float, float]:
    """Read `GET /todos` to its end: how much it was, when it began and ended, and the most memory on the way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", contestant.port)
    started_at = time.perf_counter()
    writer.write(b"GET /todos HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    if head[9:12] != b"200":
        raise RuntimeError(repr(head))
    most_mib, looked_at, size, first_byte_s = 0.0, 0.0, 0, 0.0
    tail = b""
    while chunk := await reader.read(_CHUNK):
        now = time.perf_counter()
        first_byte_s = first_byte_s or now - started_at
        size, tail = size + len(chunk), (tail + chunk)[-8:]
        if now - looked_at > _PAUSE_S:
            most_mib, looked_at = max(most_mib, resident_mib(contestant.pid)), now
    writer.close()
    if not tail.endswith(b"0\r\n\r\n"):
        raise RuntimeError("The list was cut off.")
    return size, first_byte_s, time.perf_counter() - started_at, most_mib


if __name__ == "__main__":
    sys.exit(main())
