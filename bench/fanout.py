"""Time how events reach many subscribers of one process, by server-sent events: `make bench`."""

import asyncio
import resource
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import httpx

from bench.process import resident_mib
from tests.process import Service, serving

SUBSCRIBERS: Final = 1000
EVENTS: Final = 50
BURST: Final = 100
OPENING: Final = 50
MARK: Final = b"event: next"
DOCUMENT: Final = "subscription { todoEvents { kind version todo { id title status } } }"
CREATE: Final = 'mutation { todoCreate(input: {title: "todo"}) { __typename } }'
BULK: Final = "mutation ($operations: [TodoOperation!]!) { todoBulk(operations: $operations) { __typename } }"


class Subscribers(asyncio.Protocol):
    """One connection; all of them count together."""

    opening = asyncio.Semaphore(OPENING)
    arrivals: list[float] = []  # noqa: RUF012  # Shared on purpose.
    wanted = 0
    complete = asyncio.Event()

    def __init__(self) -> None:
        self._is_open = False
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Subscribe."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        transport.write(
            f"GET /graphql?query={quote(DOCUMENT)} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Count the events that begin in what has come."""
        if not self._is_open and b"retry:" in data:
            self._is_open = True
            Subscribers.opening.release()
        now = time.perf_counter()
        # What begins in one piece and ends in the next counts with that one.
        Subscribers.arrivals.extend([now] * (self._tail + data).count(MARK))
        self._tail = (self._tail + data)[1 - len(MARK) :]
        if len(Subscribers.arrivals) >= Subscribers.wanted:
            Subscribers.complete.set()


def main() -> None:
    """Print a table."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * SUBSCRIBERS), hard), hard))
    with tempfile.TemporaryDirectory() as directory, serving(Path(directory)) as service:
        asyncio.run(_measure(service))


async def _measure(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=60) as client:
        await _send(client, CREATE)
        before = resident_mib(service.pid)
        await _subscribe(service.url)
        memory_kib = (resident_mib(service.pid) - before) * 1024 / SUBSCRIBERS
        delays = sorted([delay for _ in range(EVENTS) for delay in await _one_event(client)])
        rate = await _burst(client)
    p50, p99 = delays[len(delays) // 2], delays[len(delays) * 99 // 100]
    print("| subscribers | events | from request to delivery: p50, ms | p99, ms | burst, deliveries/s | KiB each |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    print(f"| {SUBSCRIBERS:,} | {EVENTS} | {p50 * 1000:.0f} | {p99 * 1000:.0f} | {rate:,.0f} | {memory_kib:.1f} |")


async def _subscribe(url: str) -> None:
    loop = asyncio.get_running_loop()
    address = urlsplit(url)
    for _ in range(SUBSCRIBERS):
        await Subscribers.opening.acquire()
        await loop.create_connection(Subscribers, address.hostname or "", address.port or 0)
    for _ in range(OPENING):
        await Subscribers.opening.acquire()


async def _one_event(client: httpx.AsyncClient) -> list[float]:
    started = time.perf_counter()
    await _deliver(client, CREATE, 1)
    return [arrival - started for arrival in Subscribers.arrivals]


async def _burst(client: httpx.AsyncClient) -> float:
    started = time.perf_counter()
    await _deliver(client, BULK, BURST, operations=[{"create": {"title": "todo"}}] * BURST)
    return BURST * SUBSCRIBERS / (max(Subscribers.arrivals) - started)


async def _deliver(client: httpx.AsyncClient, document: str, events: int, **variables: object) -> None:
    Subscribers.arrivals.clear()
    Subscribers.wanted = events * SUBSCRIBERS
    Subscribers.complete.clear()
    await _send(client, document, **variables)
    async with asyncio.timeout(60):
        await Subscribers.complete.wait()


async def _send(client: httpx.AsyncClient, document: str, **variables: object) -> None:
    answer = await client.post("/graphql", json={"query": document, "variables": variables})
    answer.raise_for_status()


if __name__ == "__main__":
    main()
