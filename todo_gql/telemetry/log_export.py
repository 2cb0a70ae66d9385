"""Log records as OpenTelemetry has them (opentelemetry.io/docs/specs/otel/logs/data-model)."""

import logging
from typing import Final, override

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context, get_current
from opentelemetry.sdk._logs import LoggerProvider

from todo_gql.telemetry.failures import describe_failure
from todo_gql.telemetry.trace import current_record

SEVERITIES: Final = (
    (logging.CRITICAL, SeverityNumber.FATAL, "FATAL"),
    (logging.ERROR, SeverityNumber.ERROR, "ERROR"),
    (logging.WARNING, SeverityNumber.WARN, "WARN"),
    (logging.INFO, SeverityNumber.INFO, "INFO"),
    (logging.NOTSET, SeverityNumber.DEBUG, "DEBUG"),
)


class LogExport(logging.Handler):
    """Hands each record on, with the span in which it was made, under the name of its logger."""

    def __init__(self, provider: LoggerProvider) -> None:
        super().__init__()
        self._provider = provider

    @override
    def emit(self, record: logging.LogRecord) -> None:
        number, text = next((number, text) for level, number, text in SEVERITIES if record.levelno >= level)
        attributes = {}
        if record.exc_info is not None and record.exc_info[1] is not None:
            error = record.exc_info[1]
            attributes = {"exception.type": type(error).__qualname__, "exception.stacktrace": describe_failure(error)}
        self._provider.get_logger(record.name).emit(
            LogRecord(
                timestamp=int(record.created * 1e9),
                # What runs for ever, and is in no request's record, has no span that is to be seen.
                context=get_current() if current_record() else Context(),
                severity_number=number,
                severity_text=text,
                body=record.getMessage(),
                attributes=attributes,
            )
        )
