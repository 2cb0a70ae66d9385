"""What clients left out, in the terms of the core."""

from strawberry import UNSET

from todo_gql.todos import commands


def or_none[T](value: T | None) -> T | None:
    """Take what is absent as null."""
    return None if value is UNSET else value


def or_unset[T](value: T | None) -> T | None | commands.Unset:
    """Keep what is absent apart from null."""
    return commands.UNSET if value is UNSET else value
