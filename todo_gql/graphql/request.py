"""From an HTTP request to what GraphQL is to execute (GraphQL over HTTP, sections 4 and 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request

from todo_gql.asgi.json_body import MalformedJSON, parse_json
from todo_gql.asgi.limits import whole_body
from todo_gql.graphql.errors import ErrorCode
from todo_gql.graphql.known_documents import hash_of
from todo_gql.graphql.media import is_json_request
from todo_gql.todos.problems import ProblemCode


class Refused(Exception):
    """A request that is not one of GraphQL, or not one of this caller's; answered with the status of its code."""

    def __init__(self, code: ErrorCode | ProblemCode, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = headers


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLRequest:
    """The well-known parameters of a request; the document is given by its text, by its hash (SHA-256), or by both."""

    query: str | None
    document_hash: str | None
    operation_name: str | None
    variables: dict[str, Any] | None


async def read_request(request: Request) -> GraphQLRequest:
    """Read the parameters from the query string of a GET, or from the body of a POST. Raises Refused."""
    if request.method == "POST":
        return request_of(await _read_body(request))
    return request_of(_read_query_string(request.query_params))


async def _read_body(request: Request) -> dict[str, Any]:
    if not is_json_request(request.headers.get("content-type", "")):
        raise Refused(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "The Content-Type must be application/json in UTF-8.",
            {"Accept-Post": "application/json"},
        )
    try:
        parameters = parse_json(await whole_body(request))
    except MalformedJSON as error:
        raise Refused(ErrorCode.MALFORMED_JSON, f"The body cannot be read. {error}") from error
    if isinstance(parameters, list):
        raise Refused(ErrorCode.BAD_REQUEST, "Batches are not supported; send each operation by itself.")
    if not isinstance(parameters, dict):
        raise Refused(ErrorCode.BAD_REQUEST, "The body must be a JSON object.")
    return parameters


def _read_query_string(given: QueryParams) -> dict[str, Any]:
    texts = ("query", "operationName", "documentId")
    parameters: dict[str, Any] = {name: given[name] for name in texts if name in given}
    for name in ("variables", "extensions"):
        if name in given:
            try:
                parameters[name] = parse_json(given[name])
            except MalformedJSON as error:
                raise Refused(ErrorCode.MALFORMED_JSON, f"The parameter `{name}` cannot be read. {error}") from error
    return parameters


def request_of(parameters: Mapping[str, Any]) -> GraphQLRequest:
    """Read the parameters, however they came. Raises Refused."""
    query = _optional(parameters, "query", str, "a string")
    document_hash = _document_hash(parameters)
    if query is None and document_hash is None:
        raise Refused(ErrorCode.BAD_REQUEST, "The parameter `query` must be a string: the GraphQL document.")
    if query is not None and document_hash is not None and document_hash != hash_of(query):
        raise Refused(ErrorCode.BAD_REQUEST, "The hash that was sent is not that of `query`.")
    return GraphQLRequest(
        query=query,
        document_hash=document_hash,
        operation_name=_optional(parameters, "operationName", str, "a string"),
        variables=_optional(parameters, "variables", dict, "an object"),
    )


def _document_hash(parameters: Mapping[str, Any]) -> str | None:
    """Read `documentId`, or what Apollo's clients send in `extensions`, with or without the name of the hash."""
    extensions = _optional(parameters, "extensions", dict, "an object") or {}
    document_id = _optional(parameters, "documentId", str, "a string")
    match document_id, extensions.get("persistedQuery"):
        case (str(given), _) | (None, {"sha256Hash": str(given)}):
            return given.removeprefix("sha256:").lower()
        case _:
            return None


def _optional[T](parameters: Mapping[str, Any], name: str, kind: type[T], called: str) -> T | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, kind):
        raise Refused(ErrorCode.BAD_REQUEST, f"The parameter `{name}` must be {called} or null.")
    return value
