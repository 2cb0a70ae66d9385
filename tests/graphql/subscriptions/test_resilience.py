"""Subscriptions while things break: nothing is missed, and who falls behind holds up no one."""

import asyncio
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests import loopback
from tests.graphql.client import GraphQLClient
from tests.graphql.subscriptions.event_stream import subscribed
from tests.graphql.subscriptions.follower import Follower
from tests.graphql.subscriptions.web_socket import opened
from tests.process import Service, serving
from tests.server import running, settings_for
from tests.tools.postgres import PostgreSQL
from todo_gql.graphql.subscriptions import subscriber as subscriber_module
from todo_gql.todos import feed as feed_module

KIND = "subscription ($since: SyncToken) { todoEvents(since: $since) { kind } }"


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL, postgresql_template: str) -> Iterator[str]:
    name = postgresql.create_database(postgresql_template)
    yield postgresql.url_of(name)
    postgresql.drop_database(name)


async def test_nothing_is_missed_while_the_listening_connection_is_killed(postgresql_url: str) -> None:
    async with running(settings_for(postgresql_url)) as http:
        follower = Follower(lambda: [str(http.base_url)], await GraphQLClient(http).sync_token())
        task = asyncio.create_task(follower.run())
        killer = await asyncpg.connect(postgresql_url)
        written: list[tuple[str, int]] = []
        killed = 0
        # It listens again after half a second, in which a service that is fast writes them all.
        while len(written) < 60 or killed < 3:
            written.append((await GraphQLClient(http).create("todo"), 1))
            if len(written) % 4 == 0:
                killed += await killer.fetchval("""
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE application_name = 'todo-gql listen' AND datname = current_database()
                """)
        await follower.wait_for(len(written))
        task.cancel()
        await killer.close()

    assert follower.connections == 1
    assert follower.seen == written


class Proxy:
    """Stands between the service and its database, and can be shut."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname, parts.port)
        self._parts = parts
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        user = f"{self._parts.username}:{self._parts.password}"
        return self._parts._replace(netloc=f"{user}@127.0.0.1:{self._port}").geturl()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        out_reader, out_writer = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(_copy(reader, out_writer), _copy(out_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()
            out_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    proxy = Proxy(url)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.shut()


async def test_when_the_database_stays_away_streams_end_so_that_they_can_be_resumed(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "_PATIENCE_S", 0.5)
    # No deadline comes first: the service tries for 5 s, which on a busy machine are more.
    settings = {"limit_read_seconds": 30, "limit_seconds": 30}
    async with proxied(postgresql_url) as proxy, running(settings_for(proxy.url, **settings)) as http:
        since = await GraphQLClient(http).sync_token()
        async with opened(http) as socket, subscribed(http, KIND) as events:
            await socket.subscribe("one", KIND, since=since)
            await GraphQLClient(http).create("before")
            await events.next()
            await socket.receive()
            await proxy.shut()
            code, _ = await socket.closed()
            rest = await events.rest()
            # The service tries for 5 s, which is all the time that the client has of itself.
            without = await http.post(
                "/graphql",
                json={"query": "{ todos { nodes { id } } }"},
                headers={"Accept": "application/json"},
                timeout=20,  # The service tries again for 5 s, which is also how long this client waits by default.
            )
        await proxy.open()
        async with asyncio.timeout(20):
            while (await http.get("/readyz")).status_code != 200:
                pass
        await GraphQLClient(http).create("after")
        async with subscribed(http, since=since) as resumed:
            titles = [(await resumed.todo_event())["todo"]["title"] for _ in range(2)]

    assert code == 1013
    assert rest == []
    assert without.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert titles == ["before", "after"]


async def test_a_subscriber_who_does_not_read_is_cut_off_and_holds_up_no_one(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber_module, "MAX_QUEUED", 50)
    document = "subscription { todoEvents { version todo { description } } }"
    bulk = "mutation ($operations: [TodoOperation!]!) { todoBulk(operations: $operations) { __typename } }"
    operations = [{"create": {"title": "large", "description": "x" * 10_000}} for _ in range(100)]
    async with running(settings_for(database_url, limit_body=2_000_000)) as http:
        lazy = socket.create_connection(("127.0.0.1", http.base_url.port or 0))
        lazy.setblocking(False)
        lazy.sendall(
            b"GET /graphql?query="
            + document.replace(" ", "%20").encode()
            + b" HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
        )
        async with subscribed(http, document) as events:
            for _ in range(12):
                await GraphQLClient(http).data(bulk, operations=operations)
                for _ in range(100):
                    await events.todo_event()
        received = await _read_all(lazy)

    assert received.count(b"event: next") < 1200
    assert received.endswith(b"retry: 1000\n\n\r\n0\r\n\r\n")
    assert b"event: complete" not in received


async def _read_all(lazy: socket.socket) -> bytes:
    received = bytearray()
    async with asyncio.timeout(30):
        while not received.endswith(b"0\r\n\r\n"):
            received += await asyncio.get_running_loop().sock_recv(lazy, 1 << 20)
    lazy.close()
    return bytes(received)


class Replicas:
    """Processes of the service on one database."""

    def __init__(self, directory: Path, url: str, stack: ExitStack) -> None:
        self._directory = directory
        self._url = url
        self._stack = stack
        self.running: list[Service] = []

    @property
    def urls(self) -> list[str]:
        return [service.url for service in self.running]

    async def start(self) -> Service:
        # Who was about to connect when a replica was told to stop is answered: without it, the connection is lost.
        context = serving(self._directory, APP_DATABASE_URL=self._url, APP_DRAIN_SECONDS="1")
        service = await asyncio.to_thread(self._stack.enter_context, context)
        self.running.append(service)
        return service

    async def stop(self, service: Service) -> int:
        self.running.remove(service)
        service.signal(signal.SIGTERM)
        code, _ = await asyncio.to_thread(service.wait)
        return code


@pytest.mark.process
@pytest.mark.slow
async def test_replicas_are_restarted_in_turn_and_a_subscriber_sees_each_change_once(
    postgresql_url: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        replicas = Replicas(tmp_path, postgresql_url, stack)
        first, second = await replicas.start(), await replicas.start()
        async with loopback.async_client(first.url) as http:
            since = await GraphQLClient(http).sync_token()
        followers = [Follower(lambda: replicas.urls, since), Follower(lambda: replicas.urls[::-1], since)]
        tasks = [asyncio.create_task(follower.run()) for follower in followers]
        written: list[tuple[str, int]] = []
        is_over = asyncio.Event()

        async def write() -> None:
            while not is_over.is_set():
                # A new connection for each: what is being stopped answers what it has taken on, and no more.
                async with loopback.async_client(replicas.urls[len(written) % 2]) as http:
                    response = await http.post("/todos", json={"title": "todo"})
                    written.append((response.json()["id"], 1))
                # No faster than it is read, so that the streams are live ones when they end.
                await followers[0].wait_for(len(written))

        writing = asyncio.create_task(write())
        codes = []
        for old in (first, second):
            await replicas.start()
            codes.append(await replicas.stop(old))
        is_over.set()
        await writing
        for follower in followers:
            await follower.wait_for(len(written))
        for task in tasks:
            task.cancel()

    assert codes == [0, 0]
    assert len(written) > 20
    assert all(follower.connections > 1 for follower in followers)
    assert [Counter(follower.seen) for follower in followers] == [Counter(written)] * 2


@pytest.mark.process
async def test_a_socket_is_closed_with_1012_when_the_service_stops(sqlite_path: Path, tmp_path: Path) -> None:
    with serving(tmp_path, APP_DATABASE_URL=f"sqlite:///{sqlite_path}") as service:
        async with loopback.async_client(service.url) as http, opened(http) as socket:
            await socket.subscribe("one", KIND)
            async with subscribed(http, KIND) as events:
                service.signal(signal.SIGTERM)
                code, _ = await socket.closed()
                rest = await events.rest()
        exit_code, said = await asyncio.to_thread(service.wait)

    assert (code, rest, exit_code) == (1012, [], 0)
    assert "Traceback" not in said
