"""Every instrument, with its unit and meaning. docs/telemetry.md is made of this module.

Names of OpenTelemetry's semantic conventions (opentelemetry.io/docs/specs/semconv) come first; what they have no name
for starts with `todo_gql.`. The attributes are the only ones that a measurement has, and each has few values.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Meter, Observation, UpDownCounter

type Observe = Callable[[CallbackOptions], Iterable[Observation]]

# From semconv/http/http-metrics and semconv/database/database-metrics.
_HTTP_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_DATABASE_SECONDS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)


@dataclass(frozen=True, slots=True)
class Metric:
    """An instrument before a meter makes it."""

    name: str
    unit: str
    meaning: str
    attributes: Sequence[str] = ()
    buckets: Sequence[float] | None = None

    def counter(self, meter: Meter) -> Counter:
        """Make something that only grows."""
        return meter.create_counter(self.name, self.unit, self.meaning)

    def up_down_counter(self, meter: Meter) -> UpDownCounter:
        """Make something that grows and shrinks."""
        return meter.create_up_down_counter(self.name, self.unit, self.meaning)

    def histogram(self, meter: Meter) -> Histogram:
        """Make a distribution."""
        return meter.create_histogram(
            self.name, self.unit, self.meaning, explicit_bucket_boundaries_advisory=self.buckets
        )

    def observed_counter(self, meter: Meter, observe: Observe) -> None:
        """Make a total that is asked for when metrics are exported."""
        meter.create_observable_counter(self.name, [observe], self.unit, self.meaning)

    def gauge(self, meter: Meter, observe: Observe) -> None:
        """Make a value that is asked for when metrics are exported."""
        meter.create_observable_gauge(self.name, [observe], self.unit, self.meaning)


HTTP_DURATION: Final = Metric(
    "http.server.request.duration",
    "s",
    "How long requests took, without probes.",
    ("http.request.method", "http.response.status_code", "http.route", "url.scheme", "error.type"),
    _HTTP_SECONDS,
)
HTTP_ACTIVE: Final = Metric(
    "http.server.active_requests",
    "{request}",
    "Requests that are being answered.",
    ("http.request.method", "url.scheme"),
)
OPERATION_DURATION: Final = Metric(
    "todo_gql.graphql.operation.duration",
    "s",
    "How long GraphQL operations took, from the document to the answer. Only the outcome `failed` is our fault.",
    ("graphql.operation.type", "graphql.operation.name", "outcome"),
    _HTTP_SECONDS,
)
RESOLVER_DURATION: Final = Metric(
    "todo_gql.graphql.resolver.duration",
    "s",
    "How long an operation spent at a field: from the start of its first resolver to the end of its last.",
    ("graphql.field",),
    _DATABASE_SECONDS,
)
PROBLEMS: Final = Metric(
    "todo_gql.problems",
    "{problem}",
    "Problems that answers held, by their code: the same one in GraphQL and in REST.",
    ("problem.code", "protocol"),
)
LEGACY_CALLS: Final = Metric(
    "todo_gql.legacy.calls",
    "{call}",
    "Calls of the REST routes that GraphQL succeeds, by the program that called.",
    ("http.request.method", "http.route", "client.name"),
)
DATABASE_DURATION: Final = Metric(
    "db.client.operation.duration",
    "s",
    "How long single statements took.",
    ("db.system.name", "db.operation.name", "db.collection.name", "error.type"),
    _DATABASE_SECONDS,
)
