"""How large a request can be."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
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
    """Reads the body of a request before anything is done for it, and refuses one of more than `max_bytes` with 413.

    So a slow sender holds no place among those that are answered, and no time of theirs. A body whose length is
    declared is refused unread. Starlette's own `max_body_size` answers such a one in plain text, whatever the
    exception handlers say.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, present: ErrorPresenter) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._present = present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http" or (declared := _declared_bytes(scope)) is None:
            await self._app(scope, receive, send)
            return
        body = None if declared > self._max_bytes else await self._read(receive)
        if body is None:
            await self._present(scope, HTTPException(413))(scope, receive, send)
            return
        whole: Message | None = {"type": "http.request", "body": body, "more_body": False}

        async def receive_whole() -> Message:
            nonlocal whole
            if whole is None:
                return await receive()
            message, whole = whole, None
            return message

        await self._app(scope, receive_whole, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """Read the body; None if it is too long. Raises ClientDisconnect when it is never there."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            if len(body) > self._max_bytes:
                return None
            if not message.get("more_body", False):
                return bytes(body)


async def whole_body(request: Request) -> bytes:
    """Give the body, which BodyLimit hands on in one message; Starlette's way would be a stream and a joining of it."""
    body: bytes = (await request.receive()).get("body", b"")
    return body


def _declared_bytes(scope: Scope) -> int | None:
    """Give the length of the body, 0 if it is not declared; None if there is none (RFC 9112 section 6)."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)  # The server has checked that it is a number.
        if name == b"transfer-encoding":
            return 0
    return None


def _target_bytes(scope: Scope) -> int:
    query: bytes = scope["query_string"]
    return len(scope["raw_path"]) + (len(query) + 1 if query else 0)
