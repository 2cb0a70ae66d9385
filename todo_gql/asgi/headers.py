"""Headers that every answer has."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class NoSniff:
    """Tells browsers to believe the Content-Type of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with the header added."""

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-content-type-options", b"nosniff")]
            await send(message)

        await self._app(scope, receive, send_with_header)
