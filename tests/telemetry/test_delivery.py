"""The service as an operator runs it, with a collector that is there, away, deaf or late."""

import signal
import socket
import sys
from pathlib import Path

import pytest

from tests import loopback, process
from tests.process import serving
from tests.telemetry.client import trace_id
from tests.tools.otlp import attributes, data_points, receiving, tree
from todo_gql.telemetry import names
from todo_gql.version import version

pytestmark = pytest.mark.process

GET_TODOS = "GET /todos [SERVER]\n  SELECT todos [CLIENT]"
SLOW_BATCHES = {"OTEL_BSP_SCHEDULE_DELAY": "60000", "OTEL_BLRP_SCHEDULE_DELAY": "60000"}


def stop(service: process.Service) -> str:
    service.signal(signal.SIGTERM)
    code, rest = service.wait()
    assert code == 0, rest
    return rest


def telemetry_lines(said: str) -> list[str]:
    return [line for line in said.splitlines() if "telemetry" in line or "opentelemetry" in line or "grpc" in line]


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_everything_pending_is_delivered_at_the_stop(protocol: str, tmp_path: Path) -> None:
    with receiving() as receiver:
        endpoint = receiver.grpc_address if protocol == "grpc" else receiver.http_url
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol}
        with serving(tmp_path, **environment, **SLOW_BATCHES) as service:
            answers = [loopback.get(f"{service.url}/todos") for _ in range(20)]
            assert receiver.requests == []
            rest = stop(service)

    assert {tree(receiver.spans, trace_id(answer)) for answer in answers} == {GET_TODOS}
    assert "http.server.request.duration" in {metric.name for metric in receiver.metrics}
    assert "todo-gql has stopped" in rest
    assert telemetry_lines(rest) == []


def test_the_service_says_who_it_is(tmp_path: Path) -> None:
    with receiving() as receiver:
        described = "deployment.environment.name=production,service.namespace=todos"
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.grpc_address, "OTEL_RESOURCE_ATTRIBUTES": described}
        with serving(tmp_path, **settings) as service:
            loopback.get(f"{service.url}/todos")
            stop(service)

    resources = [attributes(resource) for resource in receiver.resources]
    assert len({resource["service.instance.id"] for resource in resources}) == 1
    assert {resource["service.name"] for resource in resources} == {"todo-gql"}
    assert {resource["service.version"] for resource in resources} == {version()}
    assert {resource["deployment.environment.name"] for resource in resources} == {"production"}


def test_the_name_of_the_service_can_be_given(tmp_path: Path) -> None:
    with receiving() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.grpc_address, "OTEL_SERVICE_NAME": "chores"}
        with serving(tmp_path, **settings) as service:
            stop(service)

    assert {attributes(resource)["service.name"] for resource in receiver.resources} == {"chores"}


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_a_collector_that_is_away_is_three_lines_at_most(protocol: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_BSP_SCHEDULE_DELAY": "10",
        "OTEL_METRIC_EXPORT_INTERVAL": "10",
    }

    with serving(tmp_path, **environment) as service:
        answers = [loopback.get(f"{service.url}/todos").status_code for _ in range(20)]
        rest = stop(service)

    assert answers == [200] * 20
    assert 1 <= len(telemetry_lines(rest)) <= 3, rest
    assert "Traceback" not in rest


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_a_collector_that_never_answers_does_not_hold_the_stop_up(protocol: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"127.0.0.1:{deaf.getsockname()[1]}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        }
        with serving(tmp_path, **environment) as service:
            loopback.get(f"{service.url}/todos")
            rest = stop(service)

    assert "The collector did not take the last telemetry: it is lost." in rest
    assert len(telemetry_lines(rest)) <= 3


def test_a_collector_that_comes_back_is_delivered_to(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"127.0.0.1:{port}", "OTEL_BSP_SCHEDULE_DELAY": "10"}
    with serving(tmp_path, **environment) as service:
        loopback.get(f"{service.url}/todos")
        with receiving(port) as receiver:
            late = loopback.get(f"{service.url}/todos")
            rest = stop(service)

    assert trace_id(late) in {span.trace_id.hex() for span in receiver.spans}
    assert len(telemetry_lines(rest)) <= 3


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_a_slow_collector_gets_everything_and_is_not_waited_for(protocol: str, tmp_path: Path) -> None:
    with receiving() as receiver:
        receiver.is_prompt.clear()
        endpoint = receiver.grpc_address if protocol == "grpc" else receiver.http_url
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_BSP_SCHEDULE_DELAY": "10",
            "OTEL_METRIC_EXPORT_INTERVAL": "10",
        }
        with serving(tmp_path, **environment) as service:
            answers = [loopback.get(f"{service.url}/todos") for _ in range(20)]
            receiver.is_prompt.set()
            rest = stop(service)

    assert {tree(receiver.spans, trace_id(answer)) for answer in answers} == {GET_TODOS}
    assert telemetry_lines(rest) == []


@pytest.mark.parametrize("endpoint", ["", "dummy"])
def test_without_a_collector_nothing_is_said_of_it(endpoint: str, tmp_path: Path) -> None:
    with serving(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as service:
        loopback.get(f"{service.url}/todos")
        rest = stop(service)

    assert telemetry_lines(rest) == []


def test_a_variable_that_cannot_be_used_is_a_line_and_no_reason_to_stop(tmp_path: Path) -> None:
    with serving(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="ftp://host") as service:
        answer = loopback.get(f"{service.url}/todos")
        stop(service)

    assert answer.status_code == 200


def test_under_opentelemetry_instrument_nothing_is_doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    automatic = str(Path(sys.executable).parent / "opentelemetry-instrument")
    monkeypatch.setattr(process, "COMMAND", (automatic, *process.COMMAND))
    with receiving() as receiver:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{receiver.grpc_address}"}
        with serving(tmp_path, **environment) as service:
            answer = loopback.get(f"{service.url}/todos")
            asked = loopback.post(f"{service.url}/graphql", json={"query": "{ todos { nodes { id } } }"})
            stop(service)

    assert tree(receiver.spans, trace_id(answer)) == GET_TODOS
    assert tree(receiver.spans, trace_id(asked)) == (
        "POST /graphql [SERVER]\n"
        "  query [INTERNAL]\n"
        "    parse [INTERNAL]\n"
        "    validate [INTERNAL]\n"
        "    resolve Query.todos [INTERNAL]\n"
        "      SELECT todos [CLIENT]"
    )
    requests = [metric for metric in receiver.metrics if metric.name == names.HTTP_DURATION.name]
    assert sum(point.count for point in data_points(requests[-1])) == 2
    assert {metric.name for metric in receiver.metrics} <= {metric.name for metric in names.METRICS}
    assert {attributes(resource)["service.name"] for resource in receiver.resources} == {"todo-gql"}
    listening = [record for record in receiver.logs if " listens on " in record.body.string_value]
    assert len(listening) == 1


def test_a_receiver_is_only_asked_for_what_is_not_switched_off(tmp_path: Path) -> None:
    with receiving() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.grpc_address, "OTEL_TRACES_EXPORTER": "none"}
        with serving(tmp_path, **settings) as service:
            answer = loopback.get(f"{service.url}/todos")
            stop(service)

    assert answer.headers["traceresponse"]
    assert receiver.spans == []
    assert receiver.metrics
    assert receiver.logs
