"""The todos of one batch of an import."""

from collections.abc import Sequence
from datetime import datetime

from todo_gql.database import Connection
from todo_gql.todos.archive.lines import ArchivedTodo
from todo_gql.todos.store import archive as store
from todo_gql.todos.store.archive import Key


class TodoLines:
    """Puts todos in that are not there yet, and finds out which of the others are the same.

    Args:
        lines: The todos, each with the number of its line.
    """

    def __init__(self, lines: Sequence[tuple[int, ArchivedTodo]]) -> None:
        self._lines = lines
        # Of two lines about one todo, the first.
        self._first = {line.key: line for _, line in reversed(lines)}
        # Of all runs: nobody may know of the last one whether it was committed.
        self.new: set[Key] = set()
        self.present = 0
        self.others: list[int] = []

    async def put(self, connection: Connection, now: datetime) -> None:
        """Put them in; may run again."""
        if not self._lines:
            return
        inserted = await store.insert_todos(connection, list(self._first.values()))
        await store.tell_todos(connection, [self._first[key] for key in self._first if key in inserted], now)
        stored = await store.find_todos(connection, self._first.keys() - inserted)
        self.new |= inserted
        self._compare({key: self._first[key] for key in inserted} | dict(stored))

    def _compare(self, stored: dict[Key, ArchivedTodo]) -> None:
        self.present = 0
        self.others = []
        for number, line in self._lines:
            if line.key in self.new and line is self._first[line.key]:
                continue
            if stored.get(line.key) == line:
                self.present += 1
            else:
                self.others.append(number)
