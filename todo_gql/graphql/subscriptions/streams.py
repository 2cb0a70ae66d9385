"""Open subscriptions: from a request to its messages, whichever way they are sent."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import datetime
from typing import Any, Final

from graphql import ExecutionResult, Executor, GraphQLSchema, OperationType, create_source_event_stream

from todo_gql.asgi.rates import owe
from todo_gql.database import DatabaseUnavailable
from todo_gql.graphql.contexts import Contexts
from todo_gql.graphql.errors import ErrorCode, format_error, format_execution_errors
from todo_gql.graphql.execution import Answer, Operations, Prepared
from todo_gql.graphql.operation_trace import OperationTrace
from todo_gql.graphql.request import GraphQLRequest, Refused
from todo_gql.graphql.subscription import EventSource
from todo_gql.graphql.subscriptions.broadcast import Broadcasts, execute_patiently
from todo_gql.graphql.subscriptions.deliveries import Deliveries, Transport
from todo_gql.graphql.subscriptions.expiry import EXPIRED, call_at
from todo_gql.graphql.subscriptions.selection import Selection
from todo_gql.graphql.subscriptions.subscriber import Message, StreamEnded, Subscriber
from todo_gql.graphql.subscriptions.traces import StreamTraces
from todo_gql.graphql.tracing import Tracing
from todo_gql.todos.access import require
from todo_gql.todos.feed import Feed
from todo_gql.todos.model import AccessScope, Caller, Event
from todo_gql.todos.problems import Forbidden
from todo_gql.todos.store.log import Stretch
from todo_gql.todos.sync import Cut, InLog, write_token

HEARTBEAT_S: Final = 12
"""After so much silence an empty list comes: proxies close what is silent for a minute, some for half of one."""

_DRAINING: Final = "The service is about to stop; resume with the last sync token."


class RefusedStream(Exception):
    """A subscription cannot be opened, or goes no further; the errors say why."""

    def __init__(self, errors: Sequence[dict[str, Any]]) -> None:
        super().__init__("The subscription is refused.")
        self.errors = list(errors)


class TooManyStreams(Exception):
    """This process serves as many subscriptions as it may; another may have room."""


class Streams:
    """The subscriptions that this process serves."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operations: Operations,
        contexts: Contexts,
        feed: Feed,
        *,
        tracing: Tracing,
        traces: StreamTraces,
        deliveries: Deliveries,
        max_streams: int,
        deadline_s: float,
    ) -> None:
        self._schema = schema
        self._operations = operations
        self._contexts = contexts
        self._feed = feed
        self._broadcasts = Broadcasts(feed)
        self._tracing = tracing
        self._traces = traces
        self._deliveries = deliveries
        self._max_streams = max_streams
        self._deadline_s = deadline_s
        self._subscribers: set[Subscriber] = set()
        self._is_draining = False

    def check_room(self) -> None:
        """Raise TooManyStreams, or StreamEnded, when no stream can be opened."""
        if self._is_draining:
            raise StreamEnded(_DRAINING)
        if len(self._subscribers) >= self._max_streams:
            raise TooManyStreams

    def drain(self) -> None:
        """End every stream, and open no other: the process is about to stop."""
        self._is_draining = True
        for subscriber in self._subscribers:
            subscriber.end(StreamEnded(_DRAINING))

    async def execute(self, request: GraphQLRequest, caller: Caller, *, no_mutations: bool) -> Answer | Selection:
        """Answer a query or a mutation; give the selection of a subscription, which is then to be followed.

        Raises Refused for a mutation where there may be none, and for a subscription that the caller may not have.
        """
        with self._tracing.operation() as trace:
            context = self._contexts.make(caller)
            prepared = self._operations.prepare(request, context.service.limits)
            if isinstance(prepared, Answer):
                return prepared
            if prepared.operation.operation is not OperationType.SUBSCRIPTION:
                return await self._operations.execute(request, context, queries_only=no_mutations)
            try:
                require(caller, AccessScope.READ)
            except Forbidden as error:
                raise Refused(error.code, error.message) from error
            owe(prepared.cost)
            return self._select(prepared, request, caller, trace)

    async def follow(
        self, selection: Selection, transport: Transport, *, until: datetime | None = None
    ) -> AsyncGenerator[list[Message]]:
        """Yield messages as they come: what was missed since the token, then the live ones; none now and then.

        Args:
            selection: What is asked for.
            transport: How it is sent.
            until: When the caller has to come back with another token of who they are; None: never.

        Raises:
            RefusedStream: the log does not go back as far as the token.
            StreamEnded: the stream can be resumed, here or elsewhere.
            TooManyStreams: there is no room for it here.
        """
        subscriber = Subscriber(selection.opened_in)
        with (
            self._counted(subscriber),
            _ended_at(until, subscriber),
            self._deliveries.to_subscriber(transport) as delivered,
        ):
            try:
                async with aclosing(self._follow(selection, subscriber)) as batches:
                    async for messages, are_live in batches:
                        yield messages
                        # Whoever comes for more has sent these.
                        delivered(messages, are_live)
                        subscriber.check()
            except DatabaseUnavailable as error:
                raise StreamEnded("The database is away.") from error

    async def _follow(self, selection: Selection, subscriber: Subscriber) -> AsyncGenerator[tuple[list[Message], bool]]:
        """Yield messages, and whether they are live."""
        place = selection.source.since
        if place is not None:
            # What was missed may be much. It is read as fast as it is sent, and nothing queues up meanwhile.
            has_more = True
            while has_more:
                stretch = await self._read(selection, place)
                place, has_more = stretch.end, stretch.has_more
                yield await self._execute(selection, stretch, subscriber), False
        async with self._broadcasts.joined(selection, subscriber) as cut:
            if place is not None:
                # Only what came up since then is left, up to the cut from which the live ones are pushed.
                subscriber.skip(place)
                has_more = True
                while has_more:
                    stretch = await self._read(selection, place, until=cut)
                    place, has_more = stretch.end, stretch.has_more
                    yield await self._execute(selection, stretch, subscriber), False
            # Who now makes a change will hear of it.
            yield [], True
            while True:
                yield await subscriber.take(patience_s=HEARTBEAT_S), True

    async def _read(self, selection: Selection, place: InLog, *, until: Cut | None = None) -> Stretch:
        stretch = await self._feed.read(selection.caller.owner, place, until=until)
        if stretch is None:
            message = "The sync token is older than the change log: read everything anew, and subscribe from there."
            raise RefusedStream([format_error(ErrorCode.SYNC_RESET, message)])
        return stretch

    async def _execute(self, selection: Selection, stretch: Stretch, subscriber: Subscriber) -> list[Message]:
        owe(len(stretch.changes))
        events = [Event(change=change, sync_token=write_token(stretch.after(change))) for change in stretch.changes]
        return await execute_patiently(selection, events, [subscriber])

    def _select(
        self, prepared: Prepared, request: GraphQLRequest, caller: Caller, trace: OperationTrace
    ) -> Answer | Selection:
        executor = Executor.build(
            self._schema,
            prepared.document.node,
            raw_variable_values=request.variables,
            operation_name=request.operation_name,
            hide_suggestions=True,
        )
        source = ExecutionResult(None, executor) if isinstance(executor, list) else create_source_event_stream(executor)
        if not isinstance(source, EventSource):
            errors = source.errors or () if isinstance(source, ExecutionResult) else ()
            return Answer(body={"errors": format_execution_errors(errors)}, was_executed=False)
        return Selection(
            schema=self._schema,
            contexts=self._contexts,
            caller=caller,
            prepared=prepared,
            request=request,
            source=source,
            deadline_s=self._deadline_s,
            traces=self._traces,
            opened_in=trace.span.get_span_context(),
        )

    @contextmanager
    def _counted(self, subscriber: Subscriber) -> Iterator[None]:
        self.check_room()
        self._subscribers.add(subscriber)
        try:
            yield
        finally:
            self._subscribers.discard(subscriber)


@contextmanager
def _ended_at(until: datetime | None, subscriber: Subscriber) -> Iterator[None]:
    if until is None:
        yield
        return
    expiry = call_at(until, lambda: subscriber.end(StreamEnded(EXPIRED)))
    try:
        yield
    finally:
        expiry.cancel()
