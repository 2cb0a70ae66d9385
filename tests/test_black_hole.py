"""A database of which nothing is heard any more: every request is told in time, and all is well once it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.server import running, serving, settings_for
from tests.tools.proxy import Proxy, proxy_to
from todo_gql.app import create_app
from todo_gql.database import Database, create_engine, parse_database_url
from todo_gql.todos.commands import Create, TodoDraft
from todo_gql.todos.model import Caller
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.service import Todos

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

ID: Final = "0198f000-0000-7000-8000-000000000000"
# One second; what waits for the database itself takes seven.
LIMITS: Final = {"limit_seconds": 1, "limit_read_seconds": 1}
IN_TIME_S: Final = 6


@pytest.fixture
async def proxy_and_client(database_url: str) -> AsyncIterator[tuple[Proxy, httpx.AsyncClient]]:
    async with proxy_to(database_url) as (proxy, url), running(settings_for(url, **LIMITS)) as client:
        yield proxy, client


async def until_answered(client: httpx.AsyncClient) -> None:
    """Ask again as a client would: on a busy machine, opening all connections anew can take more than the limit."""
    while (await client.get("/todos")).status_code != 200:
        pass


def graphql(document: str) -> dict[str, Any]:
    return {"method": "POST", "url": "/graphql", "json": {"query": document}}


async def test_it_stops_in_time_with_a_connection_for_each_request(database_url: str) -> None:
    async with proxy_to(database_url) as (proxy, url), AsyncExitStack() as stack:
        client = await stack.enter_async_context(running(settings_for(url)))
        await asyncio.gather(*(client.get("/todos") for _ in range(10)))
        proxy.hold()

        # One after the other, each would wait for 5 s to hear that its connection is closed.
        async with asyncio.timeout(15):
            await stack.aclose()
        proxy.release()


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        pytest.param({"method": "GET", "url": "/todos"}, 503, "UNAVAILABLE", id="list"),
        pytest.param({"method": "GET", "url": f"/todos/{ID}"}, 503, "UNAVAILABLE", id="read"),
        pytest.param(
            {"method": "POST", "url": "/todos", "json": {"title": "Milk"}}, 504, "OUTCOME_UNKNOWN", id="create"
        ),
        pytest.param(
            {"method": "PATCH", "url": f"/todos/{ID}", "json": {"title": "Milk"}}, 504, "OUTCOME_UNKNOWN", id="change"
        ),
        pytest.param({"method": "DELETE", "url": f"/todos/{ID}"}, 504, "OUTCOME_UNKNOWN", id="delete"),
        pytest.param(graphql("{ todos { nodes { title } } }"), 200, "DEADLINE_EXCEEDED", id="query"),
        pytest.param(
            graphql('mutation { todoCreate(input: {title: "Milk"}) { __typename } }'),
            200,
            "DEADLINE_EXCEEDED",
            id="mutation",
        ),
    ],
)
async def test_requests_are_told_in_time_and_work_again_afterwards(
    proxy_and_client: tuple[Proxy, httpx.AsyncClient], request_: dict[str, Any], status: int, code: str
) -> None:
    proxy, client = proxy_and_client
    await client.get("/todos")

    # More than there are connections to the database.
    proxy.hold()
    async with asyncio.timeout(IN_TIME_S):
        answers = await asyncio.gather(*(client.request(**request_) for _ in range(15)))
        probe = await client.get("/livez")
    proxy.release()
    async with asyncio.timeout(30):
        await asyncio.gather(*(until_answered(client) for _ in range(15)))

    assert {answer.status_code for answer in answers} == {status}
    assert all(code in answer.text for answer in answers)
    assert probe.status_code == 200


async def test_connections_that_are_lost_for_good_are_replaced(
    proxy_and_client: tuple[Proxy, httpx.AsyncClient],
) -> None:
    proxy, client = proxy_and_client
    await asyncio.gather(*(client.get("/todos") for _ in range(15)))

    proxy.forget()
    async with asyncio.timeout(IN_TIME_S):
        told = await asyncio.gather(*(client.get("/todos") for _ in range(15)))
    proxy.release()
    async with asyncio.timeout(30):
        await asyncio.gather(*(until_answered(client) for _ in range(15)))

    assert {answer.status_code for answer in told} == {503}


class HoldAfterFirstChunk:
    """Lets nothing through once the first piece of an answer is on its way."""

    def __init__(self, app: ASGIApp, *, proxy: Proxy) -> None:
        self._app = app
        self._proxy = proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_hold(message: Message) -> None:
            await send(message)
            if message.get("body"):
                self._proxy.hold()

        await self._app(scope, receive, send_and_hold)


async def read(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(IN_TIME_S), client.stream("GET", "/todos") as response:
        assert response.status_code == 200
        async for _ in response.aiter_bytes():
            pass


async def test_a_long_list_is_cut_off_in_time(database_url: str) -> None:
    database = Database(create_engine(parse_database_url(database_url)))
    drafts = [Create(draft=TodoDraft(title="Milk")) for _ in range(501)]  # One more than a batch.
    await Todos(database, Caller(), Policy(max_bulk_size=501)).execute_all(drafts, atomic=True, dry_run=False)
    await database.close()

    async with proxy_to(database_url) as (proxy, url):
        app = create_app(settings_for(url, **LIMITS))
        app.add_middleware(HoldAfterFirstChunk, proxy=proxy)
        async with serving(app) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await read(client)
            proxy.release()
