"""GraphQL over WebSocket: graphql-transport-ws (github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md)."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from todo_gql.asgi.rates import current_allowance
from todo_gql.graphql.encoding import encode
from todo_gql.graphql.errors import RATE_LIMITED, ErrorCode, format_error
from todo_gql.graphql.execution import Answer
from todo_gql.graphql.request import GraphQLRequest, Refused
from todo_gql.graphql.subscriptions.callers import Authenticate, SocketCaller
from todo_gql.graphql.subscriptions.close import CLIENT_GONE, CloseCode, Closed
from todo_gql.graphql.subscriptions.deliveries import Transport
from todo_gql.graphql.subscriptions.protocol import (
    ClientMessage,
    Complete,
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
    parse_message,
)
from todo_gql.graphql.subscriptions.stop import stop
from todo_gql.graphql.subscriptions.streams import RefusedStream, Streams, TooManyStreams
from todo_gql.graphql.subscriptions.subscriber import SEND_TIMEOUT_S, StreamEnded
from todo_gql.graphql.subscriptions.traces import StreamTraces

MAX_OPERATIONS: Final = 20
"""Operations of one socket that run at once."""

INIT_TIMEOUT_S: Final = 10

_log: Final = logging.getLogger(__name__)


class Socket:
    """One socket: its operations run side by side, and whatever ends the socket ends them all."""

    def __init__(
        self, websocket: WebSocket, streams: Streams, traces: StreamTraces, authenticate: Authenticate | None
    ) -> None:
        self._websocket = websocket
        self._streams = streams
        self._traces = traces
        self._caller = SocketCaller(authenticate, self._end)
        self._is_acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._closed: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Serve until the client leaves. Raises Closed."""
        receiving = asyncio.create_task(self._receive_all())
        try:
            await asyncio.wait((receiving, self._closed), return_when=asyncio.FIRST_COMPLETED)
            if self._closed.done():
                raise self._closed.result()
            await receiving
        finally:
            self._caller.leave()
            await stop([receiving, *self._operations.values()])

    async def _receive_all(self) -> None:
        try:
            async with asyncio.timeout(INIT_TIMEOUT_S) as timeout:
                while True:
                    message = parse_message(await self._receive())
                    if not await self._is_over_limit(message):
                        await self._handle(message)
                    if self._is_acknowledged:
                        timeout.reschedule(None)
        except TimeoutError as error:
            raise Closed(CloseCode.INITIALISATION_TIMEOUT, "Connection initialisation timeout") from error

    async def _receive(self) -> str | None:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        text: str | None = message.get("text")
        return text

    async def _is_over_limit(self, message: ClientMessage) -> bool:
        """Let each message cost a token; refuse an operation when there is none.

        The others are no more than owed: most are sent by a client's clock, and a socket that is closed takes all
        subscriptions with it. Who goes on all the same is closed in the end, with the code after which clients wait.
        """
        allowance = current_allowance()
        if allowance is None:
            return False
        if isinstance(message, Subscribe):
            if not (wait_s := allowance.admit()):
                return False
            await self._refuse(message.id, [format_error(ErrorCode.RATE_LIMITED, RATE_LIMITED, retryAfter=wait_s)])
        allowance.owe(1)
        if allowance.is_overdrawn:
            raise Closed(CloseCode.TRY_AGAIN_LATER, RATE_LIMITED)
        return isinstance(message, Subscribe)

    async def _handle(self, message: ClientMessage) -> None:
        match message:
            case ConnectionInit(payload):
                if self._is_acknowledged:
                    raise Closed(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")
                await self._caller.introduce(payload)
                self._is_acknowledged = True
                await self._send({"type": "connection_ack"})
            case Ping(payload):
                if self._is_acknowledged:
                    await self._caller.renew(payload)
                await self._send({"type": "pong"})
            case Pong():
                pass
            case Subscribe(operation_id, request):
                await self._subscribe(operation_id, request)
            case Complete(operation_id):
                if task := self._operations.pop(operation_id, None):
                    task.cancel()

    async def _subscribe(self, operation_id: str, request: GraphQLRequest) -> None:
        if not self._is_acknowledged:
            raise Closed(CloseCode.UNAUTHORIZED, "Unauthorized")
        if operation_id in self._operations:
            raise Closed(CloseCode.SUBSCRIBER_ALREADY_EXISTS, f"Subscriber for {operation_id} already exists")
        if len(self._operations) >= MAX_OPERATIONS:
            message = f"A socket has at most {MAX_OPERATIONS} operations at once."
            await self._refuse(operation_id, [format_error(ErrorCode.BAD_REQUEST, message)])
            return
        task = asyncio.create_task(self._run(operation_id, request))
        self._operations[operation_id] = task
        task.add_done_callback(lambda done: self._forget(operation_id, done))

    def _forget(self, operation_id: str, task: asyncio.Task[None]) -> None:
        # After a `complete` the id may already be that of another operation.
        if self._operations.get(operation_id) is task:
            del self._operations[operation_id]

    async def _run(self, operation_id: str, request: GraphQLRequest) -> None:
        with self._traces.request() as opened, suppress(*CLIENT_GONE):  # Whoever receives hears of it too.
            await self._answer(operation_id, request, opened)

    async def _answer(self, operation_id: str, request: GraphQLRequest, opened: Callable[[], None]) -> None:
        try:
            await self._execute(operation_id, request, opened)
        except (StreamEnded, TooManyStreams) as error:
            # The code that sends clients back, to this process or to another, where their tokens are good as well.
            reason = str(error) or "The service has no room for another subscription now."
            self._end(Closed(CloseCode.TRY_AGAIN_LATER, reason))
        except TimeoutError:
            self._end(Closed(CloseCode.TRY_AGAIN_LATER, "The client reads nothing; resume with the last sync token."))
        except Refused as refused:
            await self._refuse(operation_id, [format_error(refused.code, refused.message)])
        except CLIENT_GONE:
            raise
        except Exception:  # noqa: BLE001  # The outermost edge: one operation that fails ends no other.
            _log.exception("An operation of a socket failed")
            await self._refuse(operation_id, [format_error(ErrorCode.INTERNAL, "Internal server error")])

    async def _execute(self, operation_id: str, request: GraphQLRequest, opened: Callable[[], None]) -> None:
        outcome = await self._streams.execute(request, self._caller.current(), no_mutations=False)
        head = f'{{"id":{json.dumps(operation_id)},"type":"next","payload":'
        if isinstance(outcome, Answer):
            if not outcome.was_executed:
                await self._refuse(operation_id, outcome.body["errors"])
                return
            await self._websocket.send_text(f"{head}{encode(outcome.body).decode()}}}")
        else:
            opened()
            try:
                async with aclosing(self._streams.follow(outcome, Transport.WEB_SOCKET)) as batches:
                    async for messages in batches:
                        for message in messages:
                            async with asyncio.timeout(SEND_TIMEOUT_S):
                                await self._websocket.send_text(f"{head}{message.text}}}")
            except RefusedStream as refused:
                await self._refuse(operation_id, refused.errors)
                return
        await self._send({"id": operation_id, "type": "complete"})

    async def _refuse(self, operation_id: str, errors: list[dict[str, Any]]) -> None:
        await self._send({"id": operation_id, "type": "error", "payload": errors})

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._websocket.send_text(encode(message).decode())

    def _end(self, closed: Closed) -> None:
        if not self._closed.done():
            self._closed.set_result(closed)
