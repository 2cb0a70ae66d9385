"""One span and one measurement for each SQL statement (semconv/database/database-spans).

Of a statement that runs through SQLAlchemy, the span is made by OpenTelemetry's instrumentation of it. What that lacks
is added here: the table in its name, the duration as a metric. What it has too much is taken away: the driver's error
text, which holds the row that was refused, and the path of a SQLite file. Statements that run on the driver itself get
the same here.
"""

import re
from functools import lru_cache
from time import perf_counter
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.metrics import Meter, NoOpMeter
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from todo_gql.telemetry import names
from todo_gql.telemetry.trace import SentStatement, note_statement

type Attributes = dict[str, str]

_TABLE: Final = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+\"?(\w+)", re.IGNORECASE)
_STARTED_AT: Final = "_todo_gql_started_at"
_SPAN: Final = "_otel_span"
"""Where the instrumentation keeps the span of a statement that is under way."""


class Statements:
    """Watches the statements of an engine; each is a child of the span that is active when it is sent."""

    def __init__(self, engine: Engine, *, tracer: Tracer, meter: Meter, is_on: bool) -> None:
        self._tracer = tracer
        self._durations = names.DATABASE_DURATION.histogram(meter)
        self._system: Attributes = {"db.system.name": engine.dialect.name}
        self._place = _place_of(engine)
        # Before the instrumentation is, so that it finds no span to write the error text on.
        event.listen(engine, "handle_error", self._fail)
        if is_on:
            _instrument(engine, tracer)
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)

    def watch(self, text: str) -> "_Watched":
        """Show the statement that runs within, on the driver itself."""
        return _Watched(self, text)

    def start(self, text: str) -> Span:
        """Start the span of a statement."""
        name, operation = _describe(text)
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT)
        if span.is_recording():
            span.set_attributes({**self._system, **operation, **self._place, "db.query.text": text})
        return span

    def end(self, span: Span, text: str, started_at: float, error: BaseException | None) -> None:
        """End the span of a statement, and measure it."""
        kind: Attributes = {}
        if error is not None:
            kind = _kind_of(error)
            span.set_attributes(kind)
            span.set_status(StatusCode.ERROR)
        # The measurement leads to the span as its exemplar.
        self._measure(text, started_at, kind, set_span_in_context(span) if span.is_recording() else None)
        span.end()

    def _begin(self, _connection: object, _cursor: object, text: str, _values: object, context: Any, _: bool) -> None:
        span: Span | None = getattr(context, _SPAN, None)
        if span is not None and span.is_recording():
            name, operation = _describe(text)
            span.update_name(name)
            span.set_attributes({**operation, **self._place})
        setattr(context, _STARTED_AT, perf_counter())

    def _end(self, _connection: object, _cursor: object, text: str, _values: object, context: Any, _: bool) -> None:
        self._measure(text, getattr(context, _STARTED_AT), {})

    def _fail(self, failure: ExceptionContext) -> None:
        context = failure.execution_context
        started_at: float | None = getattr(context, _STARTED_AT, None)
        if started_at is None:
            return  # No statement had been sent: the connection could not be made.
        kind = _kind_of(failure.original_exception)
        self._measure(failure.statement or "", started_at, kind)
        setattr(context, _STARTED_AT, None)
        span: Span | None = getattr(context, _SPAN, None)
        if span is not None:
            span.set_attributes(kind)
            span.set_status(StatusCode.ERROR)
            span.end()
            setattr(context, _SPAN, None)

    def _measure(self, text: str, started_at: float, more: Attributes, context: Context | None = None) -> None:
        _, operation = _describe(text)
        duration_s = perf_counter() - started_at
        note_statement(SentStatement(text, started_at, duration_s))
        self._durations.record(duration_s, {**self._system, **operation, **more}, context)


class _Watched:
    """Encloses one statement: as a class, as a generator takes twice as long."""

    __slots__ = ("_span", "_started_at", "_statements", "_text")

    def __init__(self, statements: Statements, text: str) -> None:
        self._statements = statements
        self._text = text

    def __enter__(self) -> None:
        self._span = self._statements.start(self._text)
        self._started_at = perf_counter()

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        self._statements.end(self._span, self._text, self._started_at, error)


def _instrument(engine: Engine, tracer: Tracer) -> None:
    # A tenth of the start of a service that nobody watches.
    from opentelemetry.instrumentation.sqlalchemy.engine import EngineTracer  # noqa: PLC0415

    # Its own way in, `instrument`, works once a process, and makes a span of each connection taken from the pool.
    # Its only metric has an old name.
    unused = NoOpMeter("sqlalchemy").create_up_down_counter("connections")
    EngineTracer(tracer, engine, unused)  # type: ignore[no-untyped-call]  # It has no annotations.


def _place_of(engine: Engine) -> dict[str, str | int]:
    if engine.dialect.name == "sqlite":
        # As SQLite calls it itself; the path is nobody's business.
        return {"db.namespace": "main"}
    url = engine.url
    place = {"server.address": url.host, "server.port": url.port, "db.namespace": url.database}
    return {name: value for name, value in place.items() if value is not None}


def _kind_of(error: BaseException) -> Attributes:
    return {"error.type": str(getattr(error, "sqlstate", None) or type(error).__qualname__)}


# A list of ids makes as many texts as there are lengths of it, so that not all are kept.
@lru_cache(maxsize=1024)
def _describe(text: str) -> tuple[str, Attributes]:
    """Name a statement by its verb and its first table."""
    verb = text.split(maxsplit=1)[0].upper()
    if verb == "WITH":
        # Of those that start with common table expressions, what creates a todo writes.
        verb = "INSERT" if "INSERT INTO" in text else "SELECT"
    table = _TABLE.search(text)
    if table is None:
        return verb, {"db.operation.name": verb}
    return f"{verb} {table[1]}", {"db.operation.name": verb, "db.collection.name": table[1]}
