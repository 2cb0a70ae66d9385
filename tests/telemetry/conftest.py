"""A collector of the test's own; applications that are made in the test export to it."""

from collections.abc import Iterator

import pytest

from tests.tools.otlp import OTLPReceiver, receiving


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[OTLPReceiver]:
    with receiving() as receiver:
        # HTTP, which needs no threads of gRPC's in the process of the tests.
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http_url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        yield receiver
