"""The service through PgBouncer in transaction mode: a statement may run on another connection than the one before."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import sqlalchemy as sa

from tests.faults.ledger import WRITERS, Audit, writing
from tests.graphql.client import GraphQLClient
from tests.graphql.subscriptions.event_stream import subscribed
from tests.server import running, settings_for
from tests.tools.pgbouncer import find_pgbouncer, running_pgbouncer
from todo_gql.app import create_app
from todo_gql.database import Database, DatabaseUnavailable, create_engine, parse_database_url
from todo_gql.settings import SettingsError
from todo_gql.todos.commands import Create, TodoDraft
from todo_gql.todos.model import Caller, Owner
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.queries import TodoFilter
from todo_gql.todos.service import Todos

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
NEIGHBOURS = "{ todos(first: 5) { nodes { title dependencies { title } dependents { nodes { title } } } } }"


@pytest.fixture
def pgbouncer_url(database_url: str) -> Iterator[str]:
    program = find_pgbouncer()
    if program is None:
        pytest.skip("There is no pgbouncer on the path: install Debian's package, or name it in TEST_PGBOUNCER.")
    # Fewer connections than the service has, so that they change hands all the time.
    with running_pgbouncer(program, database_url, pool_size=3) as url:
        yield url


@pytest.fixture
async def client(pgbouncer_url: str, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(f"{pgbouncer_url}?pgbouncer=true", listen_url=database_url)
    async with running(settings) as client:
        client.timeout = httpx.Timeout(30)
        yield client


@ON_POSTGRESQL
@pytest.mark.pgbouncer
async def test_all_is_as_without_it(client: httpx.AsyncClient) -> None:
    graphql = GraphQLClient(client)
    first = await graphql.create("first")
    await graphql.create("second", dependencies=[first])

    async with writing(client) as ledger:
        while len(ledger.acknowledged) < 20 * WRITERS:
            answers = await asyncio.gather(*(graphql.data(NEIGHBOURS) for _ in range(5)))
            assert all(answer["todos"]["nodes"][1]["dependencies"] == [{"title": "first"}] for answer in answers)
            assert (await client.get("/readyz")).status_code == 200
    audit = await ledger.audit(client)

    assert audit == Audit(lost=(), doubled=(), failed=())


@ON_POSTGRESQL
@pytest.mark.pgbouncer
async def test_changes_are_heard_of_beside_it(client: httpx.AsyncClient) -> None:
    async with subscribed(client) as events:
        await events.opened()
        created = await client.post("/todos", json={"title": "Milk"})
        event = await events.todo_event()

    assert event["todoId"] == created.json()["id"]


@pytest.mark.pgbouncer
async def test_an_owner_stays_with_their_transaction(guarded_url: str, owners_role: str) -> None:
    """Fewer connections than owners who ask at once: each finds who was there before."""
    program = find_pgbouncer()
    if program is None:
        pytest.skip("There is no pgbouncer on the path: install Debian's package, or name it in TEST_PGBOUNCER.")
    owners = [f"owner {number}" for number in range(10)]

    async def count(owner: str) -> int:
        return await Todos(database, Caller(owner=Owner(owner)), Policy()).count(TodoFilter())

    with running_pgbouncer(program, guarded_url, pool_size=2) as url:
        database = Database(create_engine(parse_database_url(f"{url}?pgbouncer=true")), owners_role=owners_role)
        for number, owner in enumerate(owners):
            for _ in range(number):
                draft = TodoDraft(title=owner)
                await Todos(database, Caller(owner=Owner(owner)), Policy()).execute(Create(draft=draft))
        found = [await asyncio.gather(*map(count, owners)) for _ in range(10)]
        in_all = await database.read(lambda connection: connection.scalar(sa.text("SELECT count(*) FROM todos")))
        await database.close()

    assert found == [list(range(10))] * 10
    assert in_all == 45


@ON_POSTGRESQL
@pytest.mark.pgbouncer
async def test_it_must_be_told_of(pgbouncer_url: str) -> None:
    database = Database(create_engine(parse_database_url(pgbouncer_url)), retry_s=0)

    with pytest.raises(DatabaseUnavailable, match="unsupported startup parameter"):
        await database.ping()
    await database.close()


def test_without_an_address_beside_it_nothing_starts() -> None:
    with pytest.raises(SettingsError) as refused:
        create_app(settings_for("postgresql://todo@pooler/todo?pgbouncer=true"))

    assert str(refused.value) == (
        "APP_LISTEN_URL must name PostgreSQL itself when APP_DATABASE_URL leads through PgBouncer, "
        "from which nobody hears of changes."
    )
