"""A TCP proxy that loses connections, or lets nothing through, when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Proxy:
    """Stands between a client and a server."""

    def __init__(self, host: str, port: int) -> None:
        self._server_address = (host, port)
        self._connections: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._port = 0
        self._fatal: bytes | None = None
        self._forgets = False
        self._is_open = asyncio.Event()
        self._is_open.set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def listen(self) -> None:
        """Accept connections, always on the same port."""
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Cut every connection, and accept no other."""
        assert self._listener is not None
        self._listener.close()
        self.cut()
        if self._serving:
            await asyncio.wait(self._serving)
        await self._listener.wait_closed()

    def cut(self) -> None:
        """Cut every connection."""
        for pair in self._connections:
            for writer in pair:
                writer.transport.abort()

    def hold(self) -> None:
        """Let nothing through, as a network that loses every packet; connections stay as they are."""
        self._is_open.clear()

    def forget(self) -> None:
        """Let nothing through, as a firewall that forgets its connections: those used from now on never work again."""
        self._forgets = True

    def release(self) -> None:
        """Let everything through again, and what was held first."""
        self._forgets = False
        self._is_open.set()

    def cut_once_after(self, text: bytes) -> None:
        """Hand on the next message to the server that holds this text, and cut the connection before the answer."""
        self._fatal = text

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._server_address)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, server_writer)
        self._connections.add(pair)
        try:
            async with asyncio.TaskGroup() as directions:
                directions.create_task(self._pass_on(reader, server_writer, writer))
                directions.create_task(self._pass_on(server_reader, writer, None))
        finally:
            self._connections.discard(pair)
            for each in pair:
                each.close()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: asyncio.StreamWriter | None
    ) -> None:
        is_forgotten = False
        try:
            while data := await reader.read(65_536):
                is_forgotten = is_forgotten or self._forgets
                if is_forgotten:
                    continue
                if client is not None and self._fatal is not None and self._fatal in data:
                    self._fatal = None
                    client.transport.abort()
                await self._is_open.wait()
                # To a connection that was cut uvloop lets nobody write; asyncio would say nothing.
                if writer.is_closing():
                    return
                writer.write(data)
                await writer.drain()
            if not writer.is_closing() and writer.can_write_eof():
                writer.write_eof()
        except OSError:
            writer.transport.abort()


@asynccontextmanager
async def proxy_to(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """Run a proxy to the server of a URL, and give it with the URL of the same database through it."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    proxy = Proxy(parts.hostname, parts.port or 5432)
    await proxy.listen()
    yield proxy, parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{proxy.address}").geturl()
    proxy.release()
    await proxy.refuse()
