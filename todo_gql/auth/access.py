"""Who the callers are: anyone, unless there is an issuer of tokens."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.types import Scope

from todo_gql.asgi.errors import ErrorPresenter
from todo_gql.telemetry.trace import current_span_id, current_trace_id
from todo_gql.todos.model import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How callers are told apart.

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


def for_anyone() -> Access:
    """Let everyone in: the todos are nobody's, and everybody's."""
    return Access(caller_of=_anyone)


def by_token(issuer: str, audience: str, *, is_open: Callable[[Scope], bool], present: ErrorPresenter) -> Access:
    """Let in who sends a token of the issuer.

    Args:
        issuer: The `iss` of the tokens.
        audience: Their `aud`; several have commas between.
        is_open: Whether a request is for what everyone may have.
        present: Makes the refusal.
    """
    # These libraries would be a tenth of the start of a service that has no use for them.
    from todo_gql.auth.http import Authentication, caller_of  # noqa: PLC0415
    from todo_gql.auth.keys import KeyCache  # noqa: PLC0415
    from todo_gql.auth.tokens import Tokens  # noqa: PLC0415

    tokens = Tokens(issuer, frozenset(audience.split(",")), KeyCache(issuer))
    return Access(
        caller_of=caller_of,
        authenticate=tokens.authenticate,
        middleware=[Middleware(Authentication, tokens=tokens, is_open=is_open, present=present)],
        running=tokens.running,
    )


def _anyone(_: Scope) -> Caller:
    return Caller(trace_id=current_trace_id(), span_id=current_span_id())
