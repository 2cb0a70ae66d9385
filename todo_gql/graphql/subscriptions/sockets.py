"""The WebSockets of this process: who may open one, and how many there are."""

from collections.abc import Collection
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from todo_gql.graphql.subscriptions.callers import Authenticate
from todo_gql.graphql.subscriptions.close import CLIENT_GONE, CloseCode, Closed
from todo_gql.graphql.subscriptions.socket import Socket
from todo_gql.graphql.subscriptions.streams import Streams
from todo_gql.graphql.subscriptions.traces import StreamTraces

SUBPROTOCOL: Final = "graphql-transport-ws"


class Sockets:
    """Serves WebSockets, so many at once.

    Args:
        authenticate: Tells the caller by what the client sends at the beginning; None: anyone may come.
        origins: Of the pages that may open one, besides those that come from this host; `*` is any.
    """

    def __init__(
        self,
        streams: Streams,
        traces: StreamTraces,
        *,
        authenticate: Authenticate | None,
        max_sockets: int,
        origins: Collection[str],
    ) -> None:
        self._streams = streams
        self._traces = traces
        self._authenticate = authenticate
        self._max_sockets = max_sockets
        self._origins = origins
        self._open = 0

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one socket until either side closes it."""
        if not self._may_open(websocket):
            # Before the handshake: the server answers it with 403. CORS does not bind sockets, and pages of other
            # sites could act as the user here: with the user's address, if not with a cookie.
            await websocket.close()
            return
        offered = SUBPROTOCOL in websocket.scope["subprotocols"]
        await websocket.accept(SUBPROTOCOL if offered else None)
        self._open += 1
        try:
            if not offered:
                raise Closed(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, f"The subprotocol is {SUBPROTOCOL}.")
            if self._open > self._max_sockets:
                raise Closed(CloseCode.TRY_AGAIN_LATER, "The service has no room for another socket now.")
            await Socket(websocket, self._streams, self._traces, self._authenticate).run()
        except Closed as closed:
            await _close(websocket, closed)
        except CLIENT_GONE:
            pass
        finally:
            self._open -= 1

    def _may_open(self, websocket: WebSocket) -> bool:
        """Say whether a browser's page may open a socket; other clients name no origin."""
        origin = websocket.headers.get("origin")
        if origin is None or "*" in self._origins or origin in self._origins:
            return True
        try:
            return urlsplit(origin).netloc.lower() == websocket.headers.get("host", "").lower()
        except ValueError:  # A bracket that is never closed, say.
            return False


async def _close(websocket: WebSocket, closed: Closed) -> None:
    # The client may have been faster.
    with suppress(WebSocketDisconnect, RuntimeError):
        await websocket.close(closed.code, closed.reason)
