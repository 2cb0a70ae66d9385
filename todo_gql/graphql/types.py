"""Todos as the schema shows them. What a row holds is a plain attribute; only what must be looked up is a resolver."""

import datetime as dt
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID, UNSET, Private

from todo_gql.graphql.absence import page_request
from todo_gql.graphql.context import ContextInfo
from todo_gql.graphql.scalars import TimeZone
from todo_gql.graphql.selection import is_selected
from todo_gql.todos import model
from todo_gql.todos.model import Snapshot, SyncToken, TodoId, TodoPriority, TodoStatus
from todo_gql.todos.paging import Page
from todo_gql.todos.queries import TodoFilter

if TYPE_CHECKING:
    from todo_gql.graphql.events import TodoEventConnection

strawberry.enum(TodoStatus)
strawberry.enum(TodoPriority)


@strawberry.interface
class Node:
    """Anything that has an id of its own."""

    id: ID


@strawberry.type(description="A date, or an instant with the time zone in which it was planned.")
class TodoDue:
    """When a todo is due."""

    date: dt.date = strawberry.field(description="In `timeZone` where there is one.")
    at: datetime | None = strawberry.field(description="Null when it is due at any time of that day.")
    time_zone: TimeZone | None

    @classmethod
    def of(cls, due: model.Due) -> "TodoDue":
        """Present a due date."""
        return cls(date=due.date, at=due.at, time_zone=None if due.time_zone is None else TimeZone(due.time_zone))


@strawberry.type(description="A thing to do.")
class Todo(Node):
    """A todo."""

    id: ID = strawberry.field(description="A UUID; the same id in REST, GraphQL, logs and traces.")
    title: str = strawberry.field(description="1 to 200 characters.")
    description: str | None = strawberry.field(description="Markdown; at most 10 000 characters.")
    status: TodoStatus
    is_completed: bool = strawberry.field(description="Whether `status` is COMPLETED.")
    is_overdue: bool = strawberry.field(
        description="Whether it is OPEN or IN_PROGRESS past its due instant; "
        "a date alone is past once that day has ended in UTC. Derived likewise."
    )
    priority: TodoPriority
    due: TodoDue | None

    version: int = strawberry.field(
        description='Grows by one with each change; the REST layer\'s ETag is `"<version>"`.'
    )
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    trashed_at: datetime | None = strawberry.field(
        description="Set while the todo is in the trash; it is purged `ServiceInfo.trashRetentionDays` later."
    )
    todo_id: Private[TodoId]
    snapshot: Private[Snapshot | None]

    @strawberry.field(
        description="Whether it is OPEN or IN_PROGRESS while at least one of its dependencies is. "
        "Derived: it changes without a new version."
    )
    async def is_blocked(self, info: ContextInfo) -> bool:
        """Say whether an unfinished dependency stands in its way."""
        if self.snapshot is not None:
            return self.todo_id in self.snapshot.blocked
        return await info.context.loaders.is_blocked.load(self.todo_id)

    @strawberry.field(
        description="What must be done first, in the order in which it was added; at most 50. "
        "`depends_on` of the REST layer is the first of these."
    )
    async def dependencies(self, info: ContextInfo) -> "list[Todo]":
        """List its live dependencies."""
        if self.snapshot is not None and self.todo_id in self.snapshot.dependencies:
            found = self.snapshot.dependencies[self.todo_id]
        else:
            found = await info.context.loaders.dependencies.load(self.todo_id)
        return [Todo.of(todo, info.context.now) for todo in info.context.budget.spend(found)]

    @strawberry.field(description="What waits for this one.")
    async def dependents(
        self,
        info: ContextInfo,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
    ) -> "TodoConnection":
        """Page through its live dependents, oldest first."""
        request = page_request(first=first, after=after, last=last, before=before)
        token = await sync_token_of_connection(info)
        page = await info.context.loaders.dependents.load((self.todo_id, request))
        todo_filter = TodoFilter(dependents_of=self.todo_id)
        return TodoConnection(page=page, todo_filter=todo_filter, token=token)

    @strawberry.field
    async def history(
        self,
        info: ContextInfo,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
    ) -> Annotated["TodoEventConnection", strawberry.lazy("todo_gql.graphql.events")]:
        """Page through what happened to it, oldest first."""
        from todo_gql.graphql.events import TodoEventConnection  # noqa: PLC0415  # It imports this module.

        request = page_request(first=first, after=after, last=last, before=before)
        return TodoEventConnection(page=await info.context.loaders.history.load((self.todo_id, request)))

    @classmethod
    def of(cls, todo: model.Todo, now: datetime, snapshot: Snapshot | None = None) -> "Todo":
        """Present a todo as of now; with a snapshot, as a transaction saw it that was rolled back."""
        return cls(
            id=ID(str(todo.id)),
            title=todo.title,
            description=todo.description,
            status=todo.status,
            is_completed=todo.is_completed,
            todo_id=todo.id,
            snapshot=snapshot,
            is_overdue=todo.is_overdue(now),
            priority=todo.priority,
            due=None if todo.due is None else TodoDue.of(todo.due),
            version=todo.version,
            created_at=todo.created_at,
            updated_at=todo.updated_at,
            completed_at=todo.completed_at,
            trashed_at=todo.trashed_at,
        )


@strawberry.type
class PageInfo:
    """What is around a page; asked of the database only when selected."""

    start_cursor: str | None
    end_cursor: str | None
    next_exists: Private[Callable[[], Awaitable[bool]]]
    previous_exists: Private[Callable[[], Awaitable[bool]]]

    @strawberry.field
    async def has_next_page(self) -> bool:
        """Say whether the list goes on after this page."""
        return await self.next_exists()

    @strawberry.field
    async def has_previous_page(self) -> bool:
        """Say whether the list holds anything before this page."""
        return await self.previous_exists()


@strawberry.type
class TodoEdge:
    """A todo and its place in a list."""

    cursor: str
    node: Todo


@strawberry.type
class TodoConnection:
    """A page of todos."""

    page: Private[Page]
    todo_filter: Private[TodoFilter]
    token: Private[SyncToken | None]

    @strawberry.field
    def edges(self, info: ContextInfo) -> list[TodoEdge]:
        """List the todos with their places."""
        shown = info.context.budget.spend(self.page.todos)
        return [TodoEdge(cursor=self.page.cursor(todo), node=Todo.of(todo, info.context.now)) for todo in shown]

    @strawberry.field
    def nodes(self, info: ContextInfo) -> list[Todo]:
        """List the todos."""
        return [Todo.of(todo, info.context.now) for todo in info.context.budget.spend(self.page.todos)]

    @strawberry.field
    def page_info(self, info: ContextInfo) -> PageInfo:
        """Say what is around this page."""
        page = self.page
        return PageInfo(
            start_cursor=page.cursor(page.todos[0]) if page.todos else None,
            end_cursor=page.cursor(page.todos[-1]) if page.todos else None,
            next_exists=partial(self._goes_on, info, forward=True),
            previous_exists=partial(self._goes_on, info, forward=False),
        )

    @strawberry.field(description="Counted only when selected.")
    async def total_count(self, info: ContextInfo) -> int:
        """Count the whole list."""
        if self.todo_filter.dependents_of is not None:
            return await info.context.loaders.dependent_count.load(self.todo_filter.dependents_of)
        return await info.context.todos.count(self.todo_filter)

    @strawberry.field(description="Where to start `changes` or `todoEvents` so that nothing after this page is missed.")
    def sync_token(self) -> SyncToken:
        """Say where to read on."""
        if self.token is None:
            raise LookupError("The token is read before the page, when it is selected.")
        return self.token

    async def _goes_on(self, info: ContextInfo, *, forward: bool) -> bool:
        todo_id = self.todo_filter.dependents_of
        if todo_id is None:
            return await info.context.todos.goes_on(self.page, self.todo_filter, forward=forward)
        # Many todos are asked for their dependents at once.
        bound = self.page.beyond(forward=forward)
        if isinstance(bound, bool):
            return bound
        return await info.context.loaders.dependents_beyond.load((todo_id, bound, forward))


async def sync_token_of_connection(info: ContextInfo) -> SyncToken | None:
    """Read the token of a page that is about to be read, if it is selected: what happens in between is not missed."""
    return await info.context.loaders.sync_token.load(None) if is_selected(info, "syncToken") else None
