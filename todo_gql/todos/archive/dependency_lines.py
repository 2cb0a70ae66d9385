"""The dependencies of one batch of an import."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from todo_gql.database import Connection
from todo_gql.todos.archive.lines import ArchivedDependencies
from todo_gql.todos.archive.parsing import BadLine
from todo_gql.todos.model import Owner, TodoId
from todo_gql.todos.store import archive as store
from todo_gql.todos.store import dependencies as dependency_store
from todo_gql.todos.store.archive import Key, Known


class UnusableDependency(Exception):
    """A line names a todo that is not there, or closes a cycle."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.reason = BadLine(message)


class DependencyLines:
    """Puts dependencies in, each todo's all together or not at all.

    Args:
        lines: What each todo depends on, with the number of its line.
    """

    def __init__(self, lines: Sequence[tuple[int, ArchivedDependencies]]) -> None:
        self._lines = lines
        # Of all runs, as with todos.
        self.new: set[tuple[Key, TodoId]] = set()
        self.others: list[int] = []

    async def put(self, connection: Connection, now: datetime) -> None:
        """Put them in; may run again. Raises UnusableDependency."""
        if not self._lines:
            return
        for owner in sorted({line.owner for _, line in self._lines}):
            await dependency_store.lock_graph(connection, owner)
        keys = {line.key for _, line in self._lines}
        named = {(line.owner, todo_id) for _, line in self._lines for todo_id in line.depends_on}
        known = await store.keep_known(connection, keys | named)
        for number, line in self._lines:
            _check_known(number, line, known)
        new = await self._choose(connection, known)
        await self._refuse_cycles(connection, new)
        await store.insert_dependencies(connection, new)
        await store.tell_dependencies(connection, {key: known[key].version for key in new}, now)
        self.new |= {(key, todo_id) for key, added in new.items() for todo_id in added}

    async def _choose(self, connection: Connection, known: Mapping[Key, Known]) -> Mapping[Key, tuple[TodoId, ...]]:
        """Choose those of todos that are the export's, depend on nothing yet, and were not told otherwise here."""
        keys = {line.key for _, line in self._lines}
        listed = await store.dependencies_of_many(connection, keys)
        changed = await store.dependency_changes(connection, keys)
        new: dict[Key, tuple[TodoId, ...]] = {}
        self.others = []
        for number, line in self._lines:
            stands = new.get(line.key) or listed.get(line.key, ())
            here = known[line.key]
            if stands == line.depends_on:
                continue
            if stands or not here.is_of(line) or changed.get(line.key, 0) > line.version:
                self.others.append(number)
            else:
                new[line.key] = line.depends_on
        return new

    async def _refuse_cycles(self, connection: Connection, new: Mapping[Key, tuple[TodoId, ...]]) -> None:
        for owner in sorted({owner for owner, _ in new}):
            added = {todo_id: depends_on for (each, todo_id), depends_on in new.items() if each == owner}
            targets = list({todo_id for depends_on in added.values() for todo_id in depends_on})
            beyond: Mapping[TodoId, Sequence[TodoId]] = {}
            # A cycle leads back to one of these. Where nothing that is stored does, only they need to be looked at:
            # what they lead to grows with every batch, in an import of 100,000 todos to all of them.
            if await dependency_store.is_depended_on(connection, owner, list(added)):
                beyond = await dependency_store.reachable_edges(connection, owner, targets)
            try:
                TopologicalSorter({**beyond, **added}).prepare()
            except CycleError as error:
                raise self._closing(owner, error.args[1]) from None

    def _closing(self, owner: Owner, cycle: Sequence[TodoId]) -> UnusableDependency:
        number, line = next(
            (number, line) for number, line in reversed(self._lines) if line.owner == owner and line.todo_id in cycle
        )
        return UnusableDependency(
            number, f"The todo {line.todo_id} would come to depend on itself: take out what closes the cycle."
        )


def _check_known(number: int, line: ArchivedDependencies, known: Mapping[Key, Known]) -> None:
    for todo_id in (line.todo_id, *line.depends_on):
        if (line.owner, todo_id) not in known:
            raise UnusableDependency(
                number, f"Its owner has no todo {todo_id}: put the line of that todo before it, or take the id out."
            )
