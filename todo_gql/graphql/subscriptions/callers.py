"""Who asks over a WebSocket: browsers can give it no headers, so that it sends its token in its messages."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from todo_gql.asgi.rates import become
from todo_gql.graphql.subscriptions.close import CloseCode, Closed
from todo_gql.graphql.subscriptions.expiry import EXPIRED, call_at
from todo_gql.telemetry.trace import current_span_id, current_trace_id
from todo_gql.todos.model import Caller
from todo_gql.todos.problems import IssuerUnavailable, Unauthenticated

type Authenticate = Callable[[str | None], Awaitable[Caller]]
"""Gives the caller who sends `Bearer ...`. Raises Unauthenticated, or IssuerUnavailable."""


class SocketCaller:
    """The caller of one socket, for as long as their token lasts.

    Args:
        authenticate: None: everyone is the same caller, whatever they send.
        end: Closes the socket.
    """

    def __init__(self, authenticate: Authenticate | None, end: Callable[[Closed], None]) -> None:
        self._authenticate = authenticate
        self._end = end
        self._caller = Caller()
        self._expiry: asyncio.TimerHandle | None = None

    def current(self) -> Caller:
        """Give the caller, in the span that is active now."""
        return replace(self._caller, trace_id=current_trace_id(), span_id=current_span_id())

    async def introduce(self, payload: Mapping[str, Any]) -> None:
        """Read who the caller is from the payload of `connection_init`. Raises Closed."""
        if self._authenticate is not None:
            self._become(await _read(payload, self._authenticate))
            # Who has nothing left may be here: the operations are refused.
            become(self._caller.owner)

    async def renew(self, payload: Mapping[str, Any]) -> None:
        """Take the token in the payload of a `ping`, if there is one, in the place of the last one. Raises Closed.

        What runs on the socket goes on with the rights that it began with: so the new token may not have fewer.
        """
        if self._authenticate is None or _credentials(payload) is None:
            return
        caller = await _read(payload, self._authenticate)
        if caller.owner != self._caller.owner:
            raise Closed(CloseCode.FORBIDDEN, "The token is another caller's: open another socket for it.")
        if not caller.scopes >= self._caller.scopes:
            raise Closed(CloseCode.FORBIDDEN, "The token allows less than the last one: open another socket for it.")
        self._become(caller)

    def leave(self) -> None:
        """Wait for no expiry any more."""
        if self._expiry is not None:
            self._expiry.cancel()

    def _become(self, caller: Caller) -> None:
        self.leave()
        self._caller = caller
        if caller.expires_at is not None:
            self._expiry = call_at(caller.expires_at, self._expire)

    def _expire(self) -> None:
        self._end(Closed(CloseCode.FORBIDDEN, EXPIRED))


async def _read(payload: Mapping[str, Any], authenticate: Authenticate) -> Caller:
    try:
        return await authenticate(_credentials(payload))
    except IssuerUnavailable as error:
        raise Closed(CloseCode.TRY_AGAIN_LATER, error.message) from error
    except Unauthenticated as error:
        raise Closed(CloseCode.FORBIDDEN, error.message) from error


def _credentials(payload: Mapping[str, Any]) -> str | None:
    """Find the token as clients send it, under the name of the header in either case."""
    for name in ("Authorization", "authorization"):
        value = payload.get(name)
        if isinstance(value, str):
            return value
    return None
