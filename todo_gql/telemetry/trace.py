"""The id under which a request's answer, log lines and changes are found again."""

import random
from contextvars import ContextVar
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_trace_id: Final = ContextVar[str | None]("trace_id", default=None)


def current_trace_id() -> str | None:
    """Name the trace of the request being answered; None outside of one."""
    return _trace_id.get()


class TraceIds:
    """Gives each request a random trace id: 32 lower-case hexadecimal digits, not all zero (W3C Trace Context)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request under a trace id of its own."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # Not a secret: it only has to differ from other requests' ids.
        token = _trace_id.set(f"{random.randrange(1, 1 << 128):032x}")  # noqa: S311
        try:
            await self._app(scope, receive, send)
        finally:
            _trace_id.reset(token)
