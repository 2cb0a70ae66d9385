"""Whole traces of GraphQL, as text."""

import asyncio
import sqlite3
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.telemetry.client import trace_id, watched
from tests.tools.otlp import OTLPReceiver, attributes, tree
from todo_gql.graphql.schema import build_schema

SCHEMA = build_schema()
LIST = "query List { todos(first: 30) { nodes { title isBlocked dependencies { title } } totalCount } }"
CREATE = 'mutation Add { todoCreate(input: {title: "Buy milk"}) { __typename } }'


async def ask(client: httpx.AsyncClient, document: str, **more: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": document, **more})


async def test_a_query_shows_its_steps_its_resolvers_and_their_statements(
    database_url: str, receiver: OTLPReceiver
) -> None:
    async with watched(database_url) as client:
        await ask(client, CREATE)
        asked = await ask(client, LIST)

    assert tree(receiver.spans, trace_id(asked), "todo_gql.document.is_known", "todo_gql.outcome") == (
        "POST /graphql [SERVER]\n"
        "  query List [INTERNAL] todo_gql.document.is_known=False todo_gql.outcome=ok\n"
        "    parse [INTERNAL]\n"
        "    validate [INTERNAL]\n"
        "    resolve Query.todos [INTERNAL]\n"
        "      SELECT todos [CLIENT]\n"
        "    resolve TodoConnection.totalCount [INTERNAL]\n"
        "      SELECT todos [CLIENT]\n"
        "    resolve Todo.isBlocked [INTERNAL]\n"
        "      SELECT todos [CLIENT]\n"
        "    resolve Todo.dependencies [INTERNAL]\n"
        "      SELECT todo_dependencies [CLIENT]"
    )


async def test_a_mutation_shows_every_statement_of_its_transaction(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url) as client:
        await ask(client, CREATE)
        asked = await ask(client, CREATE)

    # PostgreSQL inserts both rows by one statement.
    logged = "\n      INSERT todo_changes [CLIENT]" if database_url.startswith("sqlite") else ""
    assert tree(receiver.spans, trace_id(asked), "todo_gql.document.is_known") == (
        "POST /graphql [SERVER]\n"
        "  mutation Add [INTERNAL] todo_gql.document.is_known=True\n"
        "    resolve Mutation.todoCreate [INTERNAL]\n"
        f"      INSERT todos [CLIENT]{logged}"
    )


async def test_one_statement_shows_the_resolvers_that_it_stands_in_for(
    database_url: str, receiver: OTLPReceiver
) -> None:
    async with watched(database_url) as client:
        await ask(client, CREATE)
        asked = await ask(client, "query List { todos(first: 5) { nodes { isBlocked dependencies { id } } } }")

    assert tree(receiver.spans, trace_id(asked), "todo_gql.unrecorded_resolvers") == (
        "POST /graphql [SERVER]\n"
        "  query List [INTERNAL]\n"
        "    parse [INTERNAL]\n"
        "    validate [INTERNAL]\n"
        "    resolve Query.todos [INTERNAL]\n"
        "      SELECT todos [CLIENT]\n"
        "    resolve Todo.isBlocked [INTERNAL]\n"
        "    resolve Todo.dependencies [INTERNAL]"
    )


async def test_at_most_twenty_resolvers_of_a_field_have_spans_and_the_rest_is_counted(
    sqlite_path: Path, receiver: OTLPReceiver
) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        for _ in range(25):
            await ask(client, CREATE)
        asked = await ask(client, "{ todos { totalCount nodes { isBlocked } } }")

    own = [span for span in receiver.spans if span.trace_id.hex() == trace_id(asked)]
    (operation,) = [span for span in own if span.name == "query"]
    assert [span.name for span in own].count("resolve Todo.isBlocked") == 20
    assert attributes(operation)["todo_gql.unrecorded_resolvers"] == ["Todo.isBlocked: 5"]


@pytest.mark.parametrize(
    ("document", "name", "codes"),
    [
        pytest.param("{", "graphql", ["GRAPHQL_PARSE_FAILED"], id="a syntax error"),
        pytest.param("{ nothing }", "graphql", ["GRAPHQL_VALIDATION_FAILED"], id="an unknown field"),
        pytest.param("{ todos(first: -1) { nodes { id } } }", "query", ["BAD_USER_INPUT"], id="a bad argument"),
        pytest.param('mutation { todoDelete(id: "x") { __typename } }', "mutation", ["NOT_FOUND"], id="a refusal"),
        pytest.param(
            'mutation { a: todoDelete(id: "x") { __typename } b: todoCreate(input: {title: " "}) { __typename } }',
            "mutation",
            ["NOT_FOUND", "VALIDATION"],
            id="two refusals",
        ),
    ],
)
async def test_what_a_client_did_wrong_is_an_outcome_and_no_error(
    document: str, name: str, codes: list[str], sqlite_path: Path, receiver: OTLPReceiver
) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        asked = await ask(client, document)

    own = [span for span in receiver.spans if span.trace_id.hex() == trace_id(asked)]
    (operation,) = [span for span in own if span.name == name]
    (server,) = [span for span in own if span.name == "POST /graphql"]
    assert attributes(operation)["todo_gql.outcome"] == "refused"
    assert attributes(server)["todo_gql.problem.codes"] == codes
    assert {span.status.code for span in own} == {0}


async def test_our_own_fault_is_an_error_at_every_level(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        await ask(client, CREATE)
        with sqlite3.connect(sqlite_path) as connection:
            connection.execute("ALTER TABLE todos RENAME TO gone")
        asked = await ask(client, "query List { todos { nodes { id } } }")

    assert "INTERNAL" in asked.text
    assert tree(receiver.spans, trace_id(asked), "todo_gql.outcome", "error.type") == (
        "POST /graphql [SERVER]\n"
        "  query List [INTERNAL] ERROR todo_gql.outcome=failed\n"
        "    parse [INTERNAL]\n"
        "    validate [INTERNAL]\n"
        "    resolve Query.todos [INTERNAL] ERROR error.type=OperationalError\n"
        "      SELECT todos [CLIENT] ERROR error.type=OperationalError"
    )


async def test_the_names_of_operations_are_bounded(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        for number in range(105):
            await ask(client, f"query Q{number} {{ __typename }}")
        await ask(client, "query Q0 { __typename }")
        await ask(client, "{ __typename }")

    found = [span.name for span in receiver.spans if span.name.startswith("query")]
    assert found.count("query Q0") == 2
    assert found.count("query Q99") == 1
    assert found.count("query _other") == 5
    assert found.count("query") == 1


async def test_queries_at_the_same_time_do_not_mix(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url) as client:
        await ask(client, CREATE)
        answers = await asyncio.gather(*(ask(client, LIST) for _ in range(10)))

    trees = {tree(receiver.spans, trace_id(answer)) for answer in answers}
    sizes = {len(drawn.splitlines()) for drawn in trees}
    assert sizes <= {10, 12}  # With the steps of the first, and without.


@pytest.mark.filterwarnings("always")
def test_a_resolver_that_nobody_waits_for_is_not_called() -> None:
    assert SCHEMA.query_type

    with warnings.catch_warnings(record=True) as told:
        SCHEMA.query_type.fields["todos"].resolve(None, None)

    assert told == []
