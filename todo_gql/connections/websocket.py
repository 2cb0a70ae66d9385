"""A connection that has become a WebSocket: how long its client may take nothing."""

import asyncio
from typing import ClassVar

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from todo_gql.connections.timer import Timer


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
        self._taking = Timer(self.answer_s, self.transport.abort)
        self._leaving = Timer(self.answer_s, self.transport.abort)

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
