"""One span and one measurement for each SQL statement (semconv/database/database-spans).

The span is made by OpenTelemetry's instrumentation of SQLAlchemy. What it lacks is added here: the table in its name,
the duration as a metric. What it has too much is taken away: the driver's error text, which holds the row that was
refused, and the path of a SQLite file.
"""

import re
from functools import lru_cache
from time import perf_counter
from typing import Any, Final

from opentelemetry.instrumentation.sqlalchemy.engine import EngineTracer
from opentelemetry.metrics import Meter, NoOpMeter
from opentelemetry.trace import Span, StatusCode, Tracer
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

    def __init__(self, engine: Engine, *, tracer: Tracer, meter: Meter) -> None:
        self._durations = names.DATABASE_DURATION.histogram(meter)
        self._system: Attributes = {"db.system.name": engine.dialect.name}
        # Before the instrumentation is, so that it finds no span to write the error text on.
        event.listen(engine, "handle_error", self._fail)
        # Its own way in, `instrument`, works once a process, and makes a span of each connection taken from the pool.
        # Its only metric has an old name.
        unused = NoOpMeter("sqlalchemy").create_up_down_counter("connections")
        EngineTracer(tracer, engine, unused)  # type: ignore[no-untyped-call]  # It has no annotations.
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)

    def _begin(self, _connection: object, _cursor: object, text: str, _values: object, context: Any, _: bool) -> None:
        span: Span = getattr(context, _SPAN)
        if span.is_recording():
            name, operation = _describe(text)
            span.update_name(name)
            span.set_attributes(operation)
            if self._system["db.system.name"] == "sqlite":
                span.set_attribute("db.namespace", "main")
        setattr(context, _STARTED_AT, perf_counter())

    def _end(self, _connection: object, _cursor: object, text: str, _values: object, context: Any, _: bool) -> None:
        self._measure(text, context, {})

    def _fail(self, failure: ExceptionContext) -> None:
        context = failure.execution_context
        span: Span | None = getattr(context, _SPAN, None)
        if context is None or span is None:
            return  # No statement had been sent: the connection could not be made.
        error = failure.original_exception
        kind = {"error.type": str(getattr(error, "sqlstate", None) or type(error).__qualname__)}
        self._measure(failure.statement or "", context, kind)
        span.set_attributes(kind)
        span.set_status(StatusCode.ERROR)
        span.end()
        setattr(context, _SPAN, None)

    def _measure(self, text: str, context: object, more: Attributes) -> None:
        _, operation = _describe(text)
        started_at: float = getattr(context, _STARTED_AT)
        duration_s = perf_counter() - started_at
        note_statement(SentStatement(text, started_at, duration_s))
        self._durations.record(duration_s, {**self._system, **operation, **more})


# A list of ids makes as many texts as there are lengths of it, so that not all are kept.
@lru_cache(maxsize=1024)
def _describe(text: str) -> tuple[str, Attributes]:
    """Name a statement by its verb and its first table."""
    # What starts with common table expressions reads: nothing here writes behind them.
    verb = text.split(maxsplit=1)[0].upper().replace("WITH", "SELECT")
    table = _TABLE.search(text)
    if table is None:
        return verb, {"db.operation.name": verb}
    return f"{verb} {table[1]}", {"db.operation.name": verb, "db.collection.name": table[1]}
