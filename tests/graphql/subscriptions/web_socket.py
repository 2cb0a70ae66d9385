"""A client of graphql-transport-ws for tests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol


class Socket:
    """An open socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: object) -> None:
        await self.connection.send(json.dumps(message))

    async def subscribe(self, operation_id: str, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send({"id": operation_id, "type": "subscribe", "payload": payload})

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            message: dict[str, Any] = json.loads(await self.connection.recv())
        return message

    async def closed(self) -> tuple[int, str]:
        """Wait until the service closes the socket, and give the code and the reason."""
        async with asyncio.timeout(20):
            await self.connection.wait_closed()
        assert self.connection.close_code != 1006, "The connection was lost without a word."
        return self.connection.close_code or 0, self.connection.close_reason or ""


@asynccontextmanager
async def opened(
    http: httpx.AsyncClient, *, initialised: bool = True, subprotocol: str = "graphql-transport-ws", **options: Any
) -> AsyncIterator[Socket]:
    """Open a socket; unless told otherwise, it is acknowledged."""
    url = str(http.base_url.join("/graphql")).replace("http", "ws", 1)
    async with connect(url, subprotocols=[Subprotocol(subprotocol)], proxy=None, **options) as connection:
        socket = Socket(connection)
        if initialised:
            await socket.send({"type": "connection_init"})
            assert await socket.receive() == {"type": "connection_ack"}
        yield socket
