"""How an operation was executed, for the one who asked: `extensions.explain`.

Asked for by the header `X-Todo-Explain: 1`, where the operator allows it: statements show how the data is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import Headers

from todo_gql.graphql.operation_trace import OperationTrace
from todo_gql.telemetry.trace import RequestRecord, SentStatement, current_record

HEADER: Final = "X-Todo-Explain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """Explains operations; `trace_url_template` has `{trace_id}` where the id of the trace goes."""

    trace_url_template: str | None

    def begin(self, headers: Headers) -> RequestRecord | None:
        """Collect statements from now on, when the request asks for it; None when it does not."""
        record = current_record()
        if record is None or headers.get(HEADER) != "1":
            return None
        record.statements = []
        return record

    def explain(self, trace: OperationTrace, record: RequestRecord) -> dict[str, Any]:
        """Tell what the operation has done; times are milliseconds, starts counted from the operation's."""
        # A trace that was not sampled is nowhere to be seen.
        is_recorded = trace.span.get_span_context().trace_flags.sampled
        url = self.trace_url_template if is_recorded else None
        return {
            "traceId": record.trace_id,
            "traceUrl": None if url is None else url.replace("{trace_id}", record.trace_id),
            "documentIsKnown": trace.is_known_document,
            "cost": trace.cost,
            "milliseconds": _milliseconds(trace.elapsed_s()),
            "resolvers": [
                {
                    "field": coordinate,
                    "calls": calls.calls,
                    "startedAt": _milliseconds(calls.started_at - trace.started_at),
                    "milliseconds": _milliseconds(calls.ended_at - calls.started_at),
                }
                for coordinate, calls in trace.coordinates.items()
            ],
            "statements": _statements(record.statements or (), trace.started_at),
        }


def _statements(sent: Sequence[SentStatement], started_at: float) -> list[dict[str, Any]]:
    """Tell each text once, with how often it was sent and how long all of them took."""
    by_text: dict[str, list[SentStatement]] = {}
    for statement in sent:
        by_text.setdefault(statement.text, []).append(statement)
    return [
        {
            "text": text,
            "count": len(same),
            "startedAt": _milliseconds(same[0].started_at - started_at),
            "milliseconds": _milliseconds(sum(statement.duration_s for statement in same)),
        }
        for text, same in by_text.items()
    ]


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
