"""Log lines on standard error: time, level, trace id, where from, what."""

import logging
import time
from typing import Final, cast, override

from todo_gql.telemetry.trace import current_trace_id

_FORMAT: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(trace_id)s %(name)s: %(message)s"
_ESCAPES: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}


def set_up_logging() -> None:
    """Write records from INFO on to standard error, uvicorn's among them."""
    handler = logging.StreamHandler()
    handler.setFormatter(_LineFormatter(_FORMAT, "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # uvicorn tells at INFO what `todo-gql serve` says itself, and Alembic each of its steps.
    for name in ("uvicorn.error", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_without_query)


class _LineFormatter(logging.Formatter):
    """Keeps a message on one line, whatever it quotes; only a traceback follows on lines of its own."""

    converter = staticmethod(time.gmtime)

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        record.trace_id = current_trace_id() or "-"
        return super().formatMessage(record).translate(_ESCAPES)


def _without_query(record: logging.LogRecord) -> bool:
    """Take the query string out of an access line: a GraphQL document or a title may stand in it."""
    client, method, target, *rest = cast("tuple[str, ...]", record.args)
    record.args = (client, method, target.partition("?")[0], *rest)
    return True
