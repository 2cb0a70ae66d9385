"""The span of an operation, with one for each step and each resolver that may wait; and their durations.

    query List
    ├── parse                   only when the document is not known yet
    ├── validate
    └── resolve Query.todos
        └── SELECT todos

Resolvers that only read what their object holds have none: a span costs more than they do.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from time import perf_counter, time_ns
from typing import Any, Final

from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode
from opentelemetry import context
from opentelemetry.trace import Span, StatusCode, Tracer, set_span_in_context

from todo_gql.graphql.object_budget import TooManyObjects
from todo_gql.telemetry.bounded import BoundedNames
from todo_gql.todos.problems import TodoError

MAX_SPANS_A_COORDINATE: Final = 20
ANONYMOUS: Final = "_anonymous"
UNREAD: Final = "_unread"
"""The name and the type of an operation that could not be made out: the document is not valid."""

type Resolver = Callable[..., Awaitable[Any]]


@dataclass(slots=True)
class _Coordinate:
    """The calls of one field's resolver in one operation, from the start of the first to the end of the last."""

    started_at: float
    ended_at: float
    calls: int = 0


class OperationTrace:
    """One operation that is being executed."""

    def __init__(self, tracer: Tracer, operation_names: BoundedNames) -> None:
        self._tracer = tracer
        self._names = operation_names
        self.span: Span = tracer.start_span("graphql")
        self.started_at = perf_counter()
        self.type = UNREAD
        self.name = UNREAD
        self.is_known_document = True
        self.cost: int | None = None
        self.deprecated: frozenset[str] = frozenset()
        self.coordinates: dict[str, _Coordinate] = {}
        self._is_recording = self.span.is_recording()

    def elapsed_s(self) -> float:
        """Say how long it has taken so far."""
        return perf_counter() - self.started_at

    def identify(self, operation: OperationDefinitionNode) -> None:
        """Note which operation it is; called when its document is known to be valid."""
        self.type = operation.operation.value
        self.name = self._names.admit(operation.name.value) if operation.name else ANONYMOUS
        self.span.update_name(self.type if self.name == ANONYMOUS else f"{self.type} {self.name}")

    async def resolve(self, coordinate: str, running: Awaitable[Any]) -> Any:
        """Wait for a resolver, in a span of its own as long as there are not too many of this field."""
        calls = self.coordinates.get(coordinate)
        if calls is None:
            now = perf_counter()
            calls = self.coordinates[coordinate] = _Coordinate(now, now)
        calls.calls += 1
        try:
            if self._is_recording and calls.calls <= MAX_SPANS_A_COORDINATE:
                return await self._in_span(coordinate, running)
            return await running
        finally:
            calls.ended_at = perf_counter()

    async def resolve_in_place_of(self, coordinates: Collection[str], coordinate: str, running: Awaitable[Any]) -> Any:
        """Wait for what also does the work of other resolvers, each of which is recorded once, for as long as it."""
        if not coordinates:
            return await self.resolve(coordinate, running)
        started_at, started_ns = perf_counter(), time_ns()

        async def run() -> Any:
            nonlocal started_at, started_ns
            # Their spans stand after its own.
            started_at, started_ns = perf_counter(), time_ns()
            return await running

        try:
            return await self.resolve(coordinate, run())
        finally:
            for other in coordinates:
                self.coordinates[other] = _Coordinate(started_at, perf_counter(), calls=1)
                if self._is_recording:
                    self._tracer.start_span(f"resolve {other}", start_time=started_ns).end()

    async def _in_span(self, coordinate: str, running: Awaitable[Any]) -> Any:
        span = self._tracer.start_span(f"resolve {coordinate}")
        token = context.attach(set_span_in_context(span))
        try:
            return await running
        except (TodoError, TooManyObjects, GraphQLError):
            raise  # What a client did wrong is an outcome.
        except Exception as fault:
            span.set_attribute("error.type", type(fault).__qualname__)
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            context.detach(token)
            span.end()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step before the execution."""
        self.is_known_document = False
        # An exception here quotes the document.
        with self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False):
            yield


_operation: Final = ContextVar[OperationTrace | None]("operation_trace", default=None)


def begin(trace: OperationTrace) -> Callable[[], None]:
    """Let what is called from now on note in this trace, and its spans be below it; give what ends that."""
    token = _operation.set(trace)
    span_token = context.attach(set_span_in_context(trace.span))

    def end() -> None:
        context.detach(span_token)
        _operation.reset(token)

    return end


@contextmanager
def step(name: str) -> Iterator[None]:
    """Show a step of the operation that is being executed, if any."""
    trace = _operation.get()
    if trace is None:
        yield
    else:
        with trace.step(name):
            yield


def identify(operation: OperationDefinitionNode) -> None:
    """Note which operation is being executed."""
    trace = _operation.get()
    if trace is not None:
        trace.identify(operation)


def note_cost(cost: int) -> None:
    """Note what the operation that is being executed is estimated to cost."""
    trace = _operation.get()
    if trace is not None:
        trace.cost = cost


def note_deprecated(coordinates: frozenset[str]) -> None:
    """Note which deprecated fields and arguments the operation that is being executed asks for."""
    trace = _operation.get()
    if trace is not None:
        trace.deprecated = coordinates


def recorded(coordinate: str, running: Awaitable[Any]) -> Awaitable[Any]:
    """Have a resolver recorded when it is waited for."""
    trace = _operation.get()
    return running if trace is None else trace.resolve(coordinate, running)


async def resolve_in_place_of(coordinates: Collection[str], coordinate: str, running: Awaitable[Any]) -> Any:
    """Wait for what stands in for a resolver, and for those of these coordinates."""
    trace = _operation.get()
    return await (running if trace is None else trace.resolve_in_place_of(coordinates, coordinate, running))


def trace_resolvers(schema: GraphQLSchema) -> None:
    """Let every resolver that may wait be recorded."""
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLObjectType):
            for name, field in graphql_type.fields.items():
                if inspect.iscoroutinefunction(field.resolve):
                    field.resolve = _traced(f"{graphql_type.name}.{name}", field.resolve)


def _traced(coordinate: str, resolve: Resolver) -> Resolver:
    def resolve_traced(source: Any, info: Any, **arguments: Any) -> Awaitable[Any]:
        return _Call(coordinate, partial(resolve, source, info, **arguments))

    return resolve_traced


class _Call:
    """A resolver that is called when it is waited for.

    When a field fails, graphql-core drops what it has not come to of the others (its issue 269). Of coroutines Python
    would tell that nobody awaited them, wherever its garbage collector meets them.
    """

    __slots__ = ("_coordinate", "_resolve")

    def __init__(self, coordinate: str, resolve: Resolver) -> None:
        self._coordinate = coordinate
        self._resolve = resolve

    def __await__(self) -> Generator[Any, None, Any]:
        return recorded(self._coordinate, self._resolve()).__await__()
