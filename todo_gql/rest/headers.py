"""Headers that tell callers of the REST layer that GraphQL succeeds it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SUCCESSOR: Final = b'</graphql>; rel="successor-version"'


class DeprecationHeaders:
    """Puts the deprecation on every answer below /todos, those of errors included.

    Args:
        deprecated_at: Since when REST is deprecated (`Deprecation`, RFC 9745).
        sunset: When it is to be switched off (`Sunset`, RFC 8594); None tells no date.
    """

    def __init__(self, app: ASGIApp, *, deprecated_at: datetime, sunset: datetime | None) -> None:
        self._app = app
        self._headers = [(b"deprecation", f"@{int(deprecated_at.timestamp())}".encode())]
        if sunset is not None:
            self._headers.append((b"sunset", format_datetime(sunset.astimezone(UTC), usegmt=True).encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with the headers added."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith("/todos/"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._added_to(message["headers"])
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _added_to(self, headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        # One line of links: some clients read only the first, and the next page may stand there already.
        links = [value for name, value in headers if name == b"link"]
        others = [header for header in headers if header[0] != b"link"]
        return [*others, *self._headers, (b"link", b", ".join((*links, _SUCCESSOR)))]
