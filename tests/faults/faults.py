"""What can happen to a service and its database, each once."""

import asyncio
import os
import signal
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import httpx

from tests.tools.postgres import OwnPostgreSQL
from tests.tools.proxy import Proxy

SILENCE_S: Final = 12
"""Longer than any request may take."""

_OTHERS: Final = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@dataclass
class Scene:
    """A service under load, its database, and what was noticed besides the ledger."""

    server: OwnPostgreSQL
    database_url: str
    proxy: Proxy
    client: httpx.AsyncClient
    health_ms: list[float] = field(default_factory=list)
    """How long `/livez` took while nothing was heard of the database."""
    slowest_read_s: float = 0
    whole_after_s: float = 0
    """How long a creation took, at most, that was sent when the database was back."""


Fault = Callable[[Scene], Awaitable[None]]


async def terminate_backends(scene: Scene) -> None:
    """End every connection."""
    connection = await asyncpg.connect(scene.database_url)
    await connection.fetch(f"SELECT pg_terminate_backend(pid) {_OTHERS}")
    await connection.close()


async def kill_a_backend(scene: Scene) -> None:
    """Kill one at work, if one is; PostgreSQL then ends all others, and recovers."""
    connection = await asyncpg.connect(scene.database_url)
    pid = await connection.fetchval(f"SELECT pid {_OTHERS} ORDER BY state <> 'active' LIMIT 1")
    os.kill(pid, signal.SIGKILL)
    connection.terminate()


async def restart(scene: Scene) -> None:
    await asyncio.to_thread(scene.server.restart)


async def crash(scene: Scene) -> None:
    await asyncio.to_thread(scene.server.crash)


async def pause(scene: Scene) -> None:
    async with _silence(scene):
        with scene.server.paused():
            await asyncio.sleep(SILENCE_S)


async def delay_every_packet(scene: Scene) -> None:
    async with _silence(scene):
        scene.proxy.hold()
        await asyncio.sleep(SILENCE_S)
        scene.proxy.release()


async def lose_every_packet(scene: Scene) -> None:
    async with _silence(scene):
        scene.proxy.forget()
        await asyncio.sleep(SILENCE_S)
        scene.proxy.release()


@asynccontextmanager
async def _silence(scene: Scene) -> AsyncIterator[None]:
    """Ask for the service's health and for todos while nothing is heard of the database, and once it is back."""
    is_over = asyncio.Event()

    async def probe() -> None:
        while not is_over.is_set():
            begun_at = time.monotonic()
            (await scene.client.get("/livez")).raise_for_status()
            scene.health_ms.append(1000 * (time.monotonic() - begun_at))
            await asyncio.sleep(0.02)

    async def read() -> None:
        while not is_over.is_set():
            begun_at = time.monotonic()
            await scene.client.get("/todos?limit=1")
            scene.slowest_read_s = max(scene.slowest_read_s, time.monotonic() - begun_at)

    async with asyncio.TaskGroup() as group:
        group.create_task(probe())
        group.create_task(read())
        yield
        is_over.set()
        begun_at = time.monotonic()
        # Not one of the ledger's.
        while (await scene.client.post("/todos", json={"title": f"Back {begun_at}"})).status_code != 201:
            pass
        scene.whole_after_s = max(scene.whole_after_s, time.monotonic() - begun_at)


def ninety_ninth(values: list[float]) -> float:
    """Give the 99th percentile."""
    return statistics.quantiles(values, n=100)[98]
