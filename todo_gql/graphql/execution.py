"""One operation from its document to its answer."""

from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationType, execute, get_operation_ast

from todo_gql.graphql.context import Context
from todo_gql.graphql.documents import Documents, RefusedDocument
from todo_gql.graphql.errors import ErrorCode, format_document_errors, format_error, format_execution_errors
from todo_gql.graphql.request import GraphQLRequest, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The body of an answer; `was_executed` is False when the request was refused before anything ran."""

    body: dict[str, Any]
    was_executed: bool


class Operations:
    """Executes operations on a schema."""

    def __init__(self, schema: GraphQLSchema, documents: Documents) -> None:
        self._schema = schema
        self._documents = documents

    async def execute(self, request: GraphQLRequest, context: Context, *, queries_only: bool) -> Answer:
        """Execute one operation. Raises Refused for a mutation where only queries may be."""
        document = self._documents.load(request.query)
        if isinstance(document, RefusedDocument):
            return Answer(body={"errors": format_document_errors(document.errors, document.code)}, was_executed=False)
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            return Answer(body={"errors": [_no_operation(request.operation_name)]}, was_executed=False)
        if queries_only and operation.operation is not OperationType.QUERY:
            raise Refused(ErrorCode.METHOD_NOT_ALLOWED, "GET is for queries; use POST.", {"Allow": "POST"})
        return await self._run(document, request, context)

    async def _run(self, document: DocumentNode, request: GraphQLRequest, context: Context) -> Answer:
        running = execute(
            self._schema,
            document,
            context_value=context,
            variable_values=request.variables,
            operation_name=request.operation_name,
            hide_suggestions=True,
        )
        result = await running if isawaitable(running) else running
        errors = format_execution_errors(result.errors or ())
        # An error without a path is about the request: the specification wants no `data` beside it.
        if result.data is None and not any("path" in error for error in errors):
            return Answer(body={"errors": errors}, was_executed=False)
        return Answer(body={"data": result.data, **({"errors": errors} if errors else {})}, was_executed=True)


def _no_operation(name: str | None) -> dict[str, Any]:
    message = (
        "The document has no operation, or several: then `operationName` must say which."
        if name is None
        else "The document has no operation of the name that `operationName` gives."
    )
    return format_error(ErrorCode.BAD_REQUEST, message)
