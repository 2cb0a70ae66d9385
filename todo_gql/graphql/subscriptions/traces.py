"""Traces for what no HTTP request stands around: an operation of a WebSocket, and each event.

    WebSocket /graphql           deliver TodoEvent, linked to whoever has subscribed, and to whoever made the change
    └── subscription Follow      └── subscription Follow
        ├── parse                    └── resolve TodoEvent.todo
        └── validate                     └── SELECT todos

An event is executed once for all who have subscribed to the same, so that all of them share its trace.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final

from graphql import OperationDefinitionNode
from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.trace import Span, SpanContext, SpanKind, TraceFlags, Tracer, set_span_in_context

from todo_gql.graphql.subscriptions.subscriber import Subscriber
from todo_gql.graphql.tracing import Tracing
from todo_gql.telemetry import names
from todo_gql.telemetry.trace import RequestRecord, recorded_apart
from todo_gql.telemetry.usage import count_problems
from todo_gql.todos.model import Change

MAX_LINKED: Final = 100
"""Subscribers that an event is linked to. The SDK keeps the last 128 links, and that to the change comes first."""

_SOCKET: Final = {"http.route": "/graphql", "network.protocol.name": "websocket"}
_NOWHERE: Final = Context()


class StreamTraces:
    """Gives operations of sockets, and events, what a request has: a trace, a record, and its problems counted."""

    def __init__(self, tracer: Tracer, meter: Meter, tracing: Tracing) -> None:
        self._tracer = tracer
        self._tracing = tracing
        self._problems = names.PROBLEMS.counter(meter)

    @contextmanager
    def request(self) -> Iterator[Callable[[], None]]:
        """Record an operation of a WebSocket; give what ends its span when a subscription is open, which may last."""
        span = self._tracer.start_span("WebSocket /graphql", _NOWHERE, SpanKind.SERVER, _SOCKET)
        with self._active(span) as record:
            yield lambda: _end(span, record)

    @contextmanager
    def event(
        self, operation: OperationDefinitionNode, change: Change, subscribers: Collection[Subscriber]
    ) -> Iterator[None]:
        """Record the execution of an event."""
        span = self._tracer.start_span("deliver TodoEvent", _NOWHERE, SpanKind.CONSUMER)
        # With a thousand subscribers their links are work, which only a span that is recorded is worth.
        if span.is_recording():
            _link(span, change, [subscriber for subscriber in subscribers if subscriber.wants(change)])
        with self._active(span), self._tracing.operation() as trace:
            trace.identify(operation)
            yield

    @contextmanager
    def _active(self, span: Span) -> Iterator[RequestRecord]:
        token = context.attach(set_span_in_context(span))
        try:
            with recorded_apart() as record:
                try:
                    yield record
                finally:
                    _end(span, record)
                    count_problems(self._problems, record, "graphql")
        finally:
            context.detach(token)


def _link(span: Span, change: Change, subscribers: Collection[Subscriber]) -> None:
    span.set_attribute(names.SUBSCRIBERS, len(subscribers))
    if change.trace_id is not None and change.span_id is not None:
        flags = TraceFlags(TraceFlags.SAMPLED)
        span.add_link(SpanContext(int(change.trace_id, 16), int(change.span_id, 16), is_remote=True, trace_flags=flags))
    # What was not recorded is nowhere to be seen.
    recorded = (subscriber.opened_in for subscriber in subscribers if subscriber.opened_in.trace_flags.sampled)
    for operation in islice(recorded, MAX_LINKED):
        span.add_link(operation)


def _end(span: Span, record: RequestRecord) -> None:
    if not span.is_recording():
        return
    if record.problems:
        span.set_attribute(names.PROBLEM_CODES, list(dict.fromkeys(record.problems)))
    span.end()
