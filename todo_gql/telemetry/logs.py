"""Log lines on standard error: time, level, trace and span, where from, what; as plain text or as JSON."""

import json
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final, cast, override

from opentelemetry import trace
from opentelemetry.trace import format_span_id
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from todo_gql.telemetry.failures import describe_failure
from todo_gql.telemetry.trace import current_trace_id

_FORMAT: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(ids)s %(name)s: %(message)s"
_TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
_ACCESS_LINE: Final = '%s:%d - "%s %s HTTP/%s" %d'
_ESCAPES: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}


_access_log: Final = logging.getLogger("uvicorn.access")  # Whoever looks for these lines knows them by this name.


class LogFormat(StrEnum):
    """How a line is written."""

    PLAIN = "plain"
    JSON = "json"


def set_up_logging(log_format: LogFormat = LogFormat.PLAIN) -> None:
    """Write records from INFO on to standard error, uvicorn's among them."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JSONFormatter() if log_format is LogFormat.JSON else _LineFormatter(_FORMAT, _TIME_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # uvicorn tells at INFO what `todo-gql serve` says itself, Alembic each of its steps, httpx2 each of its requests.
    for name in ("uvicorn.error", "alembic", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Until graphql-core awaits or closes them (its issue 269): when a field fails, it drops what it has not come to of
    # the others. Nothing is lost by that, and Python would tell of each.
    warnings.filterwarnings("ignore", r"coroutine 'Executor\.", RuntimeWarning)
    # No line says so, and to find it out takes as long as to write one (docs.python.org/3/howto/logging.html).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class AccessLines:
    """Writes a line for each answer: who asked for what, and its status.

    uvicorn would write the target as it came, and quote it; a document, a title, anything may stand in it.

    Args:
        tell: Writes a path without what was typed.
    """

    def __init__(self, app: ASGIApp, *, tell: Callable[[str], str]) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and write its line as soon as the status is known."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_and_tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                host, port = scope["client"] or ("-", 0)
                method, path, version = scope["method"], self._tell(scope["path"]), scope["http_version"]
                _write_access_line(host, port, method, path, version, message["status"])
            await send(message)

        await self._app(scope, receive, send_and_tell)


def _write_access_line(*told: object) -> None:
    if _access_log.isEnabledFor(logging.INFO):
        # `info` would look for its caller in the stack each time.
        record = logging.LogRecord(_access_log.name, logging.INFO, __file__, 0, _ACCESS_LINE, told, None)
        _access_log.handle(record)


class _LineFormatter(logging.Formatter):
    """Keeps a message on one line, whatever it quotes; only a traceback follows on lines of its own."""

    converter = staticmethod(time.gmtime)

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        record.ids = "-".join(_ids()) or "-"
        line = super().formatMessage(record)
        # To translate takes as long as all the rest.
        return line if line.isprintable() else line.translate(_ESCAPES)

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
