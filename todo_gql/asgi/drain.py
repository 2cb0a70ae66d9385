"""Letting clients go before the service stops."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Drain:
    """Whether the service is about to stop."""

    def __init__(self) -> None:
        self.has_begun = False

    def begin(self) -> None:
        """Tell everyone from now on."""
        self.has_begun = True


class Farewell:
    """Closes each connection with an answer that says so, once the service is about to stop.

    A client, or a proxy, that found its idle connection closed could not know whether the request that it was just
    sending on it had been read (RFC 9112 section 9.6).
    """

    def __init__(self, app: ASGIApp, *, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_farewell(message: Message) -> None:
            # Asked only now: the signal may have come while the answer was made.
            if message["type"] == "http.response.start" and self._drain.has_begun:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self._app(scope, receive, send_farewell)
