"""Whole traces of REST, as text."""

from pathlib import Path

import httpx
import pytest

from tests.telemetry.client import trace_id, watched
from tests.tools.otlp import OTLPReceiver, attributes, tree

SAMPLED = 1


async def test_a_list_is_a_server_span_and_its_statements(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url) as client:
        await client.post("/todos", json={"title": "Buy milk"})
        listed = await client.get("/todos")
        unchanged = await client.get("/todos", headers={"If-None-Match": listed.headers["ETag"]})

    assert tree(receiver.spans, trace_id(listed), "http.response.status_code", "http.route") == (
        "GET /todos [SERVER] http.response.status_code=200 http.route=/todos\n  SELECT todos [CLIENT]"
    )
    position = "sqlite_sequence" if database_url.startswith("sqlite") else "todo_changes"
    assert tree(receiver.spans, trace_id(unchanged), "http.response.status_code", "http.route") == (
        f"GET /todos [SERVER] http.response.status_code=304 http.route=/todos\n  SELECT {position} [CLIENT]"
    )


async def test_a_creation_shows_every_statement_of_its_transaction(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url) as client:
        created = await client.post("/todos", json={"title": "Buy milk"})

    # PostgreSQL inserts both rows by one statement.
    logged = "\n  INSERT todo_changes [CLIENT]" if database_url.startswith("sqlite") else ""
    assert tree(receiver.spans, trace_id(created), "http.response.status_code") == (
        f"POST /todos [SERVER] http.response.status_code=201\n  INSERT todos [CLIENT]{logged}"
    )


async def test_a_statement_is_described_by_the_stable_conventions(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url) as client:
        await client.get("/todos")

    found = attributes(next(span for span in receiver.spans if span.name == "SELECT todos"))
    text = found.pop("db.query.text")
    assert text.startswith("WITH found AS \n(SELECT todos.owner AS owner, ")
    assert "WHERE todos.owner = " in text
    shared = {"db.operation.name": "SELECT", "db.collection.name": "todos"}
    if database_url.startswith("sqlite"):
        assert found == {"db.system.name": "sqlite", "db.namespace": "main", **shared}
    else:
        url = httpx.URL(database_url)
        assert found == {
            "db.system.name": "postgresql",
            **shared,
            "server.address": url.host,
            "server.port": url.port,
            "db.namespace": url.path.removeprefix("/"),
        }


async def test_a_request_is_described_by_the_stable_conventions(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        await client.get("/todos?limit=1")
        port = client.base_url.port

    (span,) = [span for span in receiver.spans if span.name == "GET /todos"]
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/todos",
        "network.protocol.version": "1.1",
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.path": "/todos",
        "url.scheme": "http",
    }


@pytest.mark.parametrize(
    ("method", "path", "name", "status"),
    [
        ("GET", "/todos?simulate_error=500", "GET /todos [SERVER] ERROR", 500),
        ("GET", "/todos/unknown", "GET /todos/{id} [SERVER]", 404),
        ("GET", "/nowhere", "GET [SERVER]", 404),
        ("DELETE", "/todos", "DELETE /todos [SERVER]", 405),
        ("POST", "/todos", "POST /todos [SERVER]", 415),
    ],
)
async def test_only_our_own_faults_are_errors(
    method: str, path: str, name: str, status: int, sqlite_path: Path, receiver: OTLPReceiver
) -> None:
    async with watched(f"sqlite:///{sqlite_path}", fault_injection=True) as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
    assert answer.json()["traceId"] == trace_id(answer)
    assert tree(receiver.spans, trace_id(answer)) == name


async def test_a_caller_s_trace_is_continued(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    theirs = "0af7651916cd43dd8448eb211c80319c"
    async with watched(f"sqlite:///{sqlite_path}") as client:
        answer = await client.get("/todos", headers={"traceparent": f"00-{theirs}-b7ad6b7169203331-01"})

    assert trace_id(answer) == theirs
    (span,) = [span for span in receiver.spans if span.name == "GET /todos"]
    assert span.trace_id.hex() == theirs
    assert span.parent_span_id.hex() == "b7ad6b7169203331"


async def test_an_unsampled_request_has_a_trace_id_all_the_same(
    sqlite_path: Path, receiver: OTLPReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")

    async with watched(f"sqlite:///{sqlite_path}") as client:
        answer = await client.get("/todos")

    flags = int(answer.headers["traceresponse"].rpartition("-")[2], base=16)
    assert trace_id(answer)
    assert flags & SAMPLED == 0
    assert receiver.spans == []


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_probes_have_no_traces_and_are_not_measured(path: str, sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        answer = await client.get(path)

    assert trace_id(answer)
    assert [span.name for span in receiver.spans if span.kind == span.SPAN_KIND_SERVER] == []
    assert "http.server.request.duration" not in {metric.name for metric in receiver.metrics}


@pytest.mark.parametrize("path", ["/", "/todos", "/graphql", "/docs", "/openapi.json", "/nowhere", "/readyz"])
async def test_every_answer_names_its_trace_without_telemetry_too(path: str, sqlite_path: Path) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        first, second = await client.get(path), await client.get(path)

    assert trace_id(first) != trace_id(second)
