"""Reads that many resolvers ask for one by one, gathered within a loop turn into one statement each.

Nothing is kept between turns: the root fields of a mutation run one after another, and each must see
what the one before it has changed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

from strawberry.dataloader import DataLoader

from todo_gql.graphql.object_budget import ObjectBudget
from todo_gql.todos.model import SyncToken, Todo, TodoId
from todo_gql.todos.paging import Page, PageRequest, SortKey
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.queries import StatName, TodoFilter
from todo_gql.todos.service import Todos
from todo_gql.todos.store.history import HistoryPage


class Loaders:
    """Gather what is asked of single todos."""

    def __init__(self, todos: Todos, budget: ObjectBudget) -> None:
        self._todos = todos
        self._budget = budget
        self._loading: set[asyncio.Task[Any]] = set()

    # Most requests need one of these, or none.

    @cached_property
    def todo(self) -> DataLoader[str, Todo | None]:
        """Find a live todo."""
        return self._loader(self._load_todos)

    @cached_property
    def dependencies(self) -> DataLoader[TodoId, tuple[Todo, ...]]:
        """Read the live dependencies of a todo."""
        return self._loader(self._load_dependencies)

    @cached_property
    def is_blocked(self) -> DataLoader[TodoId, bool]:
        """Say whether a todo is blocked."""
        return self._loader(self._load_blocked)

    @cached_property
    def dependents(self) -> DataLoader[tuple[TodoId, PageRequest], Page]:
        """Read a page of the live dependents of a todo."""
        return self._loader(self._load_dependents)

    @cached_property
    def dependents_beyond(self) -> DataLoader[tuple[TodoId, SortKey, bool], bool]:
        """Say whether a todo has dependents beyond a page."""
        return self._loader(self._load_dependents_beyond)

    @cached_property
    def dependent_count(self) -> DataLoader[TodoId, int]:
        """Count the live dependents of a todo."""
        return self._loader(self._load_dependent_counts)

    @cached_property
    def history(self) -> DataLoader[tuple[TodoId, PageRequest], HistoryPage]:
        """Read a page of what happened to a todo."""
        return self._loader(self._load_history)

    @cached_property
    def stat(self) -> DataLoader[tuple[StatName, TodoFilter], int]:
        """Count todos."""
        return self._loader(self._load_stats)

    @cached_property
    def sync_token(self) -> DataLoader[None, SyncToken]:
        """Read where the change log has come to."""
        return self._loader(self._load_sync_tokens)

    def cancel(self) -> None:
        """End what is being loaded: it runs in tasks of its own, and would outlive whoever waits for it."""
        for task in self._loading:
            task.cancel()

    def _loader[K, T](self, load: Callable[[list[K]], Awaitable[Sequence[T | BaseException]]]) -> DataLoader[K, T]:
        async def load_cancellably(keys: list[K]) -> Sequence[T | BaseException]:
            task = asyncio.current_task()
            assert task is not None, "Every coroutine runs in a task."  # noqa: S101
            self._loading.add(task)
            try:
                return await load(keys)
            finally:
                self._loading.discard(task)

        return DataLoader(load_cancellably, cache=False)

    async def _load_todos(self, todo_ids: list[str]) -> Sequence[Todo | None]:
        found = await self._todos.find_many(todo_ids)
        return [found.get(todo_id) for todo_id in todo_ids]

    async def _load_dependencies(self, todo_ids: list[TodoId]) -> Sequence[tuple[Todo, ...]]:
        most = self._budget.left
        found = await self._todos.neighbours.dependencies(todo_ids, most=most + 1)
        if sum(map(len, found.values())) > most:
            raise self._budget.exceed()
        return [found[todo_id] for todo_id in todo_ids]

    async def _load_blocked(self, todo_ids: list[TodoId]) -> Sequence[bool]:
        blocked = await self._todos.neighbours.blocked(todo_ids)
        return [todo_id in blocked for todo_id in todo_ids]

    async def _load_dependents(self, keys: list[tuple[TodoId, PageRequest]]) -> Sequence[Page | BaseException]:
        async def load(todo_ids: Sequence[TodoId], request: PageRequest) -> Mapping[TodoId, Page]:
            most = self._budget.left
            pages = await self._todos.neighbours.dependents(todo_ids, request, most=most + 1)
            if sum(len(page.todos) for page in pages.values()) > most:
                raise self._budget.exceed()
            return pages

        return await _by_request(keys, load)

    async def _load_history(self, keys: list[tuple[TodoId, PageRequest]]) -> Sequence[HistoryPage | BaseException]:
        async def load(todo_ids: Sequence[TodoId], request: PageRequest) -> Mapping[TodoId, HistoryPage]:
            most = self._budget.left
            pages = await self._todos.log.history(todo_ids, request, most=most + 1)
            if sum(len(page.events) for page in pages.values()) > most:
                raise self._budget.exceed()
            return pages

        return await _by_request(keys, load)

    async def _load_stats(self, keys: list[tuple[StatName, TodoFilter]]) -> Sequence[int | BaseException]:
        return await _by_request(keys, self._todos.stats)

    async def _load_sync_tokens(self, keys: list[None]) -> Sequence[SyncToken]:
        return [await self._todos.log.token()] * len(keys)

    async def _load_dependents_beyond(self, keys: list[tuple[TodoId, SortKey, bool]]) -> Sequence[bool | BaseException]:
        async def load(todo_ids: Sequence[TodoId], beyond: tuple[SortKey, bool]) -> Mapping[TodoId, bool]:
            bound, forward = beyond
            found = await self._todos.neighbours.dependents_beyond(todo_ids, bound, forward=forward)
            return {todo_id: todo_id in found for todo_id in todo_ids}

        return await _by_request([(todo_id, (bound, forward)) for todo_id, bound, forward in keys], load)

    async def _load_dependent_counts(self, todo_ids: list[TodoId]) -> Sequence[int]:
        counts = await self._todos.neighbours.dependent_counts(todo_ids)
        return [counts[todo_id] for todo_id in todo_ids]


async def _by_request[K: Hashable, R: Hashable, V](
    keys: Sequence[tuple[K, R]], load: Callable[[Sequence[K], R], Awaitable[Mapping[K, V]]]
) -> Sequence[V | BaseException]:
    """Load the keys of equal requests at once; what is wrong with one request fails only its own keys."""
    by_request: dict[R, dict[K, None]] = defaultdict(dict)
    for key, request in keys:
        by_request[request][key] = None
    found: dict[tuple[K, R], V | BaseException] = {}
    for request, group in by_request.items():
        try:
            loaded = await load(list(group), request)
        except BadArgument as error:
            found |= {(key, request): error for key in group}
        else:
            found |= {(key, request): value for key, value in loaded.items()}
    return [found[key] for key in keys]
