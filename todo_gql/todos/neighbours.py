"""The use cases of the graph beside several todos at once: what they wait for, and what waits for them."""

from collections.abc import Mapping, Sequence

from todo_gql.database import Database
from todo_gql.todos.model import Caller, Todo, TodoId
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.paging import Page, PageRequest, SortKey, window
from todo_gql.todos.queries import OLDEST_FIRST
from todo_gql.todos.store import dependencies as dependency_store
from todo_gql.todos.store import dependents as dependent_store


class Neighbours:
    """What one caller's todos depend on, and what depends on them. Every method is one statement."""

    def __init__(self, database: Database, caller: Caller, policy: Policy) -> None:
        self._database = database
        self._owner = caller.owner
        self._policy = policy

    async def dependencies(
        self, todo_ids: Sequence[TodoId], *, most: int | None = None
    ) -> Mapping[TodoId, tuple[Todo, ...]]:
        """Read the live dependencies of each, in the order in which they were added.

        Args:
            todo_ids: Whose dependencies.
            most: Stop after so many in all: who gets them all cannot know whether there are more.
        """
        return await self._database.read(
            lambda connection: dependency_store.dependencies(connection, self._owner, todo_ids, most=most)
        )

    async def dependency_ids(self, todo_ids: Sequence[TodoId]) -> Mapping[TodoId, tuple[TodoId, ...]]:
        """Read the ids of what `dependencies` reads."""
        return await self._database.read(
            lambda connection: dependency_store.dependency_ids(connection, self._owner, todo_ids)
        )

    async def blocked(self, todo_ids: Sequence[TodoId]) -> frozenset[TodoId]:
        """Say which of these are unfinished while a dependency of theirs is."""
        return await self._database.read(lambda connection: dependency_store.blocked(connection, self._owner, todo_ids))

    async def dependents(
        self, todo_ids: Sequence[TodoId], request: PageRequest, *, most: int | None = None
    ) -> Mapping[TodoId, Page]:
        """Read the same page of the live dependents of each, oldest first; `most` as above. Raises BadArgument."""
        checked = window(request, OLDEST_FIRST, max_size=self._policy.max_page_size)
        return await self._database.read(
            lambda connection: dependent_store.dependents(
                connection, self._owner, todo_ids, OLDEST_FIRST, checked, most=most
            )
        )

    async def dependent_counts(self, todo_ids: Sequence[TodoId]) -> Mapping[TodoId, int]:
        """Count the live dependents of each."""
        return await self._database.read(
            lambda connection: dependent_store.dependent_counts(connection, self._owner, todo_ids)
        )

    async def dependents_beyond(self, todo_ids: Sequence[TodoId], key: SortKey, *, forward: bool) -> frozenset[TodoId]:
        """Say which of these have a live dependent at the key, or beyond it in the order of `dependents`."""
        return await self._database.read(
            lambda connection: dependent_store.dependents_beyond(
                connection, self._owner, todo_ids, OLDEST_FIRST, key, forward=forward
            )
        )
