"""How often callers may ask: what their requests cost counts, not how many they are."""

from collections.abc import Collection
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from todo_gql.asgi.buckets import Buckets
from todo_gql.asgi.errors import ErrorPresenter

_POLICY: Final = "cost"

_NETWORK: Final = 0xFFFF_FFFF_FFFF_FFFF << 64
"""The half of an IPv6 address that a provider gives to a customer, who can choose the other anew for each request."""


class Allowance:
    """What the caller of one request, or of one socket, may ask for."""

    def __init__(self, buckets: Buckets, caller: str) -> None:
        self._buckets = buckets
        self._caller = caller

    def admit(self) -> int:
        """Take a token; if there is none, take nothing and say in how many seconds there will be one."""
        wait_s = self._buckets.wait_s(self._caller)
        if not wait_s:
            self._buckets.take(self._caller, 1)
        return wait_s

    def become(self, owner: str) -> int:
        """Go on as the one who the caller has proved to be, and ask for a token anew; give the one before back."""
        caller = f"owner {owner}"
        if caller == self._caller:
            return 0
        self._buckets.give_back(self._caller, 1)
        self._caller = caller
        return self.admit()

    def owe(self, tokens: int) -> None:
        """Take tokens for what is done already, or can no longer be refused."""
        self._buckets.take(self._caller, tokens)

    @property
    def is_overdrawn(self) -> bool:
        """Say whether the caller owes as much as anyone can."""
        return self._buckets.left(self._caller) < 1 - self._buckets.quota.tokens

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Write what is left (draft-ietf-httpapi-ratelimit-headers-10)."""
        quota = self._buckets.quota
        left, until_full_s = max(0, int(self._buckets.left(self._caller))), self._buckets.until_full_s(self._caller)
        return [
            (b"ratelimit-policy", f'"{_POLICY}";q={quota.tokens};w={quota.window_s}'.encode()),
            (b"ratelimit", f'"{_POLICY}";r={left};t={until_full_s}'.encode()),
        ]


_allowance: Final = ContextVar[Allowance | None]("allowance", default=None)


def current_allowance() -> Allowance | None:
    """Give the allowance of the request being answered; None where there is no limit."""
    return _allowance.get()


def become(owner: str) -> int:
    """Let the request being answered be of an owner, not of an address; give the seconds to wait, 0 if there are none.

    Who has no token yet, or a wrong one, is an address: so nobody guesses tokens faster than they could ask anything.
    """
    return 0 if (allowance := _allowance.get()) is None else allowance.become(owner)


def owe(tokens: int) -> None:
    """Let the caller of the request being answered owe what it costs besides the one token for asking."""
    if (allowance := _allowance.get()) is not None:
        allowance.owe(tokens)


class RateLimit:
    """Refuses requests, and sockets, of callers that have nothing left with 429; tells the others what is left.

    Args:
        buckets: Of this process; each counts for itself.
        exempt: The paths that are always answered.
        present: Makes the refusal.
    """

    def __init__(self, app: ASGIApp, *, buckets: Buckets, exempt: Collection[str], present: ErrorPresenter) -> None:
        self._app = app
        self._buckets = buckets
        self._exempt = exempt
        self._present = present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["path"] in self._exempt:
            await self._app(scope, receive, send)
            return
        allowance = Allowance(self._buckets, address_of(scope))

        async def send_with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                message["headers"] = [*message.get("headers", ()), *allowance.headers()]
            await send(message)

        if wait_s := allowance.admit():
            await self._present(scope, too_much(wait_s))(scope, receive, send_with_headers)
            return
        token = _allowance.set(allowance)
        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            _allowance.reset(token)


def too_much(wait_s: int) -> HTTPException:
    """Refuse a request of a caller that has nothing left for so many seconds."""
    return HTTPException(429, headers={"Retry-After": str(wait_s)})


def address_of(scope: Scope) -> str:
    """Name a caller by the address, of IPv6 by the network; whoever comes by a local socket is one caller."""
    client = scope.get("client")
    if not client:
        return "local"
    try:
        address = ip_address(client[0])
    except ValueError:
        return "unknown"  # What a trusted proxy forwarded may be anything; all of it is one caller.
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) & _NETWORK))
