from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.auth.issuer import RunningIssuer, running_issuer
from tests.auth.service import authenticated


@pytest.fixture(scope="module", autouse=True)
def _no_proxy() -> Iterator[None]:
    """A proxy of the environment is not for loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.fixture
async def issuer() -> AsyncIterator[RunningIssuer]:
    """An issuer of tokens on a free port."""
    async with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
async def steady_issuer() -> AsyncIterator[RunningIssuer]:
    """An issuer to which nothing happens."""
    async with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
async def client(
    steady_issuer: RunningIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that sends no token, of a service that believes the steady issuer; owners keep its tests apart."""
    path: Path = tmp_path_factory.mktemp("authenticated") / "todo.db"
    async with authenticated(f"sqlite:///{path}", steady_issuer) as client:
        yield client
