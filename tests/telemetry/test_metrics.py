from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric as ReceivedMetric

from tests.graphql.subscriptions.web_socket import opened
from tests.telemetry.client import trace_id, watched
from tests.telemetry.load import use_everything
from tests.tools.otlp import OTLPReceiver, attributes, data_points
from todo_gql.telemetry import names
from todo_gql.telemetry.names import Kind, Metric


def points(receiver: OTLPReceiver, metric: Metric) -> list[tuple[dict[str, Any], Any]]:
    """Give the last data points of a metric: their attributes, and their number or their count."""
    found = [received for received in receiver.metrics if received.name == metric.name]
    return [(attributes(point), _value(point)) for point in data_points(found[-1])] if found else []


def _value(point: Any) -> Any:
    if hasattr(point, "bucket_counts"):
        return point.count
    return getattr(point, point.WhichOneof("value"))


def kind_of(metric: ReceivedMetric) -> Kind:
    match metric.WhichOneof("data"):
        case "histogram":
            return Kind.HISTOGRAM
        case "gauge":
            return Kind.GAUGE
        case _:
            return Kind.COUNTER if metric.sum.is_monotonic else Kind.UP_DOWN_COUNTER


async def graphql(client: httpx.AsyncClient, document: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": document})


@pytest.mark.usefixtures("deprecated_field")
async def test_what_is_exported_is_what_the_names_say(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url, fault_injection=True) as client:
        await use_everything(client)

    exported = {metric.name: (kind_of(metric), metric.unit) for metric in receiver.metrics}
    assert exported == {metric.name: (metric.kind, metric.unit) for metric in names.METRICS}


@pytest.mark.usefixtures("deprecated_field")
@pytest.mark.parametrize("metric", names.METRICS, ids=lambda metric: metric.name)
async def test_a_metric_has_no_other_attributes_than_its_name_says(
    metric: Metric, sqlite_path: Path, receiver: OTLPReceiver
) -> None:
    async with watched(f"sqlite:///{sqlite_path}", fault_injection=True) as client:
        await use_everything(client)

    found = points(receiver, metric)
    assert found
    assert {name for labels, _ in found for name in labels} <= set(metric.attributes)


async def test_operations_are_counted_by_name_and_outcome(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        for _ in range(3):
            await graphql(client, "query List { todos { nodes { id } } }")
        await graphql(client, "query List { todos(first: -1) { nodes { id } } }")
        await graphql(client, "{")

    counted = points(receiver, names.OPERATION_DURATION)
    list_operation = {"graphql.operation.type": "query", "graphql.operation.name": "List"}
    assert ({**list_operation, "outcome": "ok"}, 3) in counted
    assert ({**list_operation, "outcome": "refused"}, 1) in counted
    unread = {"graphql.operation.type": "_unread", "graphql.operation.name": "_unread"}
    assert ({**unread, "outcome": "refused"}, 1) in counted


async def test_the_cost_of_operations_is_measured(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        await graphql(client, "query List { todos(first: 7) { nodes { id } } }")

    (metric,) = [metric for metric in receiver.metrics if metric.name == names.OPERATION_COST.name]
    (point,) = metric.histogram.data_points
    assert point.sum >= 7


async def test_a_problem_is_counted_by_its_code_on_either_face(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        await graphql(client, 'mutation { todoDelete(id: "x") { __typename } }')
        await client.delete("/todos/x")
        await client.delete("/todos/x")

    assert sorted(points(receiver, names.PROBLEMS), key=str) == [
        ({"problem.code": "NOT_FOUND", "protocol": "graphql"}, 1),
        ({"problem.code": "NOT_FOUND", "protocol": "rest"}, 2),
    ]


@pytest.mark.parametrize(
    ("headers", "client_name"),
    [
        ({"User-Agent": "bakery/1.2 (Linux)"}, "bakery"),
        ({"User-Agent": "bakery/1.2", "graphql-client-name": "oven"}, "oven"),
        ({"User-Agent": "(compatible)"}, "_unknown"),
        ({"User-Agent": ""}, "_unknown"),
    ],
)
async def test_calls_of_the_old_routes_are_counted_by_client(
    headers: dict[str, str], client_name: str, sqlite_path: Path, receiver: OTLPReceiver
) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        await client.get("/todos", headers=headers)
        await client.get("/livez", headers=headers)

    labels = {"http.request.method": "GET", "http.route": "/todos", "client.name": client_name}
    assert points(receiver, names.LEGACY_CALLS) == [(labels, 1)]


@pytest.mark.parametrize(
    ("headers", "client_name"),
    [
        ({"User-Agent": "bakery/1.2"}, "bakery"),
        ({"User-Agent": "bakery/1.2", "graphql-client-name": "oven"}, "oven"),
        ({"User-Agent": ""}, "_unknown"),
    ],
)
async def test_operations_that_ask_for_a_deprecated_field_are_counted_by_client(
    headers: dict[str, str], client_name: str, deprecated_field: str, sqlite_path: Path, receiver: OTLPReceiver
) -> None:
    asked = "query ($twice: Boolean!) { todos { nodes { isBlocked other: isBlocked @include(if: $twice) } } }"
    async with watched(f"sqlite:///{sqlite_path}") as client:
        for _ in range(2):
            await client.post("/graphql", json={"query": asked, "variables": {"twice": True}}, headers=headers)
        await client.post("/graphql", json={"query": "{ todos { nodes { id } } }"}, headers=headers)
        await client.post("/graphql", json={"query": "{ todos { nodes { isBlocked } }"}, headers=headers)

    labels = {"graphql.field": deprecated_field, "client.name": client_name}
    assert points(receiver, names.LEGACY_FIELDS) == [(labels, 2)]


async def test_a_client_of_a_socket_is_named_by_its_handshake(
    deprecated_field: str, sqlite_path: Path, receiver: OTLPReceiver
) -> None:
    headers = {"graphql-client-name": "oven"}
    async with (
        watched(f"sqlite:///{sqlite_path}") as client,
        opened(client, additional_headers=headers) as socket,
    ):
        await socket.subscribe("1", "{ todos { nodes { isBlocked } } }")
        await socket.receive()

    labels = {"graphql.field": deprecated_field, "client.name": "oven"}
    assert points(receiver, names.LEGACY_FIELDS) == [(labels, 1)]


@pytest.mark.usefixtures("deprecated_field")
async def test_the_names_of_clients_of_deprecated_fields_are_bounded(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        for number in range(55):
            headers = {"User-Agent": f"client{number}"}
            await client.post("/graphql", json={"query": "{ todos { nodes { isBlocked } } }"}, headers=headers)

    uses = {labels["client.name"]: count for labels, count in points(receiver, names.LEGACY_FIELDS)}
    assert len(uses) == 51
    assert uses["_other"] == 5


async def test_the_names_of_clients_are_bounded(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        for number in range(55):
            await client.get("/todos", headers={"User-Agent": f"client{number}"})

    calls = {labels["client.name"]: count for labels, count in points(receiver, names.LEGACY_CALLS)}
    assert len(calls) == 51
    assert calls["_other"] == 5


async def test_todos_are_counted_when_they_are_committed(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url) as client:
        first = (await client.post("/todos", json={"title": "Buy milk"})).json()["id"]
        second = (await client.post("/todos", json={"title": "Bake", "depends_on": first})).json()["id"]
        await client.post("/todos", json={"title": " "})
        await graphql(
            client, 'mutation { todoBulk(dryRun: true, operations: [{create: {title: "x"}}]) { __typename } }'
        )
        await graphql(client, f'mutation {{ todoComplete(id: "{second}", cascade: true) {{ __typename }} }}')
        await graphql(client, f'mutation {{ todoComplete(id: "{second}") {{ __typename }} }}')
        await client.patch(f"/todos/{second}", json={"title": "Bake bread"})

    assert points(receiver, names.TODOS_CREATED) == [({}, 2)]
    assert points(receiver, names.TODOS_COMPLETED) == [({}, 2)]


async def test_durations_lead_to_their_traces(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client:
        asked = await graphql(client, "query List { todos { nodes { isBlocked } } }")

    durations = {
        metric.name: {exemplar.trace_id.hex() for point in metric.histogram.data_points for exemplar in point.exemplars}
        for metric in receiver.metrics
        if metric.name.endswith(".duration")
    }
    assert len(durations) == 4
    assert all(trace_id(asked) in found for found in durations.values()), durations
