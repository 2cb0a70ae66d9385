"""Read single JSON values; what cannot be read raises Unreadable with the words for the caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

from todo_gql.rest import words
from todo_gql.todos import times
from todo_gql.todos.model import Due, TodoPriority, TodoStatus


class Unreadable(Exception):
    """A value is not of the type of its member."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def read_text(value: object) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise Unreadable(words.NOT_A_STRING)
    return value


def read_reference(value: object) -> str:
    """Read the id of a todo; whether it is well formed is for the core to say."""
    if not isinstance(value, str):
        raise Unreadable(words.NOT_A_UUID)
    return value


def read_references(value: object) -> tuple[str, ...]:
    """Read a list of ids."""
    if not isinstance(value, list):
        raise Unreadable(words.NOT_A_LIST)
    return tuple(map(read_reference, value))


def read_integer(value: object) -> int:
    """Read a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable(words.NOT_AN_INTEGER)
    return value


def read_boolean(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise Unreadable(words.NOT_A_BOOLEAN)
    return value


def read_status(value: object) -> TodoStatus:
    """Read the name of a status."""
    return _read_choice(TodoStatus, value)


def read_priority(value: object) -> TodoPriority:
    """Read the name of a priority."""
    return _read_choice(TodoPriority, value)


def read_datetime(value: object) -> datetime:
    """Read an instant, into UTC."""
    with _saying(words.NOT_A_DATETIME):
        return times.parse_instant(value)


def read_due(value: object) -> Due:
    """Read `{"date"}`, or `{"at", "time_zone"}`; a time zone that is left out is UTC."""
    match value:
        case {"date": day, **others} if not others:
            with _saying(words.NOT_A_DATE):
                return Due(date=times.parse_date(day))
        case {"at": at, **others} if not others.keys() - {"time_zone"}:
            with _saying(words.NOT_A_TIME_ZONE):
                time_zone = times.parse_time_zone(others.get("time_zone", "UTC"))
            return times.due_at(read_datetime(at), time_zone)
        case _:
            raise Unreadable(words.NOT_A_DUE)


def _read_choice[Choice: StrEnum](choices: type[Choice], value: object) -> Choice:
    if not isinstance(value, str) or value not in choices:
        raise Unreadable(f"Must be one of: {', '.join(choices)}.")
    return choices(value)


@contextmanager
def _saying(message: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise Unreadable(message) from error
