import pytest

from todo_gql.telemetry.destinations import Destination, DestinationError, Protocol, Signal, find_destination

GRPC = Protocol.GRPC
HTTP = Protocol.HTTP


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="unset"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, id="empty"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "dummy"}, id="dummy"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "host:4317", "OTEL_TRACES_EXPORTER": "none"}, id="none"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "host:4317", "OTEL_SDK_DISABLED": "true"}, id="disabled"),
    ],
)
def test_nothing_is_exported(environment: dict[str, str]) -> None:
    assert find_destination(Signal.TRACES, environment) is None


@pytest.mark.parametrize(
    ("environment", "protocol", "url"),
    [
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "host:4317"}, GRPC, "http://host:4317", id="host and port"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://host:4317"}, GRPC, "http://host:4317", id="a URL"),
        pytest.param({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://host"}, GRPC, "https://host", id="TLS"),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-lgtm:4318"},
            HTTP,
            "http://otel-lgtm:4318/v1/traces",
            id="the port of HTTP",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "host:4318/otlp/"}, HTTP, "http://host:4318/otlp/v1/traces", id="a path"
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "host:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            GRPC,
            "http://host:4318",
            id="the protocol decides",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "host:4317", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"},
            HTTP,
            "http://host:4317/v1/traces",
            id="the protocol of the signal decides",
        ),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "dummy", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://host:4318/here"},
            HTTP,
            "http://host:4318/here",
            id="the endpoint of the signal is taken as it is",
        ),
    ],
)
def test_the_destination_follows_the_variables(environment: dict[str, str], protocol: Protocol, url: str) -> None:
    assert find_destination(Signal.TRACES, environment) == Destination(protocol=protocol, url=url)


@pytest.mark.parametrize(
    "environment",
    [
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://host:21"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://host:port"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://:4317"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "host:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "host:4317", "OTEL_TRACES_EXPORTER": "jaeger"},
    ],
)
def test_what_cannot_be_used_is_refused_with_what_can(environment: dict[str, str]) -> None:
    with pytest.raises(DestinationError, match=" must be "):
        find_destination(Signal.TRACES, environment)
