"""Put in what an export holds, a batch at a time, beside a service that works.

What is there stays as it is, so that a file can be imported again: when it was cut short, or once a line is mended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from todo_gql.database import Connection, Database
from todo_gql.todos.archive.batches import Batch, Refused
from todo_gql.todos.archive.dependency_lines import DependencyLines, UnusableDependency
from todo_gql.todos.archive.todo_lines import TodoLines


@dataclass(slots=True, kw_only=True)
class Imported:
    """What has become of the lines so far.

    Args:
        todos: So many are new here.
        dependencies: So many are new here.
        present: So many todos were here already, just as the export has them.
        others: So many lines are about todos that are not the same here, or depend on others here.
        first_other: The number of the first of these lines.
    """

    todos: int = 0
    dependencies: int = 0
    present: int = 0
    others: int = 0
    first_other: int | None = None


class Import:
    """Puts batches in, each in a transaction, and counts."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self.imported = Imported()

    async def take(self, batch: Batch) -> None:
        """Put a batch in; of one with a line that cannot be used, what comes before that.

        Raises:
            Refused: a line cannot be used.
            DatabaseUnavailable: the database cannot answer now; nothing of the batch is in.
        """
        try:
            await self._put(batch)
        except UnusableDependency as unusable:
            # Another may come before it: only one of those that close a cycle was found.
            await self.take(batch.before(unusable.number))
            raise Refused.line(unusable.number, unusable.reason) from None

    async def _put(self, batch: Batch) -> None:
        todos, dependencies = TodoLines(batch.todos), DependencyLines(batch.dependencies)

        async def work(connection: Connection) -> None:
            now = self._clock()
            await todos.put(connection, now)
            await dependencies.put(connection, now)

        # When nobody knows whether it was committed, the second run finds what the first one did.
        await self._database.write(work, repeatable=True)
        self._count(todos, dependencies)

    def _count(self, todos: TodoLines, dependencies: DependencyLines) -> None:
        imported = self.imported
        imported.todos += len(todos.new)
        imported.dependencies += len(dependencies.new)
        imported.present += todos.present
        others = [*todos.others, *dependencies.others]
        imported.others += len(others)
        if imported.first_other is None and others:
            imported.first_other = others[0]
