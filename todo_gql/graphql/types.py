"""Todos as the schema shows them. What a row holds is a plain attribute; only what must be looked up is a resolver."""

import datetime as dt
from datetime import datetime

import strawberry
from strawberry import ID, UNSET, Private

from todo_gql.graphql.context import ContextInfo
from todo_gql.graphql.scalars import TimeZone
from todo_gql.todos import model
from todo_gql.todos.model import Snapshot, TodoId, TodoPriority, TodoStatus
from todo_gql.todos.paging import Page, PageRequest
from todo_gql.todos.queries import TodoFilter

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
        page = await info.context.loaders.dependents.load((self.todo_id, request))
        return TodoConnection(page=page, todo_filter=TodoFilter(dependents_of=self.todo_id))

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
    """Whether there is more on either side; asked of the database only when selected."""

    page: Private[Page]
    todo_filter: Private[TodoFilter]

    @strawberry.field
    async def has_next_page(self, info: ContextInfo) -> bool:
        """Say whether the list goes on after this page."""
        return await info.context.todos.has_next(self.page, self.todo_filter)

    @strawberry.field
    async def has_previous_page(self, info: ContextInfo) -> bool:
        """Say whether the list holds anything before this page."""
        return await info.context.todos.has_previous(self.page, self.todo_filter)

    @strawberry.field
    def start_cursor(self) -> str | None:
        """Name the place of the first todo."""
        return self.page.cursor(self.page.todos[0]) if self.page.todos else None

    @strawberry.field
    def end_cursor(self) -> str | None:
        """Name the place of the last todo."""
        return self.page.cursor(self.page.todos[-1]) if self.page.todos else None


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
    def page_info(self) -> PageInfo:
        """Say what is around this page."""
        return PageInfo(page=self.page, todo_filter=self.todo_filter)

    @strawberry.field(description="Counted only when selected.")
    async def total_count(self, info: ContextInfo) -> int:
        """Count the whole list."""
        if self.todo_filter.dependents_of is not None:
            return await info.context.loaders.dependent_count.load(self.todo_filter.dependents_of)
        return await info.context.todos.count(self.todo_filter)


@strawberry.type
class Viewer:
    """The caller."""

    id: ID
    name: str | None
    scopes: list[str]


def page_request(*, first: int | None, after: str | None, last: int | None, before: str | None) -> PageRequest:
    """Read the paging arguments; null is the same as absent."""
    return PageRequest(
        first=None if first is UNSET else first,
        after=None if after is UNSET else after,
        last=None if last is UNSET else last,
        before=None if before is UNSET else before,
    )
