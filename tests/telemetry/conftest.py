"""A collector of the test's own; applications that are made in the test export to it."""

from collections.abc import Iterator

import pytest

from tests.tools.otlp import OTLPReceiver, receiving
from todo_gql.graphql.schema import build_schema, print_sdl


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[OTLPReceiver]:
    with receiving() as receiver:
        # HTTP, which needs no threads of gRPC's in the process of the tests.
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http_url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        yield receiver


@pytest.fixture
def deprecated_field(monkeypatch: pytest.MonkeyPatch) -> str:
    """A field that applications made in the test have deprecated: as long as nothing is, one is here."""
    print_sdl()  # Printed once a process, as it is.
    monkeypatch.setattr(
        build_schema().type_map["Todo"].fields["isBlocked"],  # type: ignore[attr-defined]  # It is an object type.
        "deprecation_reason",
        "2026-11-23: ask for the dependencies.",
    )
    return "Todo.isBlocked"
