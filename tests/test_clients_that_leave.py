"""A client that leaves before it has its answer: what it wanted to read is cancelled, what it wrote is done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import httpx
import pytest

from tests.server import running, settings_for
from todo_gql.database.engine import DriverConnection

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

PATIENT: Final = "?options=-c%20lock_timeout%3D60s%20-c%20statement_timeout%3D60s"
# A command is given up after 5 s by itself.
SOON_S: Final = 3

_WAITING: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%todos%'
"""


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[DriverConnection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(database_url + PATIENT, limit_read_seconds=60, limit_seconds=60)) as client:
        client.timeout = httpx.Timeout(60)
        yield client


async def until_waiting(connection: DriverConnection, count: int) -> None:
    """Return when so many statements wait for a lock."""
    while await connection.fetchval(_WAITING) != count:  # noqa: ASYNC110  # PostgreSQL sets no event.
        await asyncio.sleep(0.01)


@asynccontextmanager
async def locked(database_url: str) -> AsyncIterator[None]:
    """Lock the todos, on a connection of its own: in a transaction, pg_stat_activity stays as it was."""
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await connection.execute("LOCK TABLE todos IN ACCESS EXCLUSIVE MODE")
        yield
    await connection.close()


@asynccontextmanager
async def left(
    database_url: str, connection: DriverConnection, client: httpx.AsyncClient, **request: Any
) -> AsyncIterator[None]:
    """Leave once the request waits in the database for a table that is locked until the end of the block."""
    async with locked(database_url):
        asking = asyncio.create_task(client.request(**request))
        async with asyncio.timeout(20):
            await until_waiting(connection, 1)
        # httpx closes the connection of a request that is cancelled.
        asking.cancel()
        await asyncio.wait((asking,))
        yield


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"method": "GET", "url": "/todos"}, id="list"),
        pytest.param({"method": "GET", "url": "/todos/0198f000-0000-7000-8000-000000000000"}, id="by id"),
        pytest.param(
            {"method": "POST", "url": "/graphql", "json": {"query": "{ todos { nodes { title } } }"}}, id="query"
        ),
        pytest.param(
            {
                "method": "POST",
                "url": "/graphql",
                "json": {"query": '{ todo(id: "0198f000-0000-7000-8000-000000000000") { title } }'},
            },
            id="query by id",
        ),
        pytest.param({"method": "GET", "url": "/graphql?query={todos{nodes{title}}}"}, id="query by GET"),
    ],
)
async def test_what_it_reads_is_cancelled(
    database_url: str, connection: DriverConnection, client: httpx.AsyncClient, request_: dict[str, Any]
) -> None:
    async with left(database_url, connection, client, **request_), asyncio.timeout(SOON_S):
        await until_waiting(connection, 0)

    assert (await client.get("/todos")).json() == []


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"method": "POST", "url": "/todos", "json": {"title": "Milk"}}, id="creation"),
        pytest.param(
            {
                "method": "POST",
                "url": "/graphql",
                "json": {"query": 'mutation { todoCreate(input: {title: "Milk"}) { __typename } }'},
            },
            id="mutation",
        ),
    ],
)
async def test_what_it_writes_is_done(
    database_url: str, connection: DriverConnection, client: httpx.AsyncClient, request_: dict[str, Any]
) -> None:
    async with left(database_url, connection, client, **request_):
        assert await connection.fetchval(_WAITING) == 1

    async with asyncio.timeout(20):
        while not (todos := (await client.get("/todos")).json()):
            pass
    assert [todo["title"] for todo in todos] == ["Milk"]
