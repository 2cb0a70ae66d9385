"""What mutations answer: what was done, or why not."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from todo_gql.graphql.problems import (
    AnyProblem,
    BlockedProblem,
    CycleProblem,
    ForbiddenProblem,
    IdConflictProblem,
    LimitProblem,
    NotFoundProblem,
    ValidationProblem,
    VersionConflictProblem,
)
from todo_gql.graphql.types import Todo
from todo_gql.todos import model
from todo_gql.todos.model import Snapshot, SyncToken


@strawberry.type
class TodoCreated:
    """A todo stands as it was asked for."""

    todo: Todo
    sync_token: SyncToken

    @classmethod
    def of(cls, created: model.Created, now: datetime, snapshot: Snapshot | None = None) -> "TodoCreated":
        """Present a creation."""
        return cls(todo=Todo.of(created.todo, now, snapshot), sync_token=_token(created))


@strawberry.type
class TodoUpdated:
    """A todo stands as it was asked for."""

    todo: Todo
    changed: bool = strawberry.field(description="False when the todo already was so; then its version stays.")
    also_completed: list[Todo] = strawberry.field(description="What `cascade` completed besides, dependencies first.")
    sync_token: SyncToken

    @classmethod
    def of(cls, updated: model.Updated, now: datetime, snapshot: Snapshot | None = None) -> "TodoUpdated":
        """Present a change."""
        return cls(
            todo=Todo.of(updated.todo, now, snapshot),
            changed=updated.changed,
            also_completed=[Todo.of(todo, now, snapshot) for todo in updated.also_completed],
            sync_token=_token(updated),
        )


@strawberry.type
class TodoDeleted:
    """A todo is in the trash."""

    id: ID
    restorable_until: datetime = strawberry.field(description="Until when `todoRestore` works.")
    sync_token: SyncToken

    @classmethod
    def of(cls, deleted: model.Deleted) -> "TodoDeleted":
        """Present a deletion."""
        return cls(id=ID(str(deleted.id)), restorable_until=deleted.restorable_until, sync_token=_token(deleted))


def _token(done: model.Created | model.Updated | model.Deleted) -> SyncToken:
    if done.sync_token is None:
        raise LookupError("Only what `execute` and `execute_all` do has a token.")
    return done.sync_token


TodoCreateResult = Annotated[
    TodoCreated | ValidationProblem | IdConflictProblem | BlockedProblem | LimitProblem | ForbiddenProblem,
    strawberry.union("TodoCreateResult"),
]

TodoUpdateResult = Annotated[
    TodoUpdated
    | ValidationProblem
    | NotFoundProblem
    | VersionConflictProblem
    | CycleProblem
    | BlockedProblem
    | LimitProblem
    | ForbiddenProblem,
    strawberry.union("TodoUpdateResult"),
]

TodoDeleteResult = Annotated[
    TodoDeleted | NotFoundProblem | VersionConflictProblem | ForbiddenProblem,
    strawberry.union("TodoDeleteResult"),
]

TodoOperationResult = Annotated[
    TodoCreated | TodoUpdated | TodoDeleted | AnyProblem,
    strawberry.union("TodoOperationResult"),
]


@strawberry.type
class TodoBulkDone:
    """What became of each operation of a bulk."""

    results: list[TodoOperationResult] = strawberry.field(description="One for each operation, in order.")
    succeeded: int
    failed: int
    committed: bool = strawberry.field(description="False for a dry run, and when `atomic` and one failed.")
    sync_token: SyncToken


TodoBulkResult = Annotated[TodoBulkDone | LimitProblem | ForbiddenProblem, strawberry.union("TodoBulkResult")]
