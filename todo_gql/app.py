"""Make the application out of its parts."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from opentelemetry.instrumentation.utils import suppress_instrumentation
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from todo_gql import configuration
from todo_gql.asgi.admission import Admission
from todo_gql.asgi.buckets import Buckets, Quota
from todo_gql.asgi.drain import Drain, Farewell
from todo_gql.asgi.errors import CatchAll
from todo_gql.asgi.limits import BodyLimit, TargetLimit
from todo_gql.asgi.rates import RateLimit
from todo_gql.asgi.shell import make_shell
from todo_gql.auth.access import Access, by_token, for_anyone
from todo_gql.database import Database, DatabaseURL, create_engine
from todo_gql.database.migrations import prepare_tables
from todo_gql.graphql.explain import Explainer
from todo_gql.graphql.graphiql.routes import asks_for_explorer
from todo_gql.graphql.http import transport_error
from todo_gql.graphql.known_documents import KnownDocumentsError
from todo_gql.graphql.routes import GraphQL, make_graphql
from todo_gql.health import PROBES, health_routes
from todo_gql.rest.headers import DeprecationHeaders
from todo_gql.rest.problems import http_problem_response
from todo_gql.rest.routes import rest_routes
from todo_gql.settings import DocumentPolicy, Settings, SettingsError, variable
from todo_gql.telemetry.logs import AccessLines
from todo_gql.telemetry.paths import RouteNames
from todo_gql.telemetry.pool import observe_pool
from todo_gql.telemetry.runtime import EventLoopLag, observe_process
from todo_gql.telemetry.setup import Telemetry
from todo_gql.telemetry.statements import Statements
from todo_gql.telemetry.trace import TraceIds
from todo_gql.telemetry.usage import Usage
from todo_gql.todos.counters import Counters
from todo_gql.todos.feed import Feed, following
from todo_gql.todos.model import Caller
from todo_gql.todos.service import Todos
from todo_gql.version import version


def create_app(settings: Settings) -> Starlette:
    """Make the application; its lifespan opens and closes the database, and delivers the last telemetry.

    Raises:
        DatabaseURLError: the setting names no database that can be used.
        SettingsError: the known documents cannot be used, or nothing can be heard of changes.
    """
    url = configuration.database_url(settings)
    listen_url = configuration.listen_url(settings, url)
    telemetry = Telemetry(version())
    observe_process(telemetry.meter)
    lag = EventLoopLag(telemetry.meter)
    database = _database(settings, url, telemetry)
    counters = Counters(telemetry.meter)
    policy = configuration.policy(settings)
    access = _access(settings)
    drain = Drain()

    def todos_for(caller: Caller) -> Todos:
        return Todos(database, caller, policy, counters=counters)

    feed = Feed(database)
    graphql = _graphql(settings, todos_for, access, telemetry, feed)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with telemetry.running():
            try:
                await prepare_tables(url, database, settings.owners_role)
                async with lag.watched(), following(feed, database, listen_url), access.running():
                    yield
                    graphql.drain()
            finally:
                await database.close()

    # Looked through in this order.
    routes = [
        *graphql.routes,
        Route("/", _to_graphql),
        *rest_routes(
            lambda request: todos_for(access.caller_of(request.scope)),
            require_if_match=settings.rest_require_if_match,
            deadlines=configuration.deadlines(settings),
            fault_injection=settings.fault_injection,
            version=version(),
        ),
        *health_routes(database, drain),
    ]
    route_names = RouteNames(routes)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Farewell, drain=drain),
            Middleware(TraceIds),
            Middleware(AccessLines, tell=route_names.tell),
            Middleware(Usage, meter=telemetry.meter, routes=route_names),
            *_shell(settings),
            Middleware(DeprecationHeaders, deprecated_at=settings.rest_deprecated_at, sunset=settings.rest_sunset),
            Middleware(CatchAll, present=_present_error, tell_path=route_names.tell),
            *_rate_limit(settings),
            Middleware(TargetLimit, present=_present_error),
            *access.middleware,
            Middleware(BodyLimit, max_bytes=settings.limit_body, present=_present_error),
            Middleware(
                Admission,
                max_running=settings.limit_requests,
                max_waiting=settings.limit_waiting,
                exempt=PROBES,
                present=_present_error,
            ),
        ],
        exception_handlers={HTTPException: _answer_error},
        lifespan=lifespan,
    )
    if telemetry.is_on:
        from todo_gql.telemetry.server import trace_requests  # noqa: PLC0415  # A tenth of the start of the service.

        trace_requests(
            app,
            route_names,
            tracer_provider=telemetry.tracer_provider,
            meter_provider=telemetry.meter_provider,
        )
    # Starlette would redirect a path with a slash too many, to an address made of whatever Host the caller sent.
    app.router.redirect_slashes = False
    # The first is called when a signal has come, before the server closes anything; the second right before it does.
    app.state.drain = drain.begin
    app.state.end_streams = graphql.drain
    return app


def _database(settings: Settings, url: DatabaseURL, telemetry: Telemetry) -> Database:
    # Under opentelemetry-instrument the engine would be born with two sets of listeners.
    with suppress_instrumentation():
        engine = create_engine(url)
    statements = Statements(engine.sync_engine, tracer=telemetry.tracer, meter=telemetry.meter, is_on=telemetry.is_on)
    database = Database(engine, watch=statements.watch, owners_role=settings.owners_role)
    observe_pool(telemetry.meter, database.pool_state)
    return database


def _access(settings: Settings) -> Access:
    if settings.auth_issuer is None or settings.auth_audience is None:
        return for_anyone()

    def is_open(scope: Scope) -> bool:
        return _is_open(scope, explorer=settings.explorer)

    return by_token(settings.auth_issuer, settings.auth_audience, is_open=is_open, present=_present_error)


def _is_open(scope: Scope, *, explorer: bool) -> bool:
    """Say whether a request is for what everyone may have: pages, the description of REST, and whether it works."""
    path: str = scope["path"]
    if scope["method"] not in {"GET", "HEAD"}:
        return False
    if path == "/graphql":
        return explorer and asks_for_explorer(Request(scope))
    return path in {"/", "/docs", "/openapi.json", *PROBES} or path.startswith("/graphql/assets/")


def _graphql(
    settings: Settings, todos_for: Callable[[Caller], Todos], access: Access, telemetry: Telemetry, feed: Feed
) -> GraphQL:
    try:
        return make_graphql(
            todos_for,
            caller_of=access.caller_of,
            authenticate=access.authenticate,
            feed=feed,
            max_subscriptions=settings.limit_subscriptions,
            service=configuration.service_info(settings),
            deadlines=configuration.deadlines(settings),
            plans=settings.graphql_plans,
            known_documents=configuration.known_documents(settings),
            only_known=settings.graphql_documents is DocumentPolicy.ONLY,
            telemetry=telemetry,
            explainer=Explainer(trace_url_template=settings.trace_url_template) if settings.explain else None,
            explorer=settings.explorer,
            cors_origins=settings.cors_origins,
        )
    except KnownDocumentsError as error:
        raise SettingsError((f"{variable('graphql_documents_path')} cannot be used. {error}",)) from error


def _shell(settings: Settings) -> list[Middleware]:
    return make_shell(
        trusted_proxies=list(map(str, settings.trusted_proxies)),
        allowed_hosts=settings.allowed_hosts,
        cors_origins=settings.cors_origins,
        hsts_s=settings.hsts_seconds,
        probes=PROBES,
        present=_present_error,
    )


def _rate_limit(settings: Settings) -> list[Middleware]:
    if settings.rate_limit is None:
        return []
    buckets = Buckets(Quota(tokens=settings.rate_limit))
    return [Middleware(RateLimit, buckets=buckets, exempt=PROBES, present=_present_error)]


def _present_error(scope: Scope, error: HTTPException) -> Response:
    if scope["path"] == "/graphql":
        return transport_error(scope, error)
    return http_problem_response(scope, error)


async def _answer_error(request: Request, error: Exception) -> Response:
    return _present_error(request.scope, cast("HTTPException", error))


async def _to_graphql(_: Request) -> Response:
    return RedirectResponse("/graphql")
