"""Answer by server-sent events (html.spec.whatwg.org, and the GraphQL over SSE protocol's distinct connections)."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from todo_gql.graphql.encoding import encode
from todo_gql.graphql.errors import ErrorCode, format_error
from todo_gql.graphql.execution import Answer
from todo_gql.graphql.http import STATUSES, accept_of
from todo_gql.graphql.media import JSON, prefers_event_stream
from todo_gql.graphql.request import Refused, read_request
from todo_gql.graphql.subscriptions.deliveries import Transport
from todo_gql.graphql.subscriptions.selection import Selection
from todo_gql.graphql.subscriptions.stop import stop
from todo_gql.graphql.subscriptions.streams import RefusedStream, Streams, TooManyStreams
from todo_gql.graphql.subscriptions.subscriber import SEND_TIMEOUT_S, StreamEnded
from todo_gql.todos.model import Caller
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.sync import read_log_token

RETRY_MS: Final = 1000
"""How long a client is asked to wait before it resumes."""

_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_HEARTBEAT: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata:\n\n"
_RETRY: Final = b"retry: %d\n\n" % RETRY_MS

_log: Final = logging.getLogger(__name__)

Answering = Callable[[Request], Awaitable[Response]]


def with_event_streams(answer: Answering, streams: Streams, caller_of: Callable[[Scope], Caller]) -> Answering:
    """Answer by server-sent events whoever would rather have those than JSON."""

    async def answer_either(request: Request) -> Response:
        if not prefers_event_stream(accept_of(request.headers)):
            return await answer(request)
        try:
            return await _answer(request, streams, caller_of)
        except Refused as refused:
            return _refusal(refused)

    return answer_either


async def _answer(request: Request, streams: Streams, caller_of: Callable[[Scope], Caller]) -> Response:
    asked = await read_request(request)
    caller = caller_of(request.scope)
    # Pages of other sites can send a GET as the user, and an EventSource sends nothing else.
    outcome = await streams.execute(asked, caller, no_mutations=request.method != "POST")
    if isinstance(outcome, Answer):
        if not outcome.was_executed:
            return _json(outcome.body, HTTPStatus.BAD_REQUEST)
        return EventStream(_only(outcome.body))
    selection = _resumed(outcome, request.headers.get("last-event-id"))
    try:
        streams.check_room()
    except (StreamEnded, TooManyStreams):
        error = format_error(ErrorCode.UNAVAILABLE, "The service cannot open another stream now; try again.")
        return _json({"errors": [error]}, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"})
    return EventStream(_frames(streams, selection))


class EventStream(Response):
    """Sends frames as they come, until there are no more or nobody reads them."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncGenerator[bytes]) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["Content-Length"]
        self._frames = frames

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_wait_until_gone(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await stop((sending, leaving))
        if not sending.cancelled():
            try:
                sending.result()
            except TimeoutError as error:
                raise ClientDisconnect from error

    async def _send(self, send: Send) -> None:
        async with aclosing(self._frames) as frames:
            async for frame in frames:
                # Who takes nothing for so long is gone, or might as well be; what it was to be sent is let go.
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _frames(streams: Streams, selection: Selection) -> AsyncGenerator[bytes]:
    opening = _RETRY
    try:
        until = selection.caller.expires_at
        async with aclosing(streams.follow(selection, Transport.EVENT_STREAM, until=until)) as batches:
            async for messages in batches:
                yield opening + (b"".join(message.server_sent for message in messages) or _HEARTBEAT)
                opening = b""
    except (StreamEnded, TooManyStreams):
        # Without `complete`: a client that finds the stream ended resumes it.
        yield _RETRY
    except RefusedStream as refused:
        yield opening + _next({"errors": refused.errors}) + _COMPLETE
    except Exception:  # noqa: BLE001  # The outermost edge.
        _log.exception("A stream failed")
        yield opening + _next({"errors": [format_error(ErrorCode.INTERNAL, "Internal server error")]}) + _COMPLETE


async def _only(body: Mapping[str, Any]) -> AsyncGenerator[bytes]:
    yield _next(body) + _COMPLETE


def _next(body: Mapping[str, Any]) -> bytes:
    return b"event: next\ndata: %b\n\n" % encode(body)


def _resumed(selection: Selection, last_event_id: str | None) -> Selection:
    """Start after the last event that the client has seen: on reconnection, browsers repeat the first request."""
    if not last_event_id:
        return selection
    try:
        return replace(selection, source=replace(selection.source, since=read_log_token(last_event_id)))
    except BadArgument as error:
        raise Refused(ErrorCode.BAD_REQUEST, f"Last-Event-ID cannot be read. {error.message}") from error


def _refusal(refused: Refused) -> Response:
    return _json({"errors": [format_error(refused.code, refused.message)]}, STATUSES[refused.code], refused.headers)


def _json(body: Mapping[str, Any], status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encode(body), status, headers, f"{JSON}; charset=utf-8")
