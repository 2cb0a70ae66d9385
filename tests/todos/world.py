"""The use cases on a real database, without a transport."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from todo_gql.database import Database
from todo_gql.todos.commands import Create, TodoDraft
from todo_gql.todos.model import Caller, Owner, Todo
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.service import Todos


@dataclass
class Clock:
    """A clock that moves only when told to, and a microsecond whenever it is read."""

    now: datetime = field(default=datetime(2026, 11, 23, 8, tzinfo=UTC))

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class World:
    """A database and a clock, and what a test most often wants done with them."""

    database: Database
    clock: Clock

    def todos(self, owner: str = "", policy: Policy | None = None) -> Todos:
        caller = Caller(
            owner=Owner(owner), actor="alice", trace_id="0123456789abcdef0123456789abcdef", span_id="fedcba9876543210"
        )
        return Todos(self.database, caller, policy or Policy(), self.clock)

    async def create(self, title: str = "Buy milk", *, owner: str = "", **others: object) -> Todo:
        draft = TodoDraft(title=title, **others)  # type: ignore[arg-type]  # Tests name what they change.
        return (await self.todos(owner).execute(Create(draft=draft))).todo

    async def get(self, todo_id: str, *, owner: str = "") -> Todo:
        """Read a live todo that is there."""
        todo = await self.todos(owner).find(todo_id)
        assert todo is not None
        return todo

    async def chain(self, *titles: str) -> list[Todo]:
        """Create todos, each of which depends on the one before it."""
        made: list[Todo] = []
        for title in titles:
            made.append(await self.create(title, dependencies=ids(made[-1:])))
        return made


def ids(todos: Iterable[Todo]) -> list[str]:
    """Write the ids as a caller would."""
    return [str(todo.id) for todo in todos]


def titles(todos: Iterable[Todo]) -> list[str]:
    return [todo.title for todo in todos]
