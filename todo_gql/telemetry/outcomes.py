"""How a request or an operation ended, seen from outside."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """The end of an operation: only `failed` is the service's fault, and counts against its objectives."""

    OK = "ok"
    REFUSED = "refused"
    FAILED = "failed"


FAULTS: Final = frozenset({"INTERNAL", "UNAVAILABLE", "OUTCOME_UNKNOWN", "DEADLINE_EXCEEDED"})
"""The codes of problems that no caller can avoid."""


def outcome_of(problems: Collection[str]) -> Outcome:
    """Judge by the codes that an answer holds."""
    if not problems:
        return Outcome.OK
    return Outcome.FAILED if any(code in FAULTS for code in problems) else Outcome.REFUSED
