"""One span and one measurement for each request to the server, by OpenTelemetry's instrumentation of Starlette."""

from typing import Final

from opentelemetry.instrumentation.starlette import StarletteInstrumentor
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from todo_gql.telemetry.paths import RouteNames

UNTRACED: Final = frozenset({"/livez", "/readyz"})
"""Probes come every few seconds and are looked at in `kubectl describe`: their traces would bury the others."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
_PROPAGATION: Final = frozenset({b"traceparent", b"tracestate", b"baggage"})
_REAL: Final = "todo_gql.real_scope"


def trace_requests(
    app: Starlette, routes: RouteNames, *, tracer_provider: TracerProvider, meter_provider: MeterProvider
) -> None:
    """Let each request to the application be answered in a SERVER span that is named by method and route.

    The instrumentation writes down what it finds in the scope: the path, the query string, the headers. It is shown
    a scope without what the caller typed, and everything inside gets the real one back.
    """
    # Under opentelemetry-instrument every application is born with a middleware of another making.
    StarletteInstrumentor.uninstrument_app(app)
    app.middleware_stack = None
    app.add_middleware(RealScope)
    StarletteInstrumentor.instrument_app(app, tracer_provider=tracer_provider, meter_provider=meter_provider)
    # These parameters of its middleware have no counterpart in instrument_app: each receive and each send would be
    # a span too, and the address of the server would hold its port.
    app.user_middleware[0].kwargs.update(exclude_spans=["receive", "send"], default_span_details=_span_details)
    app.add_middleware(ShownScope, routes=routes)


class ShownScope:
    """Shows a scope without what was typed."""

    def __init__(self, app: ASGIApp, *, routes: RouteNames) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one that is not to be traced goes around the instrumentation, which knows no such type."""
        if scope["type"] != "http" or scope["path"] in UNTRACED:
            await self._app({"type": f"untraced.{scope['type']}", _REAL: scope}, receive, send)
        else:
            await self._app(self._shown(scope), receive, send)

    def _shown(self, scope: Scope) -> Scope:
        return {
            "type": "http",
            "method": scope["method"] if scope["method"] in _METHODS else "_OTHER",
            "http_version": scope["http_version"],
            "scheme": scope["scheme"],
            "server": scope.get("server"),
            "path": self._routes.find(scope["path"]) or "",
            "query_string": b"",
            "headers": [header for header in scope["headers"] if header[0] in _PROPAGATION],
            _REAL: scope,
        }


class RealScope:
    """Gives the application the scope that the server has made."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as it came."""
        await self._app(scope[_REAL], receive, send)


def _span_details(shown: Scope) -> tuple[str, dict[str, str]]:
    """Name the span, and give attributes of its own (opentelemetry.io/docs/specs/semconv/http/http-spans)."""
    method, route = shown["method"].replace("_OTHER", "HTTP"), shown["path"]
    attributes = {"server.address": shown["server"][0]} if shown["server"] else {}
    return (f"{method} {route}", {**attributes, "http.route": route}) if route else (method, attributes)
