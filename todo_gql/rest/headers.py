"""Headers that tell callers of the REST layer that GraphQL succeeds it."""

from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class DeprecationHeaders:
    """Puts the deprecation on every answer below /todos, those of errors included.

    Args:
        deprecated_at: Since when REST is deprecated (`Deprecation`, RFC 9745).
        sunset: When it is to be switched off (`Sunset`, RFC 8594); None tells no date.
    """

    def __init__(self, app: ASGIApp, *, deprecated_at: datetime, sunset: datetime | None) -> None:
        self._app = app
        self._deprecation = f"@{int(deprecated_at.timestamp())}"
        self._sunset = None if sunset is None else format_datetime(sunset.astimezone(UTC), usegmt=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with the headers added."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith("/todos/"):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_to(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add_to(self, headers: MutableHeaders) -> None:
        headers["Deprecation"] = self._deprecation
        # One line: some clients read only the first Link line, and the next page may stand there already.
        links = [*headers.getlist("Link"), '</graphql>; rel="successor-version"']
        headers["Link"] = ", ".join(links)
        if self._sunset is not None:
            headers["Sunset"] = self._sunset
