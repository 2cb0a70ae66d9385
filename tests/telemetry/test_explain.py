from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.telemetry.client import trace_id, watched
from tests.tools.otlp import OTLPReceiver
from todo_gql.settings import SettingsError, load_settings

EXPLAIN = {"X-Todo-Explain": "1"}
LIST = "query List($last: Int!) { todos(last: $last) { nodes { title isBlocked } } }"
TEMPLATE = "http://localhost:3000/trace/{trace_id}"


async def explained(client: httpx.AsyncClient, document: str, **variables: Any) -> tuple[httpx.Response, Any]:
    answer = await client.post("/graphql", json={"query": document, "variables": variables}, headers=EXPLAIN)
    return answer, answer.json()["extensions"]["explain"]


async def test_an_operation_is_explained_by_cost_resolvers_and_statements(database_url: str) -> None:
    async with watched(database_url, explain=True) as client:
        for number in range(3):
            await client.post("/todos", json={"title": f"Todo {number}"})
        answer, explanation = await explained(client, LIST, last=5)

    statements = explanation["statements"]
    fields = [(resolver["field"], resolver["calls"]) for resolver in explanation["resolvers"]]
    assert explanation["traceId"] == trace_id(answer)
    assert explanation["traceUrl"] is None
    assert explanation["documentIsKnown"] is False
    assert explanation["cost"] >= 5
    assert fields == [("Query.todos", 1), ("Todo.isBlocked", 3)]
    assert [statement["count"] for statement in statements] == [1, 1]
    assert all(statement["text"].startswith("SELECT ") for statement in statements)
    assert all(0 < statement["milliseconds"] <= explanation["milliseconds"] for statement in statements)
    assert 0 < statements[0]["startedAt"] < statements[1]["startedAt"] < explanation["milliseconds"]


async def test_statements_have_placeholders_for_what_was_typed(database_url: str) -> None:
    async with watched(database_url, explain=True) as client:
        create = 'mutation { todoCreate(input: {title: "Plugh"}) { __typename } }'
        _, explanation = await explained(client, create)

    assert "INSERT INTO todos" in str(explanation)
    assert "Plugh" not in str(explanation)


async def test_equal_statements_are_told_once_with_their_number(database_url: str) -> None:
    async with watched(database_url, explain=True) as client:
        create = 'todoCreate(input: {title: "x"}) { __typename }'
        _, explanation = await explained(client, f"mutation {{ a: {create} b: {create} }}")

    inserts = [each for each in explanation["statements"] if "INSERT INTO todos " in each["text"]]
    assert [each["count"] for each in inserts] == [2]


async def test_the_link_leads_to_the_trace_where_it_is_recorded(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    settings = {"explain": True, "trace_url_template": TEMPLATE}
    async with watched(f"sqlite:///{sqlite_path}", **settings) as client:
        answer, explanation = await explained(client, "{ todos { nodes { id } } }")

    assert explanation["traceUrl"] == f"http://localhost:3000/trace/{trace_id(answer)}"
    assert trace_id(answer) in {span.trace_id.hex() for span in receiver.spans}


async def test_there_is_no_link_to_a_trace_that_nobody_recorded(sqlite_path: Path) -> None:
    settings = {"explain": True, "trace_url_template": TEMPLATE}
    async with watched(f"sqlite:///{sqlite_path}", **settings) as client:
        _, explanation = await explained(client, "{ todos { nodes { id } } }")

    assert explanation["traceUrl"] is None


async def test_a_refused_document_is_explained_as_well(sqlite_path: Path) -> None:
    async with watched(f"sqlite:///{sqlite_path}", explain=True) as client:
        answer, explanation = await explained(client, "{ nothing }")

    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert (explanation["resolvers"], explanation["statements"]) == ([], [])


@pytest.mark.parametrize(
    ("is_allowed", "headers"),
    [(False, EXPLAIN), (True, {}), (True, {"X-Todo-Explain": "0"})],
    ids=["not allowed", "not asked for", "asked not to"],
)
async def test_nothing_is_explained_unless_it_is_asked_for_and_allowed(
    is_allowed: bool, headers: dict[str, str], sqlite_path: Path
) -> None:
    async with watched(f"sqlite:///{sqlite_path}", explain=is_allowed) as client:
        answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)

    assert answer.json() == {"data": {"__typename": "Query"}}


def test_a_template_without_a_place_for_the_id_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_TRACE_URL_TEMPLATE", "http://localhost:3000")

    with pytest.raises(SettingsError) as refusal:
        load_settings()

    assert refusal.value.sentences == (
        "APP_TRACE_URL_TEMPLATE must be a URL with {trace_id} in it, not 'http://localhost:3000'.",
    )
