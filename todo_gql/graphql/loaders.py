"""Reads that many resolvers ask for one by one, gathered within a loop turn into one statement each.

Nothing is kept between turns: the root fields of a mutation run one after another, and each must see
what the one before it has changed.
"""

from collections import defaultdict
from collections.abc import Sequence

from strawberry.dataloader import DataLoader

from todo_gql.todos.model import Todo, TodoId
from todo_gql.todos.paging import Page, PageRequest
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.service import Todos


class Loaders:
    """Gather what is asked of single todos."""

    def __init__(self, todos: Todos) -> None:
        self._todos = todos
        self.todo: DataLoader[str, Todo | None] = DataLoader(self._load_todos, cache=False)
        self.dependencies: DataLoader[TodoId, tuple[Todo, ...]] = DataLoader(self._load_dependencies, cache=False)
        self.is_blocked: DataLoader[TodoId, bool] = DataLoader(self._load_blocked, cache=False)
        self.dependents: DataLoader[tuple[TodoId, PageRequest], Page] = DataLoader(self._load_dependents, cache=False)
        self.dependent_count: DataLoader[TodoId, int] = DataLoader(self._load_dependent_counts, cache=False)

    async def _load_todos(self, todo_ids: list[str]) -> Sequence[Todo | None]:
        found = await self._todos.find_many(todo_ids)
        return [found.get(todo_id) for todo_id in todo_ids]

    async def _load_dependencies(self, todo_ids: list[TodoId]) -> Sequence[tuple[Todo, ...]]:
        found = await self._todos.dependencies(todo_ids)
        return [found[todo_id] for todo_id in todo_ids]

    async def _load_blocked(self, todo_ids: list[TodoId]) -> Sequence[bool]:
        blocked = await self._todos.blocked(todo_ids)
        return [todo_id in blocked for todo_id in todo_ids]

    async def _load_dependents(self, keys: list[tuple[TodoId, PageRequest]]) -> Sequence[Page | BaseException]:
        by_request: dict[PageRequest, list[TodoId]] = defaultdict(list)
        for todo_id, request in keys:
            by_request[request].append(todo_id)
        found: dict[tuple[TodoId, PageRequest], Page | BaseException] = {}
        for request, todo_ids in by_request.items():
            try:
                pages = await self._todos.dependents(todo_ids, request)
            except BadArgument as error:
                found |= {(todo_id, request): error for todo_id in todo_ids}
            else:
                found |= {(todo_id, request): page for todo_id, page in pages.items()}
        return [found[key] for key in keys]

    async def _load_dependent_counts(self, todo_ids: list[TodoId]) -> Sequence[int]:
        counts = await self._todos.dependent_counts(todo_ids)
        return [counts[todo_id] for todo_id in todo_ids]
