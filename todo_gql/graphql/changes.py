"""What has changed, as its present state."""

from datetime import datetime

import strawberry
from strawberry import ID

from todo_gql.graphql.context import Context
from todo_gql.graphql.types import Todo
from todo_gql.todos import model
from todo_gql.todos.model import SyncToken


@strawberry.type
class Tombstone:
    """A todo that is gone."""

    id: ID
    deleted_at: datetime


@strawberry.type(description="The latest state of whatever changed; one entry for an object at most.")
class ChangeSet:
    """A page of changes."""

    todos: list[Todo]
    deleted: list[Tombstone]
    sync_token: SyncToken
    has_more: bool
    reset: bool = strawberry.field(
        description="True when `since` is older than the log: drop what you have and start over."
    )

    @classmethod
    def of(cls, changes: model.ChangeSet, context: Context) -> "ChangeSet":
        """Present what changed."""
        shown = context.budget.spend(changes.todos)
        return cls(
            todos=[Todo.of(todo, context.now) for todo in shown],
            deleted=[Tombstone(id=ID(str(gone.id)), deleted_at=gone.deleted_at) for gone in changes.deleted],
            sync_token=changes.sync_token,
            has_more=changes.has_more,
            reset=changes.reset,
        )
