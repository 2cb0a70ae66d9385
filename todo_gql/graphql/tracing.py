"""Records operations: the durations of each and of its resolvers, what it costs, and how it ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry.metrics import Meter
from opentelemetry.trace import StatusCode, Tracer

from todo_gql.graphql.operation_trace import MAX_SPANS_A_COORDINATE, OperationTrace, begin
from todo_gql.graphql.request import Refused
from todo_gql.telemetry import names
from todo_gql.telemetry.bounded import MAX_CLIENTS, BoundedNames, client_name
from todo_gql.telemetry.outcomes import Outcome, outcome_of
from todo_gql.telemetry.trace import RequestRecord, current_record

MAX_NAMES: Final = 100


class Tracing:
    """Records operations."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self._tracer = tracer
        self._names = BoundedNames(MAX_NAMES)
        self._clients = BoundedNames(MAX_CLIENTS)
        self._durations = names.OPERATION_DURATION.histogram(meter)
        self._costs = names.OPERATION_COST.histogram(meter)
        self._resolver_durations = names.RESOLVER_DURATION.histogram(meter)
        self._legacy_fields = names.LEGACY_FIELDS.counter(meter)

    @contextmanager
    def operation(self) -> Iterator[OperationTrace]:
        """Record what is executed within as one operation."""
        record = current_record()
        problems_before = len(record.problems) if record else 0
        trace = OperationTrace(self._tracer, self._names)
        end = begin(trace)
        outcome = Outcome.FAILED
        try:
            yield trace
            outcome = outcome_of(record.problems[problems_before:] if record else ())
        except Refused:
            outcome = Outcome.REFUSED
            raise
        finally:
            self._measure(trace, outcome)
            if trace.deprecated:
                self._count_deprecated(trace, record)
            end()
            _finish(trace, outcome)

    def _measure(self, trace: OperationTrace, outcome: Outcome) -> None:
        """Measure while the span is active, so that the measurements lead to it as their exemplar."""
        operation = {"graphql.operation.type": trace.type, "graphql.operation.name": trace.name}
        self._durations.record(trace.elapsed_s(), {**operation, "outcome": outcome.value})
        if trace.cost is not None:
            self._costs.record(trace.cost, operation)
        for coordinate, calls in trace.coordinates.items():
            self._resolver_durations.record(calls.ended_at - calls.started_at, {"graphql.field": coordinate})

    def _count_deprecated(self, trace: OperationTrace, record: RequestRecord | None) -> None:
        client = self._clients.admit(client_name(record.headers if record else ()))
        for coordinate in trace.deprecated:
            self._legacy_fields.add(1, {"graphql.field": coordinate, "client.name": client})


def _finish(trace: OperationTrace, outcome: Outcome) -> None:
    span = trace.span
    if span.is_recording():
        span.set_attributes(
            {
                "graphql.operation.type": trace.type,
                "graphql.operation.name": trace.name,
                names.DOCUMENT_IS_KNOWN: trace.is_known_document,
                names.OUTCOME: outcome.value,
            }
        )
        if trace.cost is not None:
            span.set_attribute(names.COST, trace.cost)
        unrecorded = [
            f"{coordinate}: {calls.calls - MAX_SPANS_A_COORDINATE}"
            for coordinate, calls in trace.coordinates.items()
            if calls.calls > MAX_SPANS_A_COORDINATE
        ]
        if unrecorded:
            span.set_attribute(names.UNRECORDED_RESOLVERS, unrecorded)
        if outcome is Outcome.FAILED:
            span.set_status(StatusCode.ERROR)
    span.end()
