"""What can be subscribed to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Never, Self

import strawberry
from strawberry import ID, UNSET

from todo_gql.graphql.absence import or_none
from todo_gql.graphql.events import TodoEvent
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import Change, ChangeKind, SyncToken
from todo_gql.todos.sync import InLog, read_log_token


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """Which events a subscription asks for.

    It is the source stream of the specification in name only: whoever iterated over it would execute each event for
    one subscriber. `subscriptions.broadcast` does so once for all who ask for the same.
    """

    since: InLog | None
    todo_id: str | None
    kinds: frozenset[ChangeKind] | None

    def admits(self, change: Change) -> bool:
        """Say whether a change is asked for; none is of a malformed id."""
        if self.todo_id is not None and change.todo_id != parse_todo_id(self.todo_id):
            return False
        return self.kinds is None or change.kind in self.kinds

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Never:
        raise StopAsyncIteration


@strawberry.type
class Subscription:
    """The subscriptions."""

    @strawberry.subscription(
        description="Live events over WebSocket (graphql-transport-ws) or server-sent events. With `since`: first "
        "what was missed, then the live ones; in order, without\na gap, exactly once on one connection and at least "
        "once across reconnections. Ends with the error code SYNC_RESET when `since` is older than the log."
    )
    def todo_events(
        self,
        since: SyncToken | None = UNSET,
        todo_id: ID | None = UNSET,
        kinds: list[ChangeKind] | None = UNSET,
    ) -> AsyncIterator[TodoEvent]:
        """Take down what is asked for."""
        asked_kinds = or_none(kinds)
        return EventSource(
            since=None if since is UNSET or since is None else read_log_token(since),
            todo_id=or_none(todo_id),
            kinds=None if asked_kinds is None else frozenset(asked_kinds),
        )
