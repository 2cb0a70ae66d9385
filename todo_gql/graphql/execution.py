"""One operation from its document to its answer."""

from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, OperationType, execute, get_operation_ast
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from todo_gql.asgi.deadline import Deadlines, within
from todo_gql.asgi.rates import owe
from todo_gql.graphql.context import Context
from todo_gql.graphql.documents import Document, Documents, RefusedDocument
from todo_gql.graphql.errors import ErrorCode, format_document_errors, format_error, format_execution_errors
from todo_gql.graphql.operation_trace import identify, note_cost, note_deprecated
from todo_gql.graphql.outcomes import Found, Outcomes
from todo_gql.graphql.plain_fields import PlainFieldsExecutor
from todo_gql.graphql.request import GraphQLRequest, Refused
from todo_gql.graphql.service_info import ServiceLimits
from todo_gql.graphql.values import MOST_PER_ITEM, count_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The body of an answer; `was_executed` is False when the request was refused before anything ran."""

    body: dict[str, Any]
    was_executed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An operation that may be executed."""

    document: Document
    operation: OperationDefinitionNode
    cost: int


class Operations:
    """Executes operations on a schema."""

    def __init__(self, schema: GraphQLSchema, documents: Documents, *, deadlines: Deadlines, plans: bool) -> None:
        self._schema = schema
        self._documents = documents
        self._deadlines = deadlines
        self._plans = plans

    async def execute(
        self, request: GraphQLRequest, context: Context, *, queries_only: bool, client: Receive | None = None
    ) -> Answer:
        """Execute one operation; a query only for as long as its client, if it is told of one, is there.

        Raises Refused for a mutation where only queries may be, and ClientDisconnect.
        """
        prepared = self.prepare(request, context.service.limits)
        if isinstance(prepared, Answer):
            return prepared
        operation = prepared.operation.operation
        if operation is OperationType.SUBSCRIPTION:
            return Answer(body={"errors": [_is_a_stream()]}, was_executed=False)
        if queries_only and operation is not OperationType.QUERY:
            raise Refused(ErrorCode.METHOD_NOT_ALLOWED, "GET is for queries; use POST.", {"Allow": "POST"})
        owe(prepared.cost)
        is_query = operation is OperationType.QUERY
        seconds = self._deadlines.read_s if is_query else self._deadlines.write_s
        running = self._run(prepared, request, context)
        try:
            return await within(seconds, running, for_client=client if is_query else None)
        except ClientDisconnect:
            context.loaders.cancel()
            raise
        except TimeoutError:
            context.loaders.cancel()
            return Answer(body={"data": None, "errors": [too_late(seconds)]}, was_executed=True)

    def prepare(self, request: GraphQLRequest, limits: ServiceLimits) -> "Prepared | Answer":
        """Find the operation of a request; an Answer says why it cannot be executed."""
        document = self._documents.load(request.query, request.document_hash)
        if isinstance(document, RefusedDocument):
            return Answer(body={"errors": format_document_errors(document.errors, document.code)}, was_executed=False)
        operation = get_operation_ast(document.node, request.operation_name)
        if operation is None:
            return Answer(body={"errors": [_no_operation(request.operation_name)]}, was_executed=False)
        identify(operation)
        note_deprecated(document.deprecated)
        most_values = MOST_PER_ITEM * max(limits.max_page_size, limits.max_bulk_size)
        values = count_values(document.node, request.variables or {})
        if values > most_values:
            return Answer(body={"errors": [_too_many_values(values, most_values)]}, was_executed=False)
        cost = document.costs.of(operation, request.variables or {}, max_page_size=limits.max_page_size)
        note_cost(cost)
        if cost > limits.max_cost:
            return Answer(body={"errors": [_too_costly(cost, limits.max_cost)]}, was_executed=False)
        return Prepared(document=document, operation=operation, cost=cost)

    async def _run(self, prepared: Prepared, request: GraphQLRequest, context: Context) -> Answer:
        name = prepared.operation.name.value if prepared.operation.name else None
        plan = prepared.document.plans.get(name)
        found = await plan.run(context, request.variables or {}) if plan else None
        if isinstance(found, Found):
            return _executed(found.data, format_execution_errors(found.errors))
        return await self._resolve(prepared.document, request, context, found)

    async def _resolve(
        self, document: Document, request: GraphQLRequest, context: Context, outcomes: Outcomes | None
    ) -> Answer:
        plain_fields: dict[str, Any] = (
            {"executor_class": PlainFieldsExecutor, "readers": document.readers} if self._plans else {}
        )
        running = execute(
            self._schema,
            document.node,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation_name,
            hide_suggestions=True,
            middleware=None if outcomes is None else [outcomes],
            **plain_fields,
        )
        result = await running if isawaitable(running) else running
        errors = format_execution_errors(result.errors or ())
        # An error without a path is about the request: the specification wants no `data` beside it.
        if result.data is None and not any("path" in error for error in errors):
            return Answer(body={"errors": errors}, was_executed=False)
        return _executed(result.data, errors)


def _executed(data: dict[str, Any] | None, errors: list[dict[str, Any]]) -> Answer:
    return Answer(body={"data": data, **({"errors": errors} if errors else {})}, was_executed=True)


def _too_costly(cost: int, maximum: int) -> dict[str, Any]:
    message = (
        f"The operation may resolve {cost} objects; {maximum} are allowed: ask for smaller pages, or for fewer levels."
    )
    return format_error(ErrorCode.DOCUMENT_TOO_COSTLY, message, cost=cost, maximum=maximum)


def _too_many_values(values: int, maximum: int) -> dict[str, Any]:
    message = (
        f"The variables have {values} values, each counted as often as it is used; {maximum} are allowed: "
        "send several requests."
    )
    return format_error(ErrorCode.DOCUMENT_TOO_COSTLY, message, limit="values", actual=values, maximum=maximum)


def too_late(deadline_s: float) -> dict[str, Any]:
    """Write that an operation took too long."""
    message = f"The operation was stopped after {deadline_s:g} s. Ask for less; look before you repeat a mutation."
    return format_error(ErrorCode.DEADLINE_EXCEEDED, message)


def _is_a_stream() -> dict[str, Any]:
    message = "A subscription is answered by text/event-stream, or over WebSocket by graphql-transport-ws."
    return format_error(ErrorCode.BAD_REQUEST, message)


def _no_operation(name: str | None) -> dict[str, Any]:
    message = (
        "The document has no operation, or several: then `operationName` must say which."
        if name is None
        else "The document has no operation of the name that `operationName` gives."
    )
    return format_error(ErrorCode.BAD_REQUEST, message)
