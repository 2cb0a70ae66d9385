"""What answers held, and who still calls the routes that GraphQL succeeds."""

from typing import Final

from opentelemetry.metrics import Counter, Meter
from starlette.types import ASGIApp, Receive, Scope, Send

from todo_gql.telemetry import names
from todo_gql.telemetry.bounded import MAX_CLIENTS, BoundedNames, client_name
from todo_gql.telemetry.paths import RouteNames
from todo_gql.telemetry.trace import RequestRecord, current_record

_GRAPHQL: Final = "/graphql"
_LEGACY: Final = "/todos"


class Usage:
    """Counts the problems in answers, and the calls of the REST routes by client."""

    def __init__(self, app: ASGIApp, *, meter: Meter, routes: RouteNames) -> None:
        self._app = app
        self._routes = routes
        self._clients = BoundedNames(MAX_CLIENTS)
        self._problems = names.PROBLEMS.counter(meter)
        self._legacy_calls = names.LEGACY_CALLS.counter(meter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and count."""
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "http":
                self._count(scope)

    def _count(self, scope: Scope) -> None:
        route = self._routes.find(scope["path"])
        record = current_record()
        if record is not None:
            count_problems(self._problems, record, "graphql" if route == _GRAPHQL else "rest")
        if route is not None and route.startswith(_LEGACY):
            client = self._clients.admit(client_name(scope["headers"]))
            self._legacy_calls.add(
                1, {"http.request.method": scope["method"], "http.route": route, "client.name": client}
            )


def count_problems(counter: Counter, record: RequestRecord, protocol: str) -> None:
    """Count the problems that an answer held."""
    for code in record.problems:
        counter.add(1, {"problem.code": code, "protocol": protocol})
