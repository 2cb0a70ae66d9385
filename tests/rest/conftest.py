"""A client of the service on each database, whose every answer is held against /openapi.json."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.rest.conformance import Conformance
from tests.server import running, settings_for


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(database_url)) as client:
        await hold_against_openapi(client)
        yield client


async def hold_against_openapi(client: httpx.AsyncClient) -> None:
    """Let the client check each answer that it gets from now on."""
    document = (await client.get("/openapi.json")).json()
    client.event_hooks = {"response": [Conformance(document).check]}
