"""The members of one JSON object, read one by one, with all that is wrong with them."""

from collections.abc import Callable, Collection, Mapping

from todo_gql.rest import words
from todo_gql.rest.problems import FieldErrors
from todo_gql.rest.readers import Unreadable
from todo_gql.todos.commands import UNSET, Unset


class Members:
    """Reads members; one that is absent or cannot be read is UNSET, the latter with a message in `errors`."""

    def __init__(self, members: Mapping[str, object], *, known: Collection[str]) -> None:
        self._members = {name: value for name, value in members.items() if name in known}
        self.errors: FieldErrors = {name: [words.UNKNOWN_FIELD] for name in members if name not in known}

    def read[T](self, name: str, reader: Callable[[object], T]) -> T | Unset:
        """Read a member that may not be null."""
        value = self.read_nullable(name, reader)
        if value is None:
            self.errors[name] = [words.NULL]
            return UNSET
        return value

    def read_nullable[T](self, name: str, reader: Callable[[object], T]) -> T | None | Unset:
        """Read a member that may be null."""
        if name not in self._members:
            return UNSET
        value = self._members[name]
        try:
            return None if value is None else reader(value)
        except Unreadable as error:
            self.errors[name] = [error.message]
            return UNSET
