"""The reads whose result is JSON that the database has written, in the shape that the caller asks for."""

from collections.abc import Callable
from datetime import datetime

from todo_gql.database import Database
from todo_gql.todos.access import require
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import AccessScope, Caller
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.paging import PageRequest, window
from todo_gql.todos.queries import OLDEST_FIRST, TodoFilter, TodoOrder
from todo_gql.todos.rules import check_filter
from todo_gql.todos.shapes import ConnectionShape, Sizes, TodoShape
from todo_gql.todos.store import shaped as store


class Texts:
    """One caller's todos as JSON texts. Every method is one statement, and raises Forbidden without its scope."""

    def __init__(self, database: Database, caller: Caller, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._caller = caller
        self._owner = caller.owner
        self._policy = policy
        self._clock = clock

    async def todo(self, todo_id: str, shape: TodoShape, sizes: Sizes) -> str:
        """Write a live todo, or null."""
        require(self._caller, AccessScope.READ)
        parsed = parse_todo_id(todo_id)
        if parsed is None:
            return "null"
        now = self._clock()
        found = await self._database.read(
            lambda connection: store.todo(connection, self._owner, parsed, now, shape, sizes)
        )
        return "null" if found is None else found

    async def page(
        self, request: PageRequest, todo_filter: TodoFilter, order: TodoOrder, shape: ConnectionShape, sizes: Sizes
    ) -> str:
        """Write a page that is not asked for by `last` or `before`. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        check_filter(todo_filter)
        checked = window(request, order, max_size=self._policy.max_page_size)
        now = self._clock()
        return await self._database.read(
            lambda connection: store.page(connection, self._owner, todo_filter, order, checked, now, shape, sizes)
        )

    async def next(self, first: int, todo_filter: TodoFilter, shape: TodoShape, sizes: Sizes) -> str:
        """Write what can be done now, most urgent first. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        check_filter(todo_filter)
        checked = window(PageRequest(first=first), OLDEST_FIRST, max_size=self._policy.max_page_size)
        now = self._clock()
        return await self._database.read(
            lambda connection: store.next_todos(connection, self._owner, todo_filter, checked.size, now, shape, sizes)
        )
