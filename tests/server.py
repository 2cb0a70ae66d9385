"""The service as uvicorn serves it, on a free port of 127.0.0.1, in the event loop of the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from uvicorn.server import ServerState

from tests import loopback
from todo_gql.app import create_app
from todo_gql.connections.http import HTTPConnection
from todo_gql.server import WEB_SOCKETS
from todo_gql.settings import Settings


def settings_for(database_url: str, **others: object) -> Settings:
    """Make settings that differ from the defaults in what is named."""
    return Settings.model_validate({"database_url": database_url, **others})


@asynccontextmanager
async def running(settings: Settings, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Run the whole service, and give a client whose requests go to it: `await client.get("/todos")`."""
    async with serving(create_app(settings), **options) as client:
        yield client


@asynccontextmanager
async def serving(
    app: Starlette, *, connections: type[HTTPConnection] = HTTPConnection, **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Run an application, with other options of uvicorn than the service's, and give a client whose requests go to it.

    This is uvicorn's protocol without its `Server`, which takes over the signal handlers of the process, and 0.1 s
    to stop.
    """
    options = {**WEB_SOCKETS, "proxy_headers": False, **options}
    config = uvicorn.Config(app, lifespan="off", log_config=None, http=connections, **options)
    config.load()
    state = ServerState()

    def connect() -> asyncio.Protocol:
        return config.http_protocol_class(config=config, server_state=state, app_state={})  # type: ignore[call-arg]  # uvicorn declares it as any protocol.

    async with app.router.lifespan_context(app):
        server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            async with loopback.async_client(f"http://127.0.0.1:{port}") as client:
                yield client
        finally:
            server.close()
            for connection in list(state.connections):
                connection.shutdown()
            await asyncio.gather(*state.tasks)
            await server.wait_closed()
