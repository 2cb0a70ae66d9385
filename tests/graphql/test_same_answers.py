"""What answers at once answers as graphql-core does by itself: random documents get equal answers from both."""

import json
import os
import re
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from typing import Any, Final

import pytest
import sqlalchemy as sa

from tests.graphql.client import GraphQLClient
from tests.graphql.random_documents import Document, RandomDocuments
from tests.server import running, settings_for
from tests.statements import counted
from todo_gql.database import create_engine, parse_database_url
from todo_gql.database.tables import todos
from todo_gql.graphql.schema import build_schema

HOW_MANY: Final = int(os.environ.get("RANDOM_DOCUMENTS", "100"))
SCHEMA: Final = build_schema()
QUERIES: Final = ("todo", "todo", "todos", "todos", "todos", "node", "nodes", "nextTodos", "todoStats", "changes")
# Of those that change something, what refuses or is rolled back: both sides are asked in turn.
MUTATIONS: Final = ("todoUpdate", "todoComplete", "todoReopen", "todoDependenciesChange", "todoDelete", "todoRestore")
TRIES: Final = 5
"""Where several fields below one that becomes null fail, the first to do so is told: either of them, by chance."""
# Instants with microseconds, ids of what was created, and, in base64, cursors, tokens and places in the log.
OF_NOW: Final = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:]+\.\d+Z|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:WyJ|YXQ7|Y29w|YmV0|Y2hhbmdl)[\w-]+"
)
PASSING: Final = frozenset({"syncToken", "traceId"})


@pytest.fixture
async def with_plans(database_url: str) -> AsyncIterator[GraphQLClient]:
    async with running(settings_for(database_url)) as http:
        yield GraphQLClient(http)


@pytest.fixture
async def without_plans(database_url: str) -> AsyncIterator[GraphQLClient]:
    async with running(settings_for(database_url, graphql_plans=False)) as http:
        yield GraphQLClient(http)


async def test_queries_have_equal_answers(with_plans: GraphQLClient, without_plans: GraphQLClient) -> None:
    ids, texts = await _fill(with_plans)
    made = RandomDocuments(SCHEMA, seed=1, ids=ids, texts=texts, roots=QUERIES).documents()

    executed = 0
    for document in islice(made, HOW_MANY):
        answer = await _equal(document, with_plans, without_plans)
        executed += "data" in answer

    assert executed > HOW_MANY / 2


async def test_only_one_side_has_plans(with_plans: GraphQLClient, without_plans: GraphQLClient) -> None:
    await _fill(with_plans)
    text = "{ todos { nodes { title dependencies { title } } } }"

    with counted() as planned:
        await with_plans.data(text)
    with counted() as resolved:
        await without_plans.data(text)

    assert len(planned) == 1
    assert len(resolved) > 1


@pytest.mark.parametrize("kind", ["dependents(first: 2)", "dependencies"])
@pytest.mark.parametrize("levels", [1, 2, 3])
async def test_todos_below_todos_have_equal_answers(
    kind: str, levels: int, with_plans: GraphQLClient, without_plans: GraphQLClient
) -> None:
    await with_plans.chain("one", "two", "three", "four", "five")
    fields = "id title description status priority version isBlocked isOverdue createdAt due { date at timeZone }"
    selected, end = fields, "nodes { %s } pageInfo { hasNextPage endCursor }" if "dependents" in kind else "%s"
    for _ in range(levels):
        selected = f"{fields} {kind} {{ {end % selected} }}"

    answer = await _equal(
        Document(f"{{ todos(first: 2) {{ nodes {{ {selected} }} }} }}", {}), with_plans, without_plans
    )

    assert "errors" not in answer


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        pytest.param('query ($id: ID = "x") { a: todo(id: $id) { id } todos { nodes { id } } }', {"id": None}, id="id"),
        pytest.param("query ($n: Int = 5) { nextTodos(first: $n) { id } }", {"n": None}, id="size"),
        pytest.param(
            "query ($o: TodoOrder = {field: DUE}) { todos(orderBy: $o) { nodes { id } } }", {"o": None}, id="order"
        ),
        pytest.param('query ($t: Boolean = true) { todo(id: "x", trashed: $t) { id } }', {"t": None}, id="flag"),
        pytest.param("query ($s: String) { todos(filter: {search: $s}) { nodes { id } } }", {"s": "\ud800"}, id="text"),
    ],
)
async def test_what_a_plan_is_not_made_for_is_answered_by_resolvers(
    text: str, variables: dict[str, Any], with_plans: GraphQLClient, without_plans: GraphQLClient
) -> None:
    answer = await _equal(Document(text, variables), with_plans, without_plans)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_condition_that_is_null_is_told_where_it_stands(
    with_plans: GraphQLClient, without_plans: GraphQLClient
) -> None:
    await _fill(with_plans)
    text = "query ($if: Boolean = true) { todos(first: 1) { nodes { id title @skip(if: $if) } } }"

    answer = await _equal(Document(text, {"if": None}), with_plans, without_plans)

    assert answer["errors"][0]["path"] == ["todos", "nodes", 0]


async def test_refused_mutations_have_equal_answers(with_plans: GraphQLClient, without_plans: GraphQLClient) -> None:
    _, texts = await _fill(with_plans)
    # None of these ids is there, so that nothing is changed.
    unknown = [f"01890000-0000-7000-8000-{number:012}" for number in range(3)]
    made = RandomDocuments(SCHEMA, seed=2, ids=unknown, texts=texts, roots=MUTATIONS).documents("mutation")

    executed = 0
    for document in islice(made, HOW_MANY // 4):
        answer = await _equal(document, with_plans, without_plans)
        executed += "data" in answer

    assert executed > HOW_MANY / 8


async def test_mutations_have_equal_answers(with_plans: GraphQLClient, without_plans: GraphQLClient) -> None:
    # What one changes the other could not change again: each has todos of its own, made alike.
    sides = [(client, *(await _fill(client))) for client in (with_plans, without_plans)]
    made = [
        RandomDocuments(
            SCHEMA,
            seed=3,
            ids=ids,
            texts=["milk"],
            roots=(*MUTATIONS, "todoCreate", "todoBulk"),
            unknown_id=f"01890000-0000-7000-8000-{number:012}",
        )
        for number, (_, ids, _) in enumerate(sides)
    ]

    executed = 0
    for documents in islice(zip(*(each.documents("mutation") for each in made), strict=True), HOW_MANY):
        plain, reference = [
            _alike(await client.send(document.text, **document.variables), ids)
            for document, (client, ids, _) in zip(documents, sides, strict=True)
        ]
        assert plain == reference, documents[0]
        executed += '"data"' in plain

    assert executed > HOW_MANY / 4


async def test_what_a_mutation_cannot_answer_is_told_alike(
    database_url: str, with_plans: GraphQLClient, without_plans: GraphQLClient
) -> None:
    # The next version is no Int for GraphQL, and none for PostgreSQL, which refuses to store it.
    ids = [await with_plans.create(), await with_plans.create()]
    engine = create_engine(parse_database_url(database_url))
    async with engine.begin() as connection:
        await connection.execute(sa.update(todos).values(version=2**31 - 1))
    await engine.dispose()
    text = """mutation ($id: ID!) {
        __typename
        before: todoReopen(id: $id) { ... on TodoUpdated { todo { version } changed } }
        failing: todoUpdate(id: $id, input: {title: "Call Ada"}) { ... on TodoUpdated { todo { title version } } }
        refused: todoUpdate(id: "none", input: {}) { ... on Problem { __typename code } }
        after: todoReopen(id: $id) { ... on TodoUpdated { todo { id } } }
    }"""

    plain, reference = [
        await client.send(text, id=todo_id) for client, todo_id in zip((with_plans, without_plans), ids, strict=True)
    ]

    assert plain["data"].pop("after") == {"todo": {"id": ids[0]}}
    assert reference["data"].pop("after") == {"todo": {"id": ids[1]}}
    assert _lasting(plain) == _lasting(reference)
    assert [error["path"][0] for error in plain["errors"]] == ["failing"]


async def _equal(document: Document, one: GraphQLClient, other: GraphQLClient) -> dict[str, Any]:
    for tries_left in reversed(range(TRIES)):
        answers = [await client.send(document.text, **document.variables) for client in (one, other)]
        plain, reference = (json.dumps(_lasting(answer)) for answer in answers)
        if plain == reference:
            return answers[0]
        assert tries_left or plain == reference, document
    raise AssertionError(document)


def _lasting(value: Any) -> Any:
    """Leave out what differs from one moment to the next."""
    if isinstance(value, dict):
        if "errors" in value:
            # In the order in which fields failed, which nothing prescribes.
            value = {**value, "errors": sorted(value["errors"], key=json.dumps)}
        return {name: None if name in PASSING else _lasting(each) for name, each in value.items()}
    return [_lasting(each) for each in value] if isinstance(value, list) else value


def _alike(answer: dict[str, Any], ids: Sequence[str]) -> str:
    """Write an answer without what differs between equal todos: ids, instants of now, and what holds them."""
    # Of several fields that fail, chance tells the first.
    told = {"data": answer["data"], "has_errors": "errors" in answer} if "data" in answer else {"errors": True}
    text = json.dumps(told)
    for number, todo_id in enumerate(ids):
        text = text.replace(todo_id, f"id {number}")
    return OF_NOW.sub("now", text)


async def _fill(client: GraphQLClient) -> tuple[list[str], list[str]]:
    """Create todos of every kind, and give their ids, and texts that lead to them."""
    chain = await client.chain("Buy milk", "Boil the milk", "Drink the Ü\U0001f95b")
    zoned = {"at": {"at": "2027-03-28T01:30:00Z", "timeZone": "Europe/Berlin"}}
    others = [
        await client.create("Other 1", priority="URGENT", description="50%_\\"),
        await client.create("Other 2", due={"date": "2026-11-22"}),
        await client.create("Other 3", priority="LOW", description="über", due=zoned),
    ]
    await client.data("mutation ($id: ID!) { todoComplete(id: $id) { __typename } }", id=chain[0])
    await client.data("mutation ($id: ID!) { todoDelete(id: $id) { __typename } }", id=others[0])
    page = await client.data("{ todos { syncToken edges { cursor } } changes { syncToken } }")
    cursors = [edge["cursor"] for edge in page["todos"]["edges"]]
    return [*chain, *others], [*cursors[:2], page["todos"]["syncToken"], page["changes"]["syncToken"]]
