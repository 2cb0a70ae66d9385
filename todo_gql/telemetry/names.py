"""Every instrument and every attribute of our own, with unit and meaning. docs/telemetry.md is made of this module.

Names of OpenTelemetry's semantic conventions (opentelemetry.io/docs/specs/semconv) come first; what they have no name
for starts with `todo_gql.`. A measurement has no other attributes than those named here, and each has few values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Meter, Observation

type Observe = Callable[[CallbackOptions], Iterable[Observation]]


class Kind(StrEnum):
    """What an instrument is."""

    COUNTER = "counter"
    UP_DOWN_COUNTER = "up-down counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


# From semconv/http/http-metrics and semconv/database/database-metrics.
_HTTP_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_DATABASE_SECONDS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)


@dataclass(frozen=True, slots=True)
class Metric:
    """An instrument before a meter makes it."""

    kind: Kind
    name: str
    unit: str
    meaning: str
    attributes: Sequence[str] = ()
    buckets: Sequence[float] | None = None

    def counter(self, meter: Meter) -> Counter:
        """Make something that is added to."""
        return meter.create_counter(self.name, self.unit, self.meaning)

    def histogram(self, meter: Meter) -> Histogram:
        """Make a distribution."""
        return meter.create_histogram(
            self.name, self.unit, self.meaning, explicit_bucket_boundaries_advisory=self.buckets
        )

    def observe(self, meter: Meter, observe: Observe) -> None:
        """Make something whose value is asked for when metrics are exported."""
        create = {
            Kind.COUNTER: meter.create_observable_counter,
            Kind.UP_DOWN_COUNTER: meter.create_observable_up_down_counter,
            Kind.GAUGE: meter.create_observable_gauge,
        }[self.kind]
        create(self.name, [observe], self.unit, self.meaning)


HTTP_DURATION: Final = Metric(
    Kind.HISTOGRAM,
    "http.server.request.duration",
    "s",
    "How long requests took, without probes.",
    (
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "url.scheme",
        "network.protocol.version",
        "error.type",
    ),
    _HTTP_SECONDS,
)
HTTP_ACTIVE: Final = Metric(
    Kind.UP_DOWN_COUNTER,
    "http.server.active_requests",
    "{request}",
    "Requests that are being answered.",
    ("http.request.method", "url.scheme"),
)
OPERATION_DURATION: Final = Metric(
    Kind.HISTOGRAM,
    "todo_gql.graphql.operation.duration",
    "s",
    "How long GraphQL operations took, from the document to the answer. Only the outcome `failed` is our fault.",
    ("graphql.operation.type", "graphql.operation.name", "outcome"),
    _HTTP_SECONDS,
)
OPERATION_COST: Final = Metric(
    Kind.HISTOGRAM,
    "todo_gql.graphql.operation.cost",
    "{object}",
    "How many objects operations could have resolved, as estimated before they ran.",
    ("graphql.operation.type", "graphql.operation.name"),
    (0, 1, 10, 50, 100, 500, 1000, 5000, 10_000),
)
RESOLVER_DURATION: Final = Metric(
    Kind.HISTOGRAM,
    "todo_gql.graphql.resolver.duration",
    "s",
    "How long an operation spent at a field: from the start of its first resolver to the end of its last.",
    ("graphql.field",),
    _DATABASE_SECONDS,
)
PROBLEMS: Final = Metric(
    Kind.COUNTER,
    "todo_gql.problems",
    "{problem}",
    "Problems that answers held, by their code: the same one in GraphQL and in REST.",
    ("problem.code", "protocol"),
)
LEGACY_CALLS: Final = Metric(
    Kind.COUNTER,
    "todo_gql.legacy.calls",
    "{call}",
    "Calls of the REST routes that GraphQL succeeds, by the program that called; the first 50 programs have names.",
    ("http.request.method", "http.route", "client.name"),
)
LEGACY_FIELDS: Final = Metric(
    Kind.COUNTER,
    "todo_gql.legacy.fields",
    "{operation}",
    "Operations that asked for a deprecated field or argument, by the program that sent them; the first 50 programs "
    "have names.",
    ("graphql.field", "client.name"),
)
SUBSCRIPTIONS: Final = Metric(
    Kind.UP_DOWN_COUNTER,
    "todo_gql.subscriptions.active",
    "{subscription}",
    "Subscriptions that are open.",
    ("transport",),
)
EVENTS_DELIVERED: Final = Metric(
    Kind.COUNTER,
    "todo_gql.events.delivered",
    "{event}",
    "Events that were sent, each counted for every subscriber that it was sent to.",
    ("transport",),
)
EVENTS_LAG: Final = Metric(
    Kind.HISTOGRAM,
    "todo_gql.events.lag",
    "s",
    "How long after its change an event was sent to a subscriber; of several that were sent together, the oldest. What "
    "was missed before a subscriber came does not count.",
    buckets=(*_HTTP_SECONDS, 30, 60),
)
CHANGES_BACKLOG: Final = Metric(
    Kind.GAUGE,
    "todo_gql.changes.backlog",
    "s",
    "How far the process is behind the change log: for how long it has not seen all of it. Without a notification it "
    "looks every 5 s; 0 when nobody has subscribed.",
)
TODOS_CREATED: Final = Metric(Kind.COUNTER, "todo_gql.todos.created", "{todo}", "Todos that were created.")
TODOS_COMPLETED: Final = Metric(Kind.COUNTER, "todo_gql.todos.completed", "{todo}", "Todos that were completed.")
DATABASE_DURATION: Final = Metric(
    Kind.HISTOGRAM,
    "db.client.operation.duration",
    "s",
    "How long single statements took.",
    ("db.system.name", "db.operation.name", "db.collection.name", "error.type"),
    _DATABASE_SECONDS,
)
CONNECTIONS: Final = Metric(
    Kind.UP_DOWN_COUNTER,
    "db.client.connection.count",
    "{connection}",
    "Open connections to the database: in use, or waiting for work.",
    ("db.client.connection.state", "db.client.connection.pool.name"),
)
CONNECTIONS_MAX: Final = Metric(
    Kind.UP_DOWN_COUNTER,
    "db.client.connection.max",
    "{connection}",
    "How many connections there can be.",
    ("db.client.connection.pool.name",),
)
CONNECTIONS_PENDING: Final = Metric(
    Kind.UP_DOWN_COUNTER,
    "db.client.connection.pending_requests",
    "{request}",
    "Units of work that wait for a connection.",
    ("db.client.connection.pool.name",),
)
CONNECTION_TIMEOUTS: Final = Metric(
    Kind.COUNTER,
    "db.client.connection.timeouts",
    "{timeout}",
    "Units of work that gave up waiting for a connection.",
    ("db.client.connection.pool.name",),
)
EVENT_LOOP_LAG: Final = Metric(
    Kind.GAUGE,
    "todo_gql.event_loop.lag",
    "s",
    "The longest that anything had to wait for the event loop since the last export.",
)
CPU_TIME: Final = Metric(
    Kind.COUNTER, "process.cpu.time", "s", "Processor time that the process has taken.", ("cpu.mode",)
)
MEMORY: Final = Metric(Kind.UP_DOWN_COUNTER, "process.memory.usage", "By", "Memory that the process occupies.")
FILE_DESCRIPTORS: Final = Metric(
    Kind.UP_DOWN_COUNTER,
    "process.unix.file_descriptor.count",
    "{file_descriptor}",
    "Open files and sockets.",
)
UPTIME: Final = Metric(Kind.GAUGE, "process.uptime", "s", "How long the process has been running.")
GC_COLLECTIONS: Final = Metric(
    Kind.COUNTER,
    "cpython.gc.collections",
    "{collection}",
    "Runs of Python's garbage collector.",
    ("cpython.gc.generation",),
)

METRICS: Final = tuple(value for value in globals().values() if isinstance(value, Metric))

COST: Final = "todo_gql.cost"
DOCUMENT_IS_KNOWN: Final = "todo_gql.document.is_known"
OUTCOME: Final = "todo_gql.outcome"
PROBLEM_CODES: Final = "todo_gql.problem.codes"
SUBSCRIBERS: Final = "todo_gql.subscribers"
UNRECORDED_RESOLVERS: Final = "todo_gql.unrecorded_resolvers"

SPAN_ATTRIBUTES: Final[Mapping[str, str]] = {
    COST: "Operation: how many objects it could have resolved, as estimated before it ran.",
    DOCUMENT_IS_KNOWN: "Operation: whether its document had been parsed and validated before.",
    OUTCOME: "Operation: `ok`, `refused` (the client's mistake or a rule of the domain), `failed` (our fault).",
    PROBLEM_CODES: "Request: the codes of the problems that the answer holds.",
    SUBSCRIBERS: "Event: how many subscribers it is for; the first 100 whose subscription was recorded have links.",
    UNRECORDED_RESOLVERS: "Operation: fields with more than twenty resolvers, and how many of them have no span.",
}
"""Attributes of spans that are no semantic conventions, with their meanings."""
