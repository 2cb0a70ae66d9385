"""What a subscription selects of each event, executed for many events at once."""

import asyncio
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Final

from graphql import (
    ExecutionResult,
    GraphQLSchema,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    TypeNode,
    execute,
)
from opentelemetry.context import get_current
from opentelemetry.trace import SpanContext

from todo_gql.database import DatabaseUnavailable
from todo_gql.graphql.context import Context
from todo_gql.graphql.contexts import Contexts
from todo_gql.graphql.encoding import encode
from todo_gql.graphql.errors import format_execution_errors
from todo_gql.graphql.events import TodoEvent
from todo_gql.graphql.execution import Prepared, too_late
from todo_gql.graphql.request import GraphQLRequest
from todo_gql.graphql.subscription import EventSource
from todo_gql.graphql.subscriptions.subscriber import Message, Subscriber
from todo_gql.graphql.subscriptions.traces import StreamTraces
from todo_gql.todos.model import Caller, Event

BATCH: Final = 20
"""How many events are executed together: their todos are then read by one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """An operation of a caller with its variables; subscriptions that have the same `key` are sent the same.

    Args:
        opened_in: The span of the operation.
    """

    schema: GraphQLSchema
    contexts: Contexts
    caller: Caller
    prepared: Prepared
    request: GraphQLRequest
    source: EventSource
    deadline_s: float
    traces: StreamTraces
    opened_in: SpanContext

    @property
    def key(self) -> Hashable:
        """Tell apart what is executed apart; where a subscriber starts makes no difference to its events."""
        tokens = _token_variables(self.prepared.operation)
        variables = {name: value for name, value in (self.request.variables or {}).items() if name not in tokens}
        return (
            self.caller.owner,
            self.request.query,
            self.request.document_hash,
            self.request.operation_name,
            encode({"variables": variables}),
            self.source.todo_id,
            self.source.kinds,
        )

    async def execute(self, events: Sequence[Event], subscribers: Collection[Subscriber]) -> list[Message]:
        """Execute events that the source admits, in order, for these subscribers. Raises DatabaseUnavailable."""
        wanted = [event for event in events if self.source.admits(event.change)]
        messages: list[Message] = []
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            context = self.contexts.make(self.caller, answers=len(batch))
            messages += await asyncio.gather(*(self._execute(event, context, subscribers) for event in batch))
        return messages

    async def _execute(self, event: Event, context: Context, subscribers: Collection[Subscriber]) -> Message:
        with self.traces.event(self.prepared.operation, event.change, subscribers):
            payload = await self._payload(event, context)
            return Message(payload=payload, change=event.change, sync_token=event.sync_token, trace=get_current())

    async def _payload(self, event: Event, context: Context) -> bytes:
        try:
            async with asyncio.timeout(self.deadline_s):
                result = await self._run(event, context)
        except TimeoutError:
            context.loaders.cancel()
            return encode({"data": None, "errors": [too_late(self.deadline_s)]})
        errors = result.errors or ()
        for error in errors:
            # Not the event's own: it is executed again, and not sent with a hole in it.
            if isinstance(error.original_error, DatabaseUnavailable):
                raise error.original_error
        return encode({"data": result.data, **({"errors": format_execution_errors(errors)} if errors else {})})

    async def _run(self, event: Event, context: Context) -> ExecutionResult:
        running = execute(
            self.schema,
            self.prepared.document.node,
            root_value=TodoEvent.of(event),
            context_value=context,
            variable_values=self.request.variables,
            operation_name=self.request.operation_name,
            hide_suggestions=True,
        )
        return await running if isawaitable(running) else running


def _token_variables(operation: OperationDefinitionNode) -> frozenset[str]:
    """Name the variables that can only be where to start: nothing below a subscription takes a token."""
    return frozenset(
        definition.variable.name.value
        for definition in operation.variable_definitions or ()
        if _name_of(definition.type) == "SyncToken"
    )


def _name_of(kind: TypeNode) -> str | None:
    match kind:
        case NamedTypeNode():
            return kind.name.value
        case NonNullTypeNode():
            return _name_of(kind.type)
        case _:
            return None
