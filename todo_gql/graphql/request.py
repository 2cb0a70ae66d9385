"""From an HTTP request to what GraphQL is to execute (GraphQL over HTTP, sections 4 and 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request

from todo_gql.asgi.json_body import MalformedJSON, parse_json
from todo_gql.graphql.errors import ErrorCode
from todo_gql.graphql.media import is_json_request


class Refused(Exception):
    """A request that is not one of GraphQL; answered with the status of its code, and these headers."""

    def __init__(self, code: ErrorCode, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = headers


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLRequest:
    """The well-known parameters of a request."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


async def read_request(request: Request) -> GraphQLRequest:
    """Read the parameters from the query string of a GET, or from the body of a POST. Raises Refused."""
    if request.method == "POST":
        return _request_of(await _read_body(request))
    return _request_of(_read_query_string(request.query_params))


async def _read_body(request: Request) -> dict[str, Any]:
    if not is_json_request(request.headers.get("content-type", "")):
        raise Refused(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "The Content-Type must be application/json in UTF-8.",
            {"Accept-Post": "application/json"},
        )
    try:
        parameters = parse_json(await request.body())
    except MalformedJSON as error:
        raise Refused(ErrorCode.MALFORMED_JSON, f"The body cannot be read. {error}") from error
    if isinstance(parameters, list):
        raise Refused(ErrorCode.BAD_REQUEST, "Batches are not supported; send each operation by itself.")
    if not isinstance(parameters, dict):
        raise Refused(ErrorCode.BAD_REQUEST, "The body must be a JSON object.")
    return parameters


def _read_query_string(given: QueryParams) -> dict[str, Any]:
    parameters: dict[str, Any] = {name: given[name] for name in ("query", "operationName") if name in given}
    for name in ("variables", "extensions"):
        if name in given:
            try:
                parameters[name] = parse_json(given[name])
            except MalformedJSON as error:
                raise Refused(ErrorCode.MALFORMED_JSON, f"The parameter `{name}` cannot be read. {error}") from error
    return parameters


def _request_of(parameters: Mapping[str, Any]) -> GraphQLRequest:
    query = parameters.get("query")
    if not isinstance(query, str):
        raise Refused(ErrorCode.BAD_REQUEST, "The parameter `query` must be a string: the GraphQL document.")
    _optional(parameters, "extensions", dict, "an object")  # None is supported; any may be sent.
    return GraphQLRequest(
        query=query,
        operation_name=_optional(parameters, "operationName", str, "a string"),
        variables=_optional(parameters, "variables", dict, "an object"),
    )


def _optional[T](parameters: Mapping[str, Any], name: str, kind: type[T], called: str) -> T | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, kind):
        raise Refused(ErrorCode.BAD_REQUEST, f"The parameter `{name}` must be {called} or null.")
    return value
