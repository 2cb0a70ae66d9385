"""Connections of clients: how long one may take to send a request, and to take an answer.

uvicorn has neither bound, and a client that sends half a request, or reads nothing, costs it next to nothing.
"""

import asyncio
from collections.abc import Callable
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from todo_gql.corked import CorkedTransport


class Connection(H11Protocol):
    """A connection that is closed when a request, or the taking of an answer, lasts too long.

    h11 also bounds a head at 16 KiB (`h11_max_incomplete_event_size`); httptools, which uvicorn would choose where
    it finds it, bounds nothing.
    """

    request_s: ClassVar[float] = 10
    """From the opening of the connection, or the first byte of a request, to its last byte."""
    answer_s: ClassVar[float] = 30
    """For how long the client may take nothing while more of an answer is there than its sockets hold."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As in uvicorn.
        """Expect a request."""
        corked = CorkedTransport(transport)
        super().connection_made(corked)  # type: ignore[arg-type]  # It does what one does.
        self._corked = corked
        self._sending = _Timer(self.request_s, transport.abort)
        self._taking = _Timer(self.answer_s, transport.abort)
        self._sending.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Read what came while the answer was made."""
        super().on_response_complete()
        self._watch()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leave the connection to another protocol."""
        self._end()
        # A socket has many writers, and tells each when what it wrote has been taken.
        self._corked.flush()
        self.transport = self._corked.uncorked
        super().handle_websocket_upgrade(event)

    def pause_writing(self) -> None:
        """Expect the client to take something."""
        super().pause_writing()
        self._taking.start()

    def resume_writing(self) -> None:
        """Go on: it did."""
        super().resume_writing()
        self._taking.stop()

    def _watch(self) -> None:
        state = self.conn.their_state
        if state is h11.SEND_BODY or (state is h11.IDLE and self.conn.trailing_data[0]):
            self._sending.start()
        else:
            self._sending.stop()

    def _end(self) -> None:
        self._sending.end()
        self._taking.end()


class WebSocketConnection(WebSocketsSansIOProtocol):
    """A WebSocket that is cut off when its client takes nothing for too long.

    uvicorn would let a message wait for it without end, and the closing of the socket behind that; a connection that
    is closed with something left to be sent would stay for as long as the client does.
    """

    answer_s: ClassVar[float] = 30
    """For how long the client may take nothing while more is there than its sockets hold, or after the end."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the connection of an HTTP request."""
        super().connection_made(transport)
        self._taking = _Timer(self.answer_s, self.transport.abort)
        self._leaving = _Timer(self.answer_s, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._taking.end()
        self._leaving.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Expect the client to take something."""
        super().pause_writing()
        self._taking.start()

    def resume_writing(self) -> None:
        """Go on: it did."""
        super().resume_writing()
        self._taking.stop()

    def keepalive_timeout(self) -> None:
        """Expect the client to go: it has answered no ping."""
        super().keepalive_timeout()
        self._leaving.start()

    async def run_asgi(self) -> None:
        """Serve the socket, then expect the client to go."""
        await super().run_asgi()
        self._leaving.start()


class _Timer:
    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self._seconds = seconds
        self._call: Callable[[], None] | None = call
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Call it in so many seconds, unless it is to be called already."""
        if self._handle is None and self._call is not None:
            self._handle = asyncio.get_running_loop().call_later(self._seconds, self._call)

    def stop(self) -> None:
        """Do not call it."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def end(self) -> None:
        """Never call it."""
        self.stop()
        self._call = None
