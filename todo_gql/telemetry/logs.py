"""Log lines on standard error: time, level, trace and span, where from, what; as plain text or as JSON."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, cast, override

from opentelemetry import trace
from opentelemetry.trace import format_span_id

from todo_gql.telemetry.failures import describe_failure
from todo_gql.telemetry.trace import current_trace_id

_FORMAT: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(ids)s %(name)s: %(message)s"
_TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
_ESCAPES: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}


class LogFormat(StrEnum):
    """How a line is written."""

    PLAIN = "plain"
    JSON = "json"


def set_up_logging(log_format: LogFormat = LogFormat.PLAIN) -> None:
    """Write records from INFO on to standard error, uvicorn's among them."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JSONFormatter() if log_format is LogFormat.JSON else _LineFormatter(_FORMAT, _TIME_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # uvicorn tells at INFO what `todo-gql serve` says itself, and Alembic each of its steps.
    for name in ("uvicorn.error", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def access_lines(tell: Callable[[str], str]) -> Iterator[None]:
    """Write the paths of uvicorn's access lines as `tell` does: a document, a title, anything may stand in a target."""

    def without_what_was_typed(record: logging.LogRecord) -> bool:
        client, method, target, *rest = cast("tuple[str, ...]", record.args)
        record.args = (client, method, tell(target.partition("?")[0]), *rest)
        return True

    logger = logging.getLogger("uvicorn.access")
    logger.addFilter(without_what_was_typed)
    try:
        yield
    finally:
        logger.removeFilter(without_what_was_typed)


class _LineFormatter(logging.Formatter):
    """Keeps a message on one line, whatever it quotes; only a traceback follows on lines of its own."""

    converter = staticmethod(time.gmtime)

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        record.ids = "-".join(_ids()) or "-"
        return super().formatMessage(record).translate(_ESCAPES)

    @override
    def formatException(self, ei: object) -> str:
        return _describe(ei)


class _JSONFormatter(logging.Formatter):
    """Writes one object a line, its traceback included; the names are those of OpenTelemetry's log data model."""

    converter = staticmethod(time.gmtime)

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": f"{self.formatTime(record, _TIME_FORMAT)}.{record.msecs:03.0f}Z",
            "severity": record.levelname,
            "logger": record.name,
            "body": record.getMessage(),
        }
        line |= zip(("trace_id", "span_id"), _ids(), strict=False)
        if record.exc_info:
            line["exception"] = _describe(record.exc_info)
        return json.dumps(line)


def _ids() -> Iterator[str]:
    """Yield the ids of trace and span as `traceresponse` has them; without telemetry there is no span."""
    if trace_id := current_trace_id():
        yield trace_id
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            yield format_span_id(span.span_id)


def _describe(exc_info: object) -> str:
    error = cast("tuple[type, BaseException, object]", exc_info)[1]
    return describe_failure(error).rstrip("\n")
