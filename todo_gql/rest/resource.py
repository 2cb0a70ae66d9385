"""One path of the API as an ASGI application."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from todo_gql.asgi.deadline import Deadlines, within
from todo_gql.database import DatabaseUnavailable, OutcomeUnknown
from todo_gql.rest.preconditions import entity_tag
from todo_gql.rest.problems import Refused, TransportCode, problem_response
from todo_gql.todos.problems import BadArgument, Forbidden, IdConflict, KeyReused, KeyRunning, Problem, VersionConflict

_log: Final = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class InjectedFault(Exception):
    """A bug that a request asked for, to try the error dashboard with."""


class Resource:
    """Answers each method by its handler, HEAD by that of GET, OPTIONS by itself, and refusals as problem documents.

    Args:
        handlers: By method.
        options: Further headers of the answer to OPTIONS.
        deadlines: How long a handler may take.
        fault_injection: Whether `?simulate_error=500` raises InjectedFault.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        *,
        options: Mapping[str, str],
        deadlines: Deadlines,
        fault_injection: bool,
    ) -> None:
        self._handlers = {"HEAD": handlers["GET"], **handlers, "OPTIONS": self._options}
        self._allow = {"Allow": ", ".join(sorted(self._handlers))}
        self._options_headers = {**self._allow, **options}
        self._deadlines = deadlines
        self._fault_injection = fault_injection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if self._fault_injection and request.query_params.get("simulate_error") == "500":
            raise InjectedFault
        is_read = request.method in _READS
        seconds = self._deadlines.read_s if is_read else self._deadlines.write_s
        try:
            return await within(
                seconds, self._handler(request.method)(request), for_client=request.receive if is_read else None
            )
        except TimeoutError:
            _log.warning("%s was stopped after %g s", request.method, seconds)
            return _too_late(seconds, is_read=is_read, instance=request.scope["path"])
        except (DatabaseUnavailable, OutcomeUnknown) as error:
            # Without the path: anything may have been typed there.
            _log.warning("%s cannot be answered: %s", request.method, error)
            return _refusal(error, instance=request.scope["path"])
        except (Refused, BadArgument, KeyReused, KeyRunning, Problem) as error:
            return _refusal(error, instance=request.scope["path"])

    def _handler(self, method: str) -> Handler:
        handler = self._handlers.get(method)
        if handler is None:
            raise Refused(
                TransportCode.METHOD_NOT_ALLOWED, f"Use one of {self._allow['Allow']} here.", headers=self._allow
            )
        return handler

    async def _options(self, _request: Request) -> Response:
        return Response(headers=self._options_headers)


def _too_late(seconds: float, *, is_read: bool, instance: str) -> Response:
    stopped = f"This was stopped after {seconds:g} s"
    if is_read:
        return problem_response(
            TransportCode.UNAVAILABLE, f"{stopped}; try again.", instance=instance, headers={"Retry-After": "1"}
        )
    # Whatever was away has been waited for in vain; the one thing that nobody knows is how a commit ended.
    return problem_response(TransportCode.OUTCOME_UNKNOWN, f"{stopped}; look whether it was done.", instance=instance)


def _refusal(
    error: Refused | BadArgument | KeyReused | KeyRunning | Problem | DatabaseUnavailable | OutcomeUnknown,
    *,
    instance: str,
) -> Response:
    match error:
        case Refused():
            return problem_response(
                error.code, error.detail, instance=instance, errors=error.errors, headers=error.headers
            )
        case BadArgument():
            return problem_response(TransportCode.BAD_REQUEST, error.message, instance=instance)
        case KeyReused():
            return problem_response(TransportCode.IDEMPOTENCY_MISMATCH, error.message, instance=instance)
        case KeyRunning():
            return problem_response(
                TransportCode.IDEMPOTENCY_RUNNING, error.message, instance=instance, headers={"Retry-After": "1"}
            )
        case VersionConflict(current=todo) | IdConflict(existing=todo) if todo is not None:
            headers = {"ETag": entity_tag(todo.version)}
            return problem_response(error.code, error.message, instance=instance, headers=headers)
        case Forbidden(required_scope=scope):
            # RFC 6750 section 3.1.
            headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
            return problem_response(error.code, error.message, instance=instance, headers=headers)
        case Problem():
            return problem_response(error.code, error.message, instance=instance)
        case OutcomeUnknown():
            return problem_response(
                TransportCode.OUTCOME_UNKNOWN,
                "The database was lost while it was told to keep this; look whether it has.",
                instance=instance,
            )
        case DatabaseUnavailable():
            return problem_response(
                TransportCode.UNAVAILABLE,
                "The database cannot be reached; try again.",
                instance=instance,
                headers={"Retry-After": "1"},
            )
