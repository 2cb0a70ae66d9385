"""The whole list as one array, read and sent in batches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import sqlalchemy as sa
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.server import running, serving, settings_for
from todo_gql.app import create_app
from todo_gql.database import Database, create_engine, parse_database_url
from todo_gql.todos.commands import Create, TodoDraft
from todo_gql.todos.model import Caller
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.service import Todos

COUNT = 501  # One more than a batch.


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(create_engine(parse_database_url(database_url)))
    yield database
    await database.close()


async def fill(database: Database) -> None:
    """Create todos that need more than one batch, the last of which depends on the first."""
    todos = Todos(database, Caller(), Policy(max_bulk_size=COUNT))
    first = (await todos.execute(Create(draft=TodoDraft(title="Todo 0")))).todo
    drafts = [TodoDraft(title=f"Todo {number}") for number in range(1, COUNT - 1)]
    last = TodoDraft(title=f"Todo {COUNT - 1}", dependencies=[str(first.id)])
    await todos.execute_all([Create(draft=draft) for draft in (*drafts, last)], atomic=True, dry_run=False)


async def hide_dependencies(database: Database) -> None:
    """Make every read of dependencies fail."""
    await database.write(
        lambda connection: connection.execute(sa.text("ALTER TABLE todo_dependencies RENAME TO hidden"))
    )


class BreakAfterFirstChunk:
    """Makes every later read of dependencies fail once the first piece of the list is on its way."""

    def __init__(self, app: ASGIApp, *, database: Database) -> None:
        self._app = app
        self._database = database
        self._is_broken = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_break(message: Message) -> None:
            await send(message)
            if message.get("body") and not self._is_broken:
                self._is_broken = True
                await hide_dependencies(self._database)

        await self._app(scope, receive, send_and_break)


@asynccontextmanager
async def breaking(database_url: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a list whose reading fails in the middle."""
    app = create_app(settings_for(database_url))
    app.add_middleware(BreakAfterFirstChunk, database=database)
    async with serving(app) as client:
        yield client


async def receive_into(received: bytearray, client: httpx.AsyncClient) -> None:
    """Read the list as far as it comes."""
    async with client.stream("GET", "/todos") as response:
        async for chunk in response.aiter_bytes():
            received += chunk


async def test_a_list_of_several_batches_is_one_array(database_url: str, database: Database) -> None:
    await fill(database)

    async with running(settings_for(database_url)) as client:
        response = await client.get("/todos")

    todos = response.json()
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert [todo["title"] for todo in todos] == [f"Todo {number}" for number in range(COUNT)]
    assert [todo["depends_on"] for todo in todos] == [None] * (COUNT - 1) + [todos[0]["id"]]


async def test_a_list_that_fails_in_the_middle_is_cut_off(database_url: str, database: Database) -> None:
    await fill(database)
    received = bytearray()

    async with breaking(database_url, database) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await receive_into(received, client)

    assert received.startswith(b'[{"depends_on":null,')
    assert not received.rstrip().endswith(b"]")


async def test_a_list_that_fails_at_its_beginning_is_a_problem(database_url: str, database: Database) -> None:
    async with running(settings_for(database_url)) as client:
        await client.post("/todos", json={"title": "Milk"})
        await hide_dependencies(database)

        response = await client.get("/todos")

    assert response.status_code == 500
    assert response.json()["error"] == "Internal server error"


async def test_a_list_whose_client_has_left_is_read_no_further(database_url: str, database: Database) -> None:
    await fill(database)
    left = asyncio.Event()

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message.get("body"):
            left.set()
            # Nobody takes it any more.
            await asyncio.Event().wait()

    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/todos",
        "raw_path": b"/todos",
        "query_string": b"",
        "headers": [],
        "client": None,
    }
    app = create_app(settings_for(database_url))
    async with app.router.lifespan_context(app), asyncio.timeout(20):
        await app(scope, receive, send)

    assert left.is_set()


async def test_head_of_the_whole_list_reads_nothing(database_url: str, database: Database) -> None:
    async with running(settings_for(database_url)) as client:
        await client.post("/todos", json={"title": "Milk"})
        await hide_dependencies(database)

        response = await client.head("/todos")

    assert response.status_code == 200
