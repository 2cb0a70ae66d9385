"""The limits that `service.limits` names: what is counted, and what is said when it is too much."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.graphql.client import GraphQLClient
from tests.server import running, settings_for
from todo_gql.database import Connection, Database, create_engine, parse_database_url


async def answer_of(database_url: str, document: str, **settings: object) -> dict[str, Any]:
    async with running(settings_for(database_url, **settings)) as http:
        return await GraphQLClient(http).send(document)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("limit", "maximum", "document", "actual", "message"),
    [
        (
            "tokens",
            100,
            "{ " + "a " * 99 + "}",
            None,
            "The document has more than 100 tokens; 100 are allowed.",
        ),
        (
            "depth",
            2,
            "{ todos { nodes { id } } }",
            3,
            "The document has 3 levels of fields, fragments expanded; 2 are allowed.",
        ),
        (
            "aliases",
            1,
            "{ ...Page ...Page } fragment Page on Query { a: todos { totalCount } }",
            2,
            "The document has 2 aliases, fragments expanded; 1 are allowed.",
        ),
        (
            "fields",
            15,
            "{ ...Page ...Page ...Page ...Page } fragment Page on Query { todos { totalCount nodes { id } } }",
            16,
            "The document has 16 fields, fragments expanded; 15 are allowed.",
        ),
        (
            "directives",
            2,
            "query @a { __typename @skip(if: false) ... @include(if: true) { __typename } }",
            3,
            "The document has 3 directives, fragments expanded; 2 are allowed.",
        ),
    ],
)
async def test_a_document_that_passes_one_is_refused(
    database_url: str, limit: str, maximum: int, document: str, actual: int | None, message: str
) -> None:
    answer = await answer_of(database_url, document, **{f"limit_{limit}": maximum})

    assert answer.keys() == {"errors"}
    [error] = answer["errors"]
    del error["extensions"]["traceId"]
    assert error["message"] == message
    assert error["extensions"] == {
        "code": "DOCUMENT_TOO_COSTLY",
        "limit": limit,
        "actual": actual,
        "maximum": maximum,
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_document_that_reaches_them_is_answered(database_url: str) -> None:
    document = (
        "query { a: todos { nodes { id @skip(if: false) } } b: service { version } __typename "
        + "__typename " * 4
        + "}"
    )

    answer = await answer_of(
        database_url, document, limit_depth=3, limit_aliases=2, limit_fields=10, limit_directives=1
    )

    assert "errors" not in answer


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("document", "variables", "cost"),
    [
        pytest.param("{ __typename }", {}, 0, id="nothing"),
        pytest.param("{ service { limits { maxCost } } }", {}, 2, id="single objects"),
        pytest.param('{ todo(id: "x") { due { date } } }', {}, 2, id="a todo"),
        pytest.param("{ todos(first: 7) { nodes { id } } }", {}, 8, id="a page"),
        pytest.param("{ todos(last: 7) { edges { node { id } } } }", {}, 15, id="a page of edges"),
        pytest.param("{ todos { nodes { id } } }", {}, 51, id="a page of the default size"),
        pytest.param("query ($n: Int) { todos(first: $n) { nodes { id } } }", {"n": 7}, 8, id="a variable"),
        pytest.param("query ($n: Int = 7) { todos(first: $n) { nodes { id } } }", {}, 8, id="a variable's default"),
        pytest.param("query ($n: Int = 7) { todos(first: $n) { nodes { id } } }", {"n": None}, 51, id="a null"),
        pytest.param("{ todos(first: 5000) { nodes { id } } }", {}, 101, id="no page is larger than the largest"),
        pytest.param("{ nextTodos { id } }", {}, 20, id="a list of the default size"),
        pytest.param('{ nodes(ids: ["a", "b", "c"]) { id } }', {}, 3, id="ids"),
        pytest.param(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Todo { dependencies { id } } } }",
            {"ids": ["a", "b"]},
            22,
            id="ids, each with its dependencies",
        ),
        pytest.param(
            'mutation { todoBulk(operations: [{delete: {id: "x"}}, {delete: {id: "y"}}]) { __typename } }',
            {},
            2,
            id="a bulk, whatever is selected of it",
        ),
        pytest.param(
            "mutation ($all: [TodoOperation!]!) { todoBulk(operations: $all) { ... on TodoBulkDone { results { "
            "... on TodoCreated { todo { id } } } } } }",
            {"all": [{"create": {"title": "x"}}] * 101},
            101 + 101 * (1 + 1),
            id="a bulk and its results",
        ),
        pytest.param(
            "{ todos(first: 2) { nodes { dependents(first: 3) { nodes { dependencies { id } } } } } }",
            {},
            1 + 2 * (1 + 1 + 3 * (1 + 10)),
            id="levels multiply",
        ),
        pytest.param(
            "{ ...Page b: todos(first: 2) { ...Ids } } fragment Page on Query { todos(first: 1) { ...Ids } } "
            "fragment Ids on TodoConnection { nodes { id } }",
            {},
            5,
            id="fragments count where they are spread",
        ),
    ],
)  # fmt: skip
async def test_the_cost_is_what_an_operation_can_resolve(
    database_url: str, document: str, variables: dict[str, Any], cost: int
) -> None:
    # Below the least that the setting allows, so that every operation is answered with its cost.
    settings = settings_for(database_url).model_copy(update={"limit_cost": -1})
    async with running(settings) as http:
        answer = await GraphQLClient(http).send(document, **variables)

    [error] = answer["errors"]
    assert error["extensions"]["code"] == "DOCUMENT_TOO_COSTLY"
    assert (error["extensions"]["cost"], error["extensions"]["maximum"]) == (cost, -1)


async def plant(client: GraphQLClient, width: int) -> None:
    """Create three layers of todos, each of which depends on every todo of the layer before."""
    below: list[str] = []
    for layer in ("bottom", "middle", "top"):
        below = [await client.create(f"{layer} {number}", dependencies=below) for number in range(width)]


async def test_nested_lists_end_where_the_answer_gets_too_large(database_url: str) -> None:
    three_levels = (
        '{ todos(filter: {search: "top"}) { nodes { dependencies { dependencies { id } } } } service { version } }'
    )
    async with running(settings_for(database_url, limit_objects=6 + 36 + 216)) as http:
        client = GraphQLClient(http)
        await plant(client, 6)
        enough = await client.send(three_levels)
    async with running(settings_for(database_url, limit_objects=6 + 36 + 216 - 1)) as http:
        too_little = await GraphQLClient(http).send(three_levels)

    assert "errors" not in enough
    [error] = too_little["errors"]
    assert error["extensions"]["code"] == "DOCUMENT_TOO_COSTLY"
    assert error["message"] == "The answer would hold more than 257 todos: ask for smaller pages, or for fewer levels."
    assert too_little["data"]["todos"] is None
    assert too_little["data"]["service"]


@pytest.mark.parametrize(
    "lists", ["dependencies { id }", "dependents { nodes { id } }", "dependents { edges { cursor } }"]
)
async def test_each_kind_of_nested_list_counts(database_url: str, lists: str) -> None:
    # 120 todos have 800 dependencies, and as many dependents; 130 objects are too few for either.
    async with running(settings_for(database_url, limit_objects=130)) as http:
        client = GraphQLClient(http)
        for _ in range(4):
            await plant(client, 10)

        answer = await client.send("{ todos(first: 100) { nodes { " + lists + " } } }")

    assert answer["data"] == {"todos": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["DOCUMENT_TOO_COSTLY"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("table", "document"),
    [
        pytest.param("todos", "{ todos { totalCount } }", id="in a resolver"),
        pytest.param("todo_dependencies", "{ todos { nodes { dependencies { id } } } }", id="in a loader"),
    ],
)
async def test_an_operation_that_takes_too_long_is_stopped_with_its_statements(
    database_url: str, table: str, document: str
) -> None:
    database = Database(create_engine(parse_database_url(database_url)))
    locked, answered = asyncio.Event(), asyncio.Event()

    async def lock(connection: Connection) -> None:
        await connection.execute(sa.text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        locked.set()
        await answered.wait()

    async def waiting(connection: Connection) -> int:
        counted = await connection.execute(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        return int(counted.scalar_one())

    async with running(settings_for(database_url, limit_seconds=1)) as http:
        client = GraphQLClient(http)
        await client.create()
        locking = asyncio.create_task(database.write(lock))
        await locked.wait()

        answer = await client.send(document)

        async with asyncio.timeout(0.5):
            while await database.read(waiting):  # noqa: ASYNC110  # PostgreSQL sets no event.
                await asyncio.sleep(0.01)
        answered.set()
        await locking
        again = await client.send(document)
    await database.close()

    [error] = answer["errors"]
    assert answer["data"] is None
    assert error["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert error["message"] == "The operation was stopped after 1 s. Ask for less; look before you repeat a mutation."
    assert "errors" not in again


async def test_the_smallest_bound_of_pages_admits_what_is_asked_for_by_default(database_url: str) -> None:
    async with running(settings_for(database_url, limit_page=20)) as http:
        data = await GraphQLClient(http).data("{ todos { nodes { id } } nextTodos { id } }")

    assert data == {"todos": {"nodes": []}, "nextTodos": []}


@pytest.mark.parametrize(("uses", "code"), [(2, "BAD_USER_INPUT"), (3, "DOCUMENT_TOO_COSTLY")])
async def test_a_value_counts_wherever_it_is_used(client: GraphQLClient, uses: int, code: str) -> None:
    pages = " ".join(f"page{number}: nodes(ids: $ids) {{ id }}" for number in range(uses))

    answer = await client.send(f"query ($ids: [ID!]!) {{ {pages} }}", ids=["x"] * 4999)

    assert answer["errors"][0]["extensions"]["code"] == code


async def test_the_largest_bulk_has_few_enough_values(client: GraphQLClient) -> None:
    ids = [await client.create() for _ in range(50)]
    due = {"at": {"at": "2026-11-23T08:00:00Z", "timeZone": "Europe/Berlin"}}
    texts = {"title": "Bake", "description": "Bread", "status": "OPEN", "priority": "HIGH"}
    creations = [{"create": {"id": str(uuid4()), **texts, "due": due, "dependencies": ids}} for _ in range(100)]
    document = """
        mutation ($operations: [TodoOperation!]!) {
          todoBulk(operations: $operations) { ... on TodoBulkDone { succeeded } }
        }
    """

    data = await client.data(document, operations=creations)

    assert data["todoBulk"] == {"succeeded": 100}
