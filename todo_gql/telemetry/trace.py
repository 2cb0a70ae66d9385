"""The id under which a request's answer, log lines and changes are found again, and what is noted about the request."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from opentelemetry import context, trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, TraceFlags, format_span_id, format_trace_id
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from todo_gql.telemetry import names


@dataclass(frozen=True, slots=True)
class SentStatement:
    """An SQL statement, with placeholders; `started_at` is the time of `time.perf_counter`."""

    text: str
    started_at: float
    duration_s: float


@dataclass(slots=True)
class RequestRecord:
    """What is known of the request being answered.

    Args:
        trace_id: Of the trace under which it is found again.
        headers: Those of the request.
        problems: The codes that its answer holds, in order.
        statements: What was sent to the database; None: nobody has asked for it.
    """

    trace_id: str
    headers: Sequence[tuple[bytes, bytes]] = ()
    problems: list[str] = field(default_factory=list)
    statements: list[SentStatement] | None = None


_record: Final = ContextVar[RequestRecord | None]("request_record", default=None)


def current_record() -> RequestRecord | None:
    """Give the record of the request being answered; None outside of one."""
    return _record.get()


def current_trace_id() -> str | None:
    """Name the trace of the request being answered; None outside of one."""
    record = _record.get()
    return None if record is None else record.trace_id


def current_span_id() -> str | None:
    """Name the active span; None where none is, or nobody records it."""
    span = trace.get_current_span().get_span_context()
    return format_span_id(span.span_id) if span.trace_flags.sampled else None


@contextmanager
def recorded_apart() -> Iterator[RequestRecord]:
    """Note what happens within in a record of its own, under the trace of the active span."""
    around = _record.get()
    record = RequestRecord(_ids_of(trace.get_current_span())[0], around.headers if around else ())
    token = _record.set(record)
    try:
        yield record
    finally:
        _record.reset(token)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Let no span be recorded within, nor in tasks that begin within: what runs for ever would bury the others."""
    nothing = SpanContext(_random_id(128), _random_id(64), is_remote=False, trace_flags=TraceFlags(TraceFlags.DEFAULT))
    token = context.attach(trace.set_span_in_context(NonRecordingSpan(nothing)))
    try:
        yield
    finally:
        context.detach(token)


def note_problem(code: str) -> None:
    """Note that the answer holds a problem of this code."""
    record = _record.get()
    if record is not None:
        record.problems.append(code)


def note_statement(statement: SentStatement) -> None:
    """Note a statement that was sent, when someone has asked for them."""
    record = _record.get()
    if record is not None and record.statements is not None:
        record.statements.append(statement)


class TraceIds:
    """Gives each request the id of its span, and tells it in `traceresponse` (W3C Trace Context, level 2).

    Without telemetry there is no span: then the ids are random, so that answer and log line are still found together.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request under a trace id of its own."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        span = trace.get_current_span()
        trace_id, span_id, flags = _ids_of(span)
        header = (b"traceresponse", f"00-{trace_id}-{span_id}-{flags:02x}".encode())
        record = RequestRecord(trace_id, scope["headers"])

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
                # Now, because the span ends with the last byte of the answer.
                if record.problems:
                    span.set_attribute(names.PROBLEM_CODES, list(dict.fromkeys(record.problems)))
            await send(message)

        token = _record.set(record)
        try:
            await self._app(scope, receive, send_with_header)
        finally:
            _record.reset(token)


def _ids_of(span: Span) -> tuple[str, str, int]:
    known = span.get_span_context()
    if known.is_valid:
        return format_trace_id(known.trace_id), format_span_id(known.span_id), known.trace_flags
    return format_trace_id(_random_id(128)), format_span_id(_random_id(64)), 0


def _random_id(bits: int) -> int:
    # Not a secret: it only has to differ from others', and not to be zero.
    return random.getrandbits(bits) or 1
