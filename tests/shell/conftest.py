from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest

from tests.server import running, settings_for

type Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def serve(sqlite_path: Path) -> Serve:
    """Run the service with some settings, and give a client of it."""

    def start(**settings: object) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return running(settings_for(f"sqlite:///{sqlite_path}", **settings))

    return start


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service with its defaults."""
    async with serve() as client:
        yield client
