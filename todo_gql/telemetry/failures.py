"""Exceptions for logs and spans: where they come from, without what a caller typed."""

import traceback
from collections.abc import Iterator

from todo_gql.telemetry.trace import current_record


def describe_failure(error: BaseException) -> str:
    """Write the traceback of an exception and of those that led to it.

    While a request is being answered only types and places are told: the message of a KeyError is a key, that of a
    database driver holds the row. Where no request is, nobody has typed anything, and messages are told as well.
    """
    if current_record() is None:
        return "".join(traceback.format_exception(error))
    return "".join(_without_messages(error, set()))


def _without_messages(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and id(earlier) not in seen:
        yield from _without_messages(earlier, seen)
        yield "\nwhich led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
