"""How many requests are answered at once."""

import asyncio
from collections.abc import Collection
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from todo_gql.asgi.errors import ErrorPresenter

MAX_WAIT_S: Final = 0.5
"""At the usual rate hundreds of requests are answered in this time: who waits longer had better try elsewhere."""

_REFUSAL: Final = {"Retry-After": "1"}


class Admission:
    """Lets a bounded number of requests in, and a bounded number wait for their turn; others are refused with 503.

    A stream of events holds no place: it works only when there is something to tell.

    Args:
        max_running: How many are answered at once.
        max_waiting: How many wait, in order, for half a second at most.
        exempt: The paths that are always answered.
        present: Makes the refusal.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_running: int,
        max_waiting: int,
        exempt: Collection[str],
        present: ErrorPresenter,
    ) -> None:
        self._app = app
        self._places = asyncio.Semaphore(max_running)
        self._max_waiting = max_waiting
        self._waiting = 0
        self._exempt = exempt
        self._present = present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in self._exempt:
            await self._app(scope, receive, send)
        elif await self._enter():
            await self._answer(scope, receive, send)
        else:
            await self._present(scope, HTTPException(503, headers=_REFUSAL))(scope, receive, send)

    async def _enter(self) -> bool:
        if not self._places.locked():
            return await self._places.acquire()
        if self._waiting >= self._max_waiting:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(MAX_WAIT_S):
                return await self._places.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_left = False

        def leave() -> None:
            nonlocal has_left
            if not has_left:
                has_left = True
                self._places.release()

        async def send_watched(message: Message) -> None:
            if _begins_event_stream(message):
                leave()
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        finally:
            leave()


def _begins_event_stream(message: Message) -> bool:
    if message["type"] != "http.response.start":
        return False
    for name, value in message["headers"]:
        if name == b"content-type":
            return bool(value.startswith(b"text/event-stream"))
    return False
