"""The edge of the service: whatever goes wrong inside gets an answer, and the connection stays usable."""

import logging
from collections.abc import Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ErrorPresenter = Callable[[Scope, HTTPException], Response]
"""Makes the answer to a request that failed before, or beside, what its route does."""

_log: Final = logging.getLogger(__name__)


class ToldError(HTTPException):
    """An error whose `detail` is a sentence for the caller; of others only the status says what is wrong."""


def sentence_of(error: HTTPException, otherwise: str) -> str:
    """Choose what the caller is told."""
    return error.detail if isinstance(error, ToldError) else otherwise


class CatchAll:
    """Logs an exception that nothing handled, and answers 500.

    It stands inside Starlette's ServerErrorMiddleware, which raises the exception again after answering it: uvicorn
    then closes the connection without saying so, and a client that keeps connections fails at its next request.

    Args:
        present: Makes the answer.
        tell_path: Writes a path for the log, without what the caller typed.
    """

    def __init__(self, app: ASGIApp, *, present: ErrorPresenter, tell_path: Callable[[str], str]) -> None:
        self._app = app
        self._present = present
        self._tell_path = tell_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, come what may."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except ClientDisconnect:
            pass  # Nobody is left to be answered.
        except Exception:  # noqa: BLE001  # The outermost edge.
            _log.exception("%s %s failed", scope["method"], self._tell_path(scope["path"]))
            # An answer that has begun is left without its end: uvicorn then cuts the connection, and the client
            # sees that something is missing. Ending it here would make it look whole.
            if not has_begun:
                await self._present(scope, HTTPException(500))(scope, receive, send)
