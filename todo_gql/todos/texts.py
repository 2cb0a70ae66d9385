"""The reads whose result is JSON that the database has written, in the shape that the caller asks for."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from todo_gql.database import Database
from todo_gql.todos.access import require
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import AccessScope, Caller
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.paging import PageRequest, encode_key, window
from todo_gql.todos.queries import OLDEST_FIRST, TodoFilter, TodoOrder
from todo_gql.todos.rules import check_filter
from todo_gql.todos.shapes import ConnectionShape, Sizes, TodoField, TodoShape
from todo_gql.todos.store import shaped as store
from todo_gql.todos.store.filters import needs_own_plan

_FIRST_BATCH: Final = 20
_BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Todos one by one, oldest first.

    Args:
        texts: Of each todo.
        next_cursor: Where the list goes on, None where it ends.
        tag: What `ChangeLog.tag` gives for this state of the todos.
    """

    texts: Sequence[str]
    next_cursor: str | None
    tag: str


class Texts:
    """One caller's todos as JSON texts. Every read is one statement, and raises Forbidden without its scope."""

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
            lambda connection: store.page(connection, self._owner, todo_filter, order, checked, now, shape, sizes),
            plan_anew=needs_own_plan(todo_filter),
        )

    async def oldest(self, request: PageRequest, shape: TodoShape, *, max_size: int) -> Listed:
        """Write a page todo by todo; the shape tells the id and the creation. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        checked = window(request, OLDEST_FIRST, max_size=max_size)
        now = self._clock()
        found, tag = await self._database.read(
            lambda connection: store.oldest(connection, self._owner, checked, now, shape)
        )
        shown = found[: checked.size]
        goes_on = len(found) > len(shown)
        return Listed(texts=shown, next_cursor=_cursor(shown[-1], shape) if goes_on else None, tag=tag)

    async def stream(self, shape: TodoShape) -> AsyncIterator[Listed]:
        """Write all todos as `oldest` does, a batch at a time; the first one is small, and soon there."""
        size, after = _FIRST_BATCH, None
        while True:
            batch = await self.oldest(PageRequest(first=size, after=after), shape, max_size=_BATCH)
            yield batch
            if batch.next_cursor is None:
                return
            size, after = _BATCH, batch.next_cursor

    async def next(self, first: int, todo_filter: TodoFilter, shape: TodoShape, sizes: Sizes) -> str:
        """Write what can be done now, most urgent first. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        check_filter(todo_filter)
        checked = window(PageRequest(first=first), OLDEST_FIRST, max_size=self._policy.max_page_size)
        now = self._clock()
        return await self._database.read(
            lambda connection: store.next_todos(connection, self._owner, todo_filter, checked.size, now, shape, sizes),
            plan_anew=needs_own_plan(todo_filter),
        )


def _cursor(text: str, shape: TodoShape) -> str:
    """Name the place of a todo: told by its text, it need not be asked for with each of them."""
    names = {member: name for name, member in shape.members.items()}
    members = orjson.loads(text)
    created_at = datetime.fromisoformat(members[names[TodoField.CREATED_AT]])
    return encode_key((created_at, members[names[TodoField.ID]]), OLDEST_FIRST.field)
