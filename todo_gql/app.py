"""Make the application out of its parts."""

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from opentelemetry.instrumentation.utils import suppress_instrumentation
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from todo_gql.asgi.admission import Admission
from todo_gql.asgi.buckets import Buckets, Quota
from todo_gql.asgi.deadline import Deadlines
from todo_gql.asgi.drain import Drain, Farewell
from todo_gql.asgi.errors import CatchAll
from todo_gql.asgi.limits import BodyLimit, TargetLimit
from todo_gql.asgi.rates import RateLimit
from todo_gql.asgi.shell import make_shell
from todo_gql.database import Database, DatabaseURL, PostgreSQLURL, SQLiteURL, create_engine, parse_database_url
from todo_gql.database.migrations import MigrationError, RevisionState, check_rows, revision_status, upgrade
from todo_gql.graphql.explain import Explainer
from todo_gql.graphql.graphiql.routes import asks_for_explorer
from todo_gql.graphql.http import transport_error
from todo_gql.graphql.known_documents import KnownDocumentsError, read_known_documents
from todo_gql.graphql.routes import GraphQL, make_graphql
from todo_gql.graphql.schema import schema_hash
from todo_gql.graphql.service_info import ServiceInfo, ServiceLimits
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
from todo_gql.telemetry.trace import TraceIds, current_span_id, current_trace_id
from todo_gql.telemetry.usage import Usage
from todo_gql.todos.counters import Counters
from todo_gql.todos.feed import Feed, following
from todo_gql.todos.model import Caller
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.service import Todos
from todo_gql.version import version

_log: Final = logging.getLogger(__name__)


def create_app(settings: Settings) -> Starlette:
    """Make the application; its lifespan opens and closes the database, and delivers the last telemetry.

    Raises:
        DatabaseURLError: the setting names no database that can be used.
        SettingsError: the known documents cannot be used, or nothing can be heard of changes.
    """
    url = _database_url(settings, settings.database_url)
    listen_url = url if settings.listen_url is None else _database_url(settings, settings.listen_url)
    if isinstance(listen_url, PostgreSQLURL) and listen_url.is_pooled:
        sentence = (
            f"{variable('listen_url')} must name PostgreSQL itself when {variable('database_url')} leads through "
            "PgBouncer, from which nobody hears of changes."
        )
        raise SettingsError((sentence,))
    telemetry = Telemetry(version())
    # Under opentelemetry-instrument the engine would be born with two sets of listeners.
    with suppress_instrumentation():
        engine = create_engine(url)
    statements = Statements(engine.sync_engine, tracer=telemetry.tracer, meter=telemetry.meter, is_on=telemetry.is_on)
    database = Database(engine, watch=statements.watch, owners_role=settings.owners_role)
    observe_process(telemetry.meter)
    observe_pool(telemetry.meter, database.pool_state)
    lag = EventLoopLag(telemetry.meter)
    counters = Counters(telemetry.meter)
    policy = Policy(
        trash_retention=timedelta(days=settings.trash_retention_days),
        max_page_size=settings.limit_page,
        max_bulk_size=settings.limit_bulk,
    )

    drain = Drain()
    access = _access(settings)

    def todos_for(caller: Caller) -> Todos:
        return Todos(database, caller, policy, counters=counters)

    feed = Feed(database)
    graphql = _graphql(settings, todos_for, access, telemetry, feed)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with telemetry.running():
            try:
                await _prepare_tables(url, database, settings.owners_role)
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
            deadlines=_deadlines(settings),
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


def _database_url(settings: Settings, text: SecretStr) -> DatabaseURL:
    url = parse_database_url(text.get_secret_value())
    if settings.database_auth == "password":
        return url
    from todo_gql.database.entra import with_tokens  # noqa: PLC0415  # With a client for HTTP.

    return with_tokens(url, os.environ)


async def _prepare_tables(url: DatabaseURL, database: Database, owners_role: str | None) -> None:
    """Bring the tables of a SQLite file up to date; refuse older ones on PostgreSQL, and those that guard nothing.

    One process has a SQLite file to itself. On PostgreSQL other processes may be at work, of the version before: when
    the tables change is for the operator to say. Those of a newer version must serve this one while that is rolled out.
    """
    if isinstance(url, SQLiteURL):
        await upgrade(url)
        return
    status = await revision_status(database)
    match status.state:
        case RevisionState.EMPTY | RevisionState.BEHIND:
            raise MigrationError(str(status))
        case RevisionState.AHEAD:
            _log.warning("%s", status)
        case RevisionState.UP_TO_DATE:
            pass
    await check_rows(database, owners_role)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access:
    """Who the callers are: anyone, unless there is an issuer of tokens.

    Args:
        caller_of: Gives the caller of an HTTP request.
        authenticate: Gives the caller who sends `Bearer ...` over a WebSocket; None: nobody has to.
        middleware: Lets callers in.
        running: Keeps the issuer's keys at hand.
    """

    caller_of: Callable[[Scope], Caller]
    authenticate: Callable[[str | None], Awaitable[Caller]] | None = None
    middleware: Sequence[Middleware] = ()
    running: Callable[[], AbstractAsyncContextManager[None]] = nullcontext


def _access(settings: Settings) -> _Access:
    if settings.auth_issuer is None or settings.auth_audience is None:
        return _Access(caller_of=_anyone)
    # Its libraries would be a tenth of the start of a service that has no use for them.
    from todo_gql.auth.http import Authentication, caller_of  # noqa: PLC0415
    from todo_gql.auth.keys import KeyCache  # noqa: PLC0415
    from todo_gql.auth.tokens import Tokens  # noqa: PLC0415

    def is_open(scope: Scope) -> bool:
        return _is_open(scope, explorer=settings.explorer)

    audience = frozenset(settings.auth_audience.split(","))
    tokens = Tokens(settings.auth_issuer, audience, KeyCache(settings.auth_issuer))
    return _Access(
        caller_of=caller_of,
        authenticate=tokens.authenticate,
        middleware=[Middleware(Authentication, tokens=tokens, is_open=is_open, present=_present_error)],
        running=tokens.running,
    )


def _anyone(_: Scope) -> Caller:
    return Caller(trace_id=current_trace_id(), span_id=current_span_id())


def _is_open(scope: Scope, *, explorer: bool) -> bool:
    """Say whether a request is for what everyone may have: pages, the description of REST, and whether it works."""
    path: str = scope["path"]
    if scope["method"] not in {"GET", "HEAD"}:
        return False
    if path == "/graphql":
        return explorer and asks_for_explorer(Request(scope))
    return path in {"/", "/docs", "/openapi.json", *PROBES} or path.startswith("/graphql/assets/")


def _graphql(
    settings: Settings, todos_for: Callable[[Caller], Todos], access: _Access, telemetry: Telemetry, feed: Feed
) -> GraphQL:
    try:
        return make_graphql(
            todos_for,
            caller_of=access.caller_of,
            authenticate=access.authenticate,
            feed=feed,
            max_subscriptions=settings.limit_subscriptions,
            service=_service_info(settings),
            deadlines=_deadlines(settings),
            plans=settings.graphql_plans,
            known_documents=_known_documents(settings),
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


def _deadlines(settings: Settings) -> Deadlines:
    return Deadlines(read_s=min(settings.limit_read_seconds, settings.limit_seconds), write_s=settings.limit_seconds)


def _known_documents(settings: Settings) -> Mapping[str, str]:
    if settings.graphql_documents is DocumentPolicy.OPEN:
        return {}
    if settings.graphql_documents_path is None:
        raise KnownDocumentsError("It must say where the known documents are.")
    return read_known_documents(settings.graphql_documents_path)


def _service_info(settings: Settings) -> ServiceInfo:
    return ServiceInfo(
        version=version(),
        commit=settings.commit,
        schema_hash=schema_hash(),
        trash_retention_days=settings.trash_retention_days,
        changes_retention_days=settings.changes_retention_days,
        limits=ServiceLimits(
            max_page_size=settings.limit_page,
            max_body_bytes=settings.limit_body,
            max_tokens=settings.limit_tokens,
            max_depth=settings.limit_depth,
            max_aliases=settings.limit_aliases,
            max_fields=settings.limit_fields,
            max_directives=settings.limit_directives,
            max_cost=settings.limit_cost,
            max_objects=settings.limit_objects,
            max_bulk_size=settings.limit_bulk,
        ),
    )


def _present_error(scope: Scope, error: HTTPException) -> Response:
    if scope["path"] == "/graphql":
        return transport_error(scope, error)
    return http_problem_response(scope, error)


async def _answer_error(request: Request, error: Exception) -> Response:
    return _present_error(request.scope, cast("HTTPException", error))


async def _to_graphql(_: Request) -> Response:
    return RedirectResponse("/graphql")
