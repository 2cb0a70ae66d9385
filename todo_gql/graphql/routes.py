"""Where GraphQL is reached."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from todo_gql.asgi.deadline import Deadlines
from todo_gql.graphql.contexts import Contexts
from todo_gql.graphql.documents import Documents
from todo_gql.graphql.execution import Operations
from todo_gql.graphql.explain import Explainer
from todo_gql.graphql.graphiql.routes import Endpoint, explorer_routes, with_explorer
from todo_gql.graphql.http import GraphQLHTTP
from todo_gql.graphql.limits import DocumentLimits
from todo_gql.graphql.schema import build_schema
from todo_gql.graphql.service_info import ServiceInfo
from todo_gql.graphql.subscriptions.callers import Authenticate
from todo_gql.graphql.subscriptions.deliveries import Deliveries
from todo_gql.graphql.subscriptions.event_stream import with_event_streams
from todo_gql.graphql.subscriptions.sockets import Sockets
from todo_gql.graphql.subscriptions.streams import Streams
from todo_gql.graphql.subscriptions.traces import StreamTraces
from todo_gql.graphql.tracing import Tracing
from todo_gql.telemetry.setup import Telemetry
from todo_gql.todos.feed import Feed
from todo_gql.todos.model import Caller
from todo_gql.todos.service import Todos
from todo_gql.todos.times import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQL:
    """The routes of GraphQL, and what ends its streams before the service stops."""

    routes: list[BaseRoute]
    drain: Callable[[], None]


def make_graphql(
    todos_for: Callable[[Caller], Todos],
    *,
    caller_of: Callable[[Scope], Caller],
    authenticate: Authenticate | None,
    service: ServiceInfo,
    deadlines: Deadlines,
    plans: bool,
    known_documents: Mapping[str, str],
    only_known: bool,
    telemetry: Telemetry,
    explainer: Explainer | None,
    explorer: bool,
    cors_origins: Collection[str],
    feed: Feed,
    max_subscriptions: int,
    clock: Callable[[], datetime] = utc_now,
) -> GraphQL:
    """Make GraphQL, and unless there is to be no `explorer` the pages that show it and REST to browsers.

    `caller_of` gives the caller of an HTTP request; `authenticate` that of a WebSocket, None where anyone may come.
    """
    schema = build_schema()
    limits = DocumentLimits(
        max_tokens=service.limits.max_tokens,
        max_depth=service.limits.max_depth,
        max_aliases=service.limits.max_aliases,
        max_fields=service.limits.max_fields,
        max_directives=service.limits.max_directives,
    )
    documents = Documents(schema, limits, known=known_documents, only_known=only_known, plans=plans)
    operations = Operations(schema, documents, deadlines=deadlines, plans=plans)
    tracing = Tracing(telemetry.tracer, telemetry.meter)
    traces = StreamTraces(telemetry.tracer, telemetry.meter, tracing)
    contexts = Contexts(todos_for, clock=clock, service=service)
    streams = Streams(
        schema,
        operations,
        contexts,
        feed,
        tracing=tracing,
        traces=traces,
        deliveries=Deliveries(telemetry.meter, behind_s=feed.behind_s),
        max_streams=max_subscriptions,
        deadline_s=deadlines.read_s,
    )
    endpoint = GraphQLHTTP(operations, contexts, caller_of, tracing=tracing, explainer=explainer)
    answer = with_event_streams(endpoint.answer, streams, caller_of)
    sockets = Sockets(streams, traces, authenticate=authenticate, max_sockets=max_subscriptions, origins=cors_origins)
    routes = [
        Route("/graphql", _Endpoint(with_explorer(answer) if explorer else answer), methods=["GET", "POST"]),
        WebSocketRoute("/graphql", sockets.serve),
        *(explorer_routes() if explorer else ()),
    ]
    return GraphQL(routes=routes, drain=streams.drain)


class _Endpoint:
    """Answers at a route, without the two layers that Starlette puts around a function; outer ones do the same."""

    def __init__(self, answer: Endpoint) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)
