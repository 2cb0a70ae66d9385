"""One fault, again and again, while todos are created; then the audit."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests import loopback
from tests.faults.faults import Fault, Scene
from tests.faults.ledger import WRITERS, Ledger, create, writing
from tests.faults.report import Bounds, Result
from tests.process import Service, serving
from tests.tools.postgres import OwnPostgreSQL
from tests.tools.proxy import proxy_to
from todo_gql.database import parse_database_url
from todo_gql.database.migrations import upgrade

BETWEEN: Final = 10 * WRITERS
"""How many todos are created from one fault to the next."""
RECOVERY_S: Final = 60
"""A service that has acknowledged nothing for so long never will."""
DRAIN_S: Final = 2


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What happens how often, and what must hold."""

    name: str
    fault: Fault
    times: int
    bounds: Bounds


async def run(scenario: Scenario, server: OwnPostgreSQL, database_url: str) -> Result:
    """Let it happen as often as it is to, and look what has become of the todos."""
    await upgrade(parse_database_url(database_url))
    async with proxy_to(database_url) as (proxy, url), _service(url) as (_, client):
        async with writing(client) as ledger:
            scene = Scene(server=server, database_url=database_url, proxy=proxy, client=client)
            await ledger.grow_by(WRITERS)
            for _ in range(scenario.times):
                await scenario.fault(scene)
                async with asyncio.timeout(RECOVERY_S):
                    await ledger.grow_by(BETWEEN)
        audit = await ledger.audit(client)
    return Result(
        name=scenario.name, times=scenario.times, ledger=ledger, audit=audit, bounds=scenario.bounds, scene=scene
    )


async def run_stops(name: str, times: int, database_url: str) -> Result:
    """Stop the service by SIGTERM under load; callers leave once an answer closes their connection."""
    await upgrade(parse_database_url(database_url))
    ledger = Ledger()

    async def leave_when_told(answer: httpx.Response) -> None:
        if answer.headers.get("Connection") == "close":
            ledger.is_over.set()

    for _ in range(times):
        ledger.begin()
        async with _service(database_url, APP_DRAIN_SECONDS=str(DRAIN_S)) as (service, client):
            client.event_hooks = {"response": [leave_when_told]}
            async with create(ledger, client):
                await ledger.grow_by(BETWEEN)
                service.signal(signal.SIGTERM)
    async with _service(database_url) as (_, client):
        audit = await ledger.audit(client)
    return Result(name=name, times=times, ledger=ledger, audit=audit, bounds=Bounds())


@asynccontextmanager
async def _service(database_url: str, **settings: str) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        starting = serving(directory, APP_DATABASE_URL=database_url, **settings)
        # It connects through a proxy that runs here.
        service = await asyncio.to_thread(stack.enter_context, starting)
        client = loopback.async_client(service.url, timeout=30)
        yield service, await stack.enter_async_context(client)
