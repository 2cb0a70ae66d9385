"""The service with its telemetry, in the test's own process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.server import running, settings_for


@asynccontextmanager
async def watched(database_url: str, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """Run the service; when the block is left, everything has arrived at the receiver."""
    async with running(settings_for(database_url, **settings)) as client:
        yield client


def trace_id(response: httpx.Response) -> str:
    """Read the id of the trace from an answer."""
    version, found, span_id, flags = response.headers["traceresponse"].split("-")
    assert (version, len(found), len(span_id), len(flags)) == ("00", 32, 16, 2)
    identified: str = found
    return identified
