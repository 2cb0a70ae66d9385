"""The names under which the service answers."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from todo_gql.asgi.errors import ErrorPresenter


class AllowedHosts:
    """Refuses requests, and sockets, for any other name with 400.

    A page whose own name was made to lead here (DNS rebinding) is of the same origin to its browser, which then lets
    it read and write everything; only the name that it asks for gives it away.

    Args:
        names: In lower case, without ports; `*.example.com` is every name below that one.
        exempt: The paths that are always answered: who probes a pod knows no more than its address.
        present: Makes the refusal.
    """

    def __init__(
        self, app: ASGIApp, *, names: Collection[str], exempt: Collection[str], present: ErrorPresenter
    ) -> None:
        self._app = app
        self._names = frozenset(name for name in names if not name.startswith("*."))
        self._endings = tuple(name.removeprefix("*") for name in names if name.startswith("*."))
        self._exempt = exempt
        self._present = present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["path"] in self._exempt or self._is_allowed(name_of(Headers(scope=scope).getlist("host"))):
            await self._app(scope, receive, send)
        else:
            await self._present(scope, HTTPException(400))(scope, receive, send)

    def _is_allowed(self, name: str | None) -> bool:
        return name is not None and (name in self._names or name.endswith(self._endings))


def name_of(hosts: list[str]) -> str | None:
    """Read the name out of the one Host header, in lower case; None when it cannot be read."""
    try:
        (host,) = hosts
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    # It leaves the zone of an IPv6 address as it is, and what follows any other `%`.
    return None if name is None else name.lower()
