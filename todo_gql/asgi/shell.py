"""The shell around every route: who is asking, under which name, from which page."""

from collections.abc import Collection, Sequence
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from todo_gql.asgi.errors import ErrorPresenter
from todo_gql.asgi.headers import SecurityHeaders
from todo_gql.asgi.hosts import AllowedHosts

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_REQUEST_HEADERS: Final = (
    "Authorization",
    "GraphQL-Client-Name",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "traceparent",
    "tracestate",
    "X-Todo-Explain",
)
_ANSWER_HEADERS: Final = (
    "Accept-Patch",
    "Accept-Post",
    "Allow",
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "traceresponse",
    "WWW-Authenticate",
)
"""What pages may read besides the few headers that they always can."""

_PREFLIGHT_S: Final = 600


def make_shell(
    *,
    trusted_proxies: Sequence[str],
    allowed_hosts: Collection[str],
    cors_origins: Collection[str],
    hsts_s: int,
    probes: Collection[str],
    present: ErrorPresenter,
) -> list[Middleware]:
    """Make the middlewares, outermost first.

    Args:
        trusted_proxies: The networks whose word on the caller's address and scheme (`X-Forwarded-For`,
            `X-Forwarded-Proto`) is taken: the caller is the last address that is none of theirs.
        allowed_hosts: The names under which the service answers; none: any.
        cors_origins: The origins whose pages may use it; `*` is any. None: those of its own.
        hsts_s: For how long browsers are told to come by HTTPS only; 0 tells them nothing.
        probes: Paths that are answered under any name.
        present: Makes refusals.
    """
    middlewares = [Middleware(SecurityHeaders, hsts_s=hsts_s)]
    if trusted_proxies:
        middlewares.insert(0, Middleware(ProxyHeadersMiddleware, trusted_hosts=list(trusted_proxies)))
    if allowed_hosts:
        middlewares.append(Middleware(AllowedHosts, names=allowed_hosts, exempt=probes, present=present))
    if cors_origins:
        # Without credentials: there are no cookies, and a token is a header like any other.
        cors = Middleware(
            CORSMiddleware,
            allow_origins=cors_origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_ANSWER_HEADERS,
            max_age=_PREFLIGHT_S,
        )
        middlewares.append(cors)
    return middlewares
