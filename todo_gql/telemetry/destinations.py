"""Where telemetry goes, by the standard variables (opentelemetry.io/docs/specs/otel/protocol/exporter)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

OFF: Final = "dummy"
"""What the old service's callers write for an endpoint that they do not have."""

_HTTP_PORT: Final = 4318
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Signal(StrEnum):
    """What is exported; the value is the last part of the path over HTTP."""

    TRACES = "traces"
    METRICS = "metrics"
    LOGS = "logs"


class Protocol(StrEnum):
    """How it is exported."""

    GRPC = "grpc"
    HTTP = "http/protobuf"


class DestinationError(Exception):
    """A variable cannot be used; the message is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A collector; `url` is what the exporter of the protocol wants."""

    protocol: Protocol
    url: str

    @property
    def address(self) -> tuple[str, int]:
        """Name the host and the port that connections go to."""
        return address_of(urlsplit(self.url))


def find_destination(signal: Signal, environment: Mapping[str, str]) -> Destination | None:
    """Say where a signal goes; None: nowhere.

    Without an endpoint nothing is exported: the specification's default, a collector on localhost, would be a line
    in the log of everyone who has none. Without a scheme an endpoint is plain HTTP, as the old service had it.

    Raises:
        DestinationError: a variable has a value that cannot be used.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    exporter = environment.get(f"OTEL_{signal.upper()}_EXPORTER", "").strip() or "otlp"
    if exporter == "none":
        return None
    if exporter != "otlp":
        raise DestinationError(f"OTEL_{signal.upper()}_EXPORTER must be otlp or none, not {exporter!r}.")
    own_endpoint = environment.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT", "").strip()
    endpoint = own_endpoint or environment.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    if endpoint in {"", OFF}:
        return None
    parts = split_endpoint(endpoint)
    protocol = _protocol(signal, parts, environment)
    if protocol is Protocol.HTTP and not own_endpoint:
        parts = parts._replace(path=f"{parts.path.rstrip('/')}/v1/{signal}")
    return Destination(protocol=protocol, url=parts.geturl())


def split_endpoint(endpoint: str) -> SplitResult:
    """Take an endpoint apart: a URL, or `host:port`.

    Raises:
        DestinationError: it is neither.
    """
    refusal = DestinationError("OTEL_EXPORTER_OTLP_ENDPOINT must be host:4317 or a URL such as http://host:4318.")
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
        has_port = parts.port is None or parts.port > 0
    except ValueError as error:
        raise refusal from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not has_port:
        raise refusal
    return parts


def address_of(parts: SplitResult) -> tuple[str, int]:
    """Name the host and the port of an endpoint that `split_endpoint` has given."""
    return parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]


def _protocol(signal: Signal, parts: SplitResult, environment: Mapping[str, str]) -> Protocol:
    for name in (f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if value := environment.get(name, "").strip():
            try:
                return Protocol(value)
            except ValueError as error:
                raise DestinationError(f"{name} must be grpc or http/protobuf, not {value!r}.") from error
    return Protocol.HTTP if parts.port == _HTTP_PORT else Protocol.GRPC
