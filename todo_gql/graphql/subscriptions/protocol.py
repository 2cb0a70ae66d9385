"""The messages of graphql-transport-ws that clients send, read strictly: whatever is none of them is a Closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from todo_gql.asgi.json_body import MalformedJSON, parse_json
from todo_gql.graphql.request import GraphQLRequest, Refused, request_of
from todo_gql.graphql.subscriptions.close import CloseCode, Closed


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """The client introduces itself."""

    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """The client wants to hear that it is heard."""

    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pong:
    """The client has heard, or is there without being asked."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The client asks for an operation."""

    id: str
    request: GraphQLRequest


@dataclass(frozen=True, slots=True)
class Complete:
    """The client has had enough of an operation."""

    id: str


ClientMessage = ConnectionInit | Ping | Pong | Subscribe | Complete


def parse_message(text: str | None) -> ClientMessage:
    """Read a message; None is one of bytes. Raises Closed."""
    if text is None:
        raise _bad("Messages are text.")
    try:
        message = parse_json(text)
    except MalformedJSON as error:
        raise _bad(f"The message cannot be read. {error}") from error
    if not isinstance(message, dict):
        raise _bad("A message is a JSON object.")
    match message.get("type"):
        case "connection_init":
            return ConnectionInit(_payload(message))
        case "ping":
            return Ping(_payload(message))
        case "pong":
            _payload(message)
            return Pong()
        case "subscribe":
            return Subscribe(_id(message), _request(message))
        case "complete":
            return Complete(_id(message))
        case _:
            raise _bad("The type of the message is not one that a client sends.")


def _id(message: Mapping[str, Any]) -> str:
    operation_id = message.get("id")
    if not isinstance(operation_id, str) or not operation_id:
        raise _bad("The `id` of the message must be a string that is not empty.")
    return operation_id


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any]:
    match message.get("payload"):
        case None:
            return {}
        case dict() as payload:
            return payload
        case _:
            raise _bad("The `payload` of the message must be an object or null.")


def _request(message: Mapping[str, Any]) -> GraphQLRequest:
    payload = message.get("payload")
    if not isinstance(payload, dict):
        raise _bad("The `payload` of `subscribe` must be an object.")
    try:
        return request_of(payload)
    except Refused as refused:
        raise _bad(refused.message) from refused


def _bad(reason: str) -> Closed:
    return Closed(CloseCode.BAD_REQUEST, reason)
