"""GraphQL over HTTP (graphql.github.io/graphql-over-http): one endpoint, and the one table of its statuses."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from todo_gql.asgi.errors import sentence_of
from todo_gql.graphql.contexts import Contexts
from todo_gql.graphql.encoding import encode
from todo_gql.graphql.errors import RATE_LIMITED, ErrorCode, format_error
from todo_gql.graphql.execution import Answer, Operations
from todo_gql.graphql.explain import Explainer
from todo_gql.graphql.media import JSON, RESPONSE_JSON, choose_response_type
from todo_gql.graphql.request import Refused, read_request
from todo_gql.graphql.tracing import Tracing
from todo_gql.todos.model import Caller
from todo_gql.todos.problems import ProblemCode

STATUSES: Final[Mapping[ErrorCode | ProblemCode, HTTPStatus]] = {
    ErrorCode.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    ErrorCode.MALFORMED_JSON: HTTPStatus.BAD_REQUEST,
    ErrorCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ProblemCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ErrorCode.NOT_ACCEPTABLE: HTTPStatus.NOT_ACCEPTABLE,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ErrorCode.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.TARGET_TOO_LONG: HTTPStatus.REQUEST_URI_TOO_LONG,
    ErrorCode.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_HTTP_EXCEPTIONS: Final[Mapping[int, tuple[ErrorCode, str]]] = {
    400: (ErrorCode.BAD_REQUEST, "The Host is none that this service answers to."),
    401: (ErrorCode.UNAUTHENTICATED, "Nobody knows who asks."),
    405: (ErrorCode.METHOD_NOT_ALLOWED, "GraphQL is asked by GET or POST."),
    413: (ErrorCode.BODY_TOO_LARGE, "The body is longer than this service reads."),
    414: (ErrorCode.TARGET_TOO_LONG, "The request target is longer than this service reads; use POST."),
    429: (ErrorCode.RATE_LIMITED, RATE_LIMITED),
    500: (ErrorCode.INTERNAL, "Internal server error"),
    503: (ErrorCode.UNAVAILABLE, "The service has more to do than it can; try again."),
}


class GraphQLHTTP:
    """Answers GraphQL requests over HTTP."""

    def __init__(
        self,
        operations: Operations,
        contexts: Contexts,
        caller_of: Callable[[Scope], Caller],
        *,
        tracing: Tracing,
        explainer: Explainer | None,
    ) -> None:
        self._operations = operations
        self._contexts = contexts
        self._caller_of = caller_of
        self._tracing = tracing
        self._explainer = explainer

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        media_type = choose_response_type(accept_of(request.headers))
        try:
            if media_type is None:
                raise Refused(ErrorCode.NOT_ACCEPTABLE, f"The answer can be {RESPONSE_JSON} or {JSON}.")
            asked = await read_request(request)
            explained = self._explainer.begin(request.headers) if self._explainer else None
            with self._tracing.operation() as trace:
                context = self._contexts.make(self._caller_of(request.scope))
                answer = await self._operations.execute(
                    asked, context, queries_only=request.method != "POST", client=request.receive
                )
        except Refused as refused:
            errors = {"errors": [format_error(refused.code, refused.message)]}
            return _response(errors, STATUSES[refused.code], media_type or JSON, refused.headers)
        body = answer.body
        if self._explainer and explained:
            body = {**body, "extensions": {"explain": self._explainer.explain(trace, explained)}}
        return _response(body, _status(answer, media_type), media_type)


def transport_error(scope: Scope, error: HTTPException) -> Response:
    """Answer a request for GraphQL that failed before, or beside, its endpoint."""
    code, message = _HTTP_EXCEPTIONS.get(
        error.status_code, (ErrorCode.BAD_REQUEST, "The request cannot be understood.")
    )
    media_type = choose_response_type(accept_of(Headers(scope=scope))) or JSON
    errors = [format_error(code, sentence_of(error, message))]
    return _response({"errors": errors}, STATUSES[code], media_type, error.headers)


def accept_of(headers: Headers) -> str:
    """Join what may be spread over several headers (RFC 9110 section 5.3)."""
    return ", ".join(headers.getlist("accept"))


def _status(answer: Answer, media_type: str) -> HTTPStatus:
    """Choose the status of an answer: clients of `application/json` take anything but 200 for no GraphQL answer."""
    return HTTPStatus.OK if answer.was_executed or media_type == JSON else HTTPStatus.BAD_REQUEST


def _response(
    body: dict[str, Any], status: HTTPStatus, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(encode(body), status, headers, f"{media_type}; charset=utf-8")
