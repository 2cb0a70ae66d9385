"""Who asks over HTTP: nothing is answered, and no body read, before that is known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from todo_gql.asgi.errors import ErrorPresenter, ToldError
from todo_gql.asgi.rates import become, too_much
from todo_gql.auth.tokens import Tokens
from todo_gql.telemetry.trace import current_span_id, current_trace_id
from todo_gql.todos.model import Caller
from todo_gql.todos.problems import BadToken, IssuerUnavailable, Unauthenticated

_CALLER: Final = "todo_gql.caller"
_CHALLENGE: Final = 'Bearer realm="todo_gql"'
_RETRY: Final = {"Retry-After": "5"}


class Authentication:
    """Lets a request in when it has a token that is believed, or asks for what is open to everyone.

    A path that nobody thought of is closed. A WebSocket gets its token in its first message, after the handshake.

    Args:
        tokens: Tells the caller of a token.
        is_open: Whether a request is for what everyone may have.
        present: Makes the refusal.
    """

    def __init__(
        self, app: ASGIApp, *, tokens: Tokens, is_open: Callable[[Scope], bool], present: ErrorPresenter
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._is_open = is_open
        self._present = present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "http" and not self._is_open(scope):
            try:
                caller = await self._tokens.authenticate(_credentials(Headers(scope=scope)))
            except (Unauthenticated, IssuerUnavailable) as error:
                await self._present(scope, _refusal(error))(scope, receive, send)
                return
            if wait_s := become(caller.owner):
                await self._present(scope, too_much(wait_s))(scope, receive, send)
                return
            scope[_CALLER] = caller
        await self._app(scope, receive, send)


def caller_of(scope: Scope) -> Caller:
    """Give the caller who was let in, in the span that is active now.

    Raises ToldError where nobody was: a request for what is open to everyone has no caller.
    """
    caller: Caller | None = scope.get(_CALLER)
    if caller is None:
        raise _refusal(Unauthenticated())
    return replace(caller, trace_id=current_trace_id(), span_id=current_span_id())


def _credentials(headers: Headers) -> str | None:
    sent = headers.getlist("authorization")
    if len(sent) > 1:
        raise BadToken  # Which of them a proxy before the service has looked at, nobody knows.
    return sent[0] if sent else None


def _refusal(error: Unauthenticated | IssuerUnavailable) -> ToldError:
    match error:
        case IssuerUnavailable():
            return ToldError(503, error.message, headers=_RETRY)
        case BadToken():
            # RFC 6750 section 3.
            challenge = f'{_CHALLENGE}, error="invalid_token", error_description="{error.message}"'
        case _:
            challenge = _CHALLENGE
    return ToldError(401, error.message, headers={"WWW-Authenticate": challenge})
