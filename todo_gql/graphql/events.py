"""What happened to todos, one change at a time."""

from datetime import datetime

import strawberry
from strawberry import ID, Private

from todo_gql.graphql.context import ContextInfo
from todo_gql.graphql.types import PageInfo, Todo
from todo_gql.todos.change_log import encode_position
from todo_gql.todos.model import ChangeKind, Event, SyncToken
from todo_gql.todos.store.history import HistoryPage

strawberry.enum(ChangeKind, name="TodoEventKind")


@strawberry.type
class TodoEvent:
    """A change of a todo."""

    id: ID
    kind: ChangeKind
    todo_id: ID
    version: int = strawberry.field(description="The version that this event made; for PURGED the last one.")
    changed_fields: list[str]
    at: datetime
    actor: str | None
    trace_id: str | None = strawberry.field(description="W3C trace id of the request that made the change.")
    sync_token: SyncToken

    @strawberry.field(description="The state now; null once it is trashed or purged.")
    async def todo(self, info: ContextInfo) -> Todo | None:
        """Find the todo."""
        found = await info.context.loaders.todo.load(self.todo_id)
        return None if found is None else Todo.of(found, info.context.now)

    @classmethod
    def of(cls, event: Event) -> "TodoEvent":
        """Present an event."""
        change = event.change
        return cls(
            id=ID(str(change.position)),
            kind=change.kind,
            todo_id=ID(str(change.todo_id)),
            version=change.version,
            changed_fields=list(change.changed_fields),
            at=change.at,
            actor=change.actor,
            trace_id=change.trace_id,
            sync_token=event.sync_token,
        )


@strawberry.type
class TodoEventEdge:
    """A change and its place in the history of its todo."""

    cursor: str
    node: TodoEvent


@strawberry.type
class TodoEventConnection:
    """A page of the history of a todo."""

    page: Private[HistoryPage]

    @strawberry.field
    def edges(self, info: ContextInfo) -> list[TodoEventEdge]:
        """List the changes with their places."""
        shown = info.context.budget.spend(self.page.events)
        return [TodoEventEdge(cursor=_cursor(event), node=TodoEvent.of(event)) for event in shown]

    @strawberry.field
    def nodes(self, info: ContextInfo) -> list[TodoEvent]:
        """List the changes."""
        return [TodoEvent.of(event) for event in info.context.budget.spend(self.page.events)]

    @strawberry.field
    def page_info(self) -> PageInfo:
        """Say what is around this page."""
        page = self.page

        async def next_exists() -> bool:
            return page.has_next

        async def previous_exists() -> bool:
            return page.has_previous

        return PageInfo(
            start_cursor=_cursor(page.events[0]) if page.events else None,
            end_cursor=_cursor(page.events[-1]) if page.events else None,
            next_exists=next_exists,
            previous_exists=previous_exists,
        )


def _cursor(event: Event) -> str:
    return encode_position(event.change.position)
