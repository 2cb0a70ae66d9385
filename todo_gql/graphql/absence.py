"""What clients left out, in the terms of the core."""

from strawberry import UNSET

from todo_gql.todos import commands
from todo_gql.todos.paging import PageRequest


def or_none[T](value: T | None) -> T | None:
    """Take what is absent as null."""
    return None if value is UNSET else value


def or_unset[T](value: T | None) -> T | None | commands.Unset:
    """Keep what is absent apart from null."""
    return commands.UNSET if value is UNSET else value


def page_request(*, first: int | None, after: str | None, last: int | None, before: str | None) -> PageRequest:
    """Read the paging arguments; null is the same as absent."""
    return PageRequest(first=or_none(first), after=or_none(after), last=or_none(last), before=or_none(before))
