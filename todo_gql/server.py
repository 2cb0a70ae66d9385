"""Run the application in uvicorn: one process, from an open port to a clean stop."""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from todo_gql.connections.http import HTTPConnection
from todo_gql.connections.websocket import WebSocketConnection
from todo_gql.version import version

STOP_TIMEOUT_S: Final = 10
"""How long requests that are being answered may take when the service stops; then they are cut off."""

WEB_SOCKETS: Final[Mapping[str, Any]] = {
    "ws": WebSocketConnection,
    "ws_max_size": 65_536,  # The longest message that is read; a longer one closes the socket with 1009.
    # As often as a stream shows that it is alive; who does not answer is gone.
    "ws_ping_interval": 12,
    "ws_ping_timeout": 20,
    # Compression would be done again for each subscriber, and keep its window in memory for each.
    "ws_per_message_deflate": False,
}

_log: Final = logging.getLogger(__name__)


class CannotListen(Exception):
    """An address cannot be listened on; the message is one sentence that says what to do."""


def serve(app: Starlette, listener: socket.socket, *, database: str, drain_s: float, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        app: The application; `app.state.drain` is called when a signal has come.
        listener: Where connections come from.
        database: How the first log line calls it.
        drain_s: For how long requests that still arrive are answered after SIGTERM.
        ready: Is called once requests can be answered.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",  # Run below, where its exceptions arrive as they are.
        log_config=None,
        http=HTTPConnection,
        server_header=False,
        proxy_headers=False,  # The application asks APP_TRUSTED_PROXIES whom to believe; uvicorn believes loopback.
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        **WEB_SOCKETS,
    )
    asyncio.run(_serve(app, config, listener, database, drain_s, ready), loop_factory=config.get_loop_factory())


def is_local(host: str) -> bool:
    """Say whether only this machine reaches what listens on a host; of a name that is not known."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address of this machine; port 0 takes a free one.

    Raises:
        CannotListen: another program does, or it is no address of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        raise CannotListen(_why_not(error, host, port)) from error
    # Connections inherit it. asyncio sets it only on sockets whose protocol is named; without it the body of each
    # answer on a kept connection waited 40 ms for the acknowledgement of the head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class _DrainingServer(uvicorn.Server):
    """Says that it is going to stop, and stops when those who send requests have had the time to hear it."""

    def __init__(self, config: uvicorn.Config, app: Starlette, drain_s: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_s = drain_s
        self._is_urgent = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal: Ctrl-C, and any second one, waits for no new requests."""
        if sig == signal.SIGINT or self.should_exit:
            self._is_urgent = True
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        self._app.state.drain()
        end = time.monotonic() + self._drain_s
        # A signal handler wakes no event loop; uvicorn looks as often.
        while not self._is_urgent and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        # In the next turn of the loop, when nobody can come back to this process any more.
        self._app.state.end_streams()
        await super().shutdown(sockets)


async def _serve(
    app: Starlette,
    config: uvicorn.Config,
    listener: socket.socket,
    database: str,
    drain_s: float,
    ready: Callable[[], None],
) -> None:
    server = _DrainingServer(config, app, drain_s)
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn, once it has stopped, hands a signal on to the handler that it found: the default one would end the
        # process before the lifespan has. Set this early, it also stops a server that is still opening its database.
        signal.signal(number, server.handle_exit)
    async with app.router.lifespan_context(app):
        _log.info(
            "todo-gql %s listens on %s (GraphQL at /graphql, REST at /todos), database %s",
            version(),
            _address(listener),
            database,
        )
        # What there is by now stays: a collection that goes through it stops everyone for 30 ms, now and then.
        gc.collect()
        gc.freeze()
        ready()
        await server.serve(sockets=[listener])
    _log.info("todo-gql has stopped")


def _address(listener: socket.socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _why_not(error: Exception, host: str, port: int) -> str:
    match error:
        case OSError(errno=errno.EADDRINUSE):
            return f"Port {port} on {host} is in use: stop what listens there, or choose another with APP_PORT."
        case OSError(errno=errno.EACCES):
            return f"Port {port} is reserved for the system: choose one from 1024 on with APP_PORT."
        case socket.gaierror() | UnicodeError() | OSError(errno=errno.EADDRNOTAVAIL):
            return f"APP_HOST must be an address of this machine, and {host} is none: try 127.0.0.1 or 0.0.0.0."
        case OSError(errno=int(number)):
            return f"Port {port} on {host} cannot be listened on: {os.strerror(number)}."
        case _:
            raise error
