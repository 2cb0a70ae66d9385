"""Headers that every answer has."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = {
    # Browsers are to believe the Content-Type.
    b"x-content-type-options": b"nosniff",
    # For an answer that is looked at as a page after all: it loads nothing, runs nothing and is in nobody's frame.
    b"content-security-policy": b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    b"x-frame-options": b"DENY",  # For browsers that do not know frame-ancestors.
    # Pages of other origins get at no answer as an image, a script or a style; CORS is asked for the others.
    b"cross-origin-resource-policy": b"same-origin",
    # Paths and cursors are nobody else's business.
    b"referrer-policy": b"no-referrer",
}


class SecurityHeaders:
    """Tells browsers what they may do with an answer; what an answer says of that itself stays.

    Args:
        hsts_s: For how many seconds browsers are to come back by HTTPS only, once they have come so (RFC 6797); 0 says
            nothing. It is never said on an answer that goes out in the clear.
    """

    def __init__(self, app: ASGIApp, *, hsts_s: int) -> None:
        self._app = app
        self._plain = dict(_HEADERS)
        self._secure = {**_HEADERS, b"strict-transport-security": b"max-age=%d" % hsts_s} if hsts_s else self._plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with the headers added."""
        added = self._secure if scope.get("scheme") == "https" else self._plain

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                own = {name for name, _ in headers}
                message["headers"] = headers + [header for header in added.items() if header[0] not in own]
            await send(message)

        await self._app(scope, receive, send_with_headers)
