"""How large a request can be."""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from todo_gql.asgi.errors import ErrorPresenter

MAX_TARGET_BYTES: Final = 8192


class TargetLimit:
    """Refuses a request target, path and query together, of more than 8 KiB with 414."""

    def __init__(self, app: ASGIApp, *, present: ErrorPresenter) -> None:
        self._app = app
        self._present = present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "http" and _target_bytes(scope) > MAX_TARGET_BYTES:
            await self._present(scope, HTTPException(414))(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a body of more than `max_bytes` with 413: a declared one unread, another as soon as it is too long.

    Starlette's own `max_body_size` answers a declared one in plain text, whatever the exception handlers say.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, present: ErrorPresenter) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._present = present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # The server has checked that Content-Length is a number.
        if int(Headers(scope=scope).get("content-length", "0")) > self._max_bytes:
            await self._present(scope, HTTPException(413))(scope, receive, send)
            return
        read_bytes = 0

        async def receive_limited() -> Message:
            nonlocal read_bytes
            message = await receive()
            read_bytes += len(message.get("body", b""))
            if read_bytes > self._max_bytes:
                raise HTTPException(413)  # Inside the routes: the exception handlers present it.
            return message

        await self._app(scope, receive_limited, send)


def _target_bytes(scope: Scope) -> int:
    query: bytes = scope["query_string"]
    return len(scope["raw_path"]) + (len(query) + 1 if query else 0)
