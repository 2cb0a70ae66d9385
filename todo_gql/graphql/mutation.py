"""What can be done: parse, call one use case, present. Refusals are raised, and become answers in `problems`."""

import strawberry
from strawberry import ID, UNSET

from todo_gql.graphql.absence import or_none
from todo_gql.graphql.context import ContextInfo
from todo_gql.graphql.inputs import TodoCreateInput, TodoOperation, TodoUpdateInput
from todo_gql.graphql.problems import present
from todo_gql.graphql.results import (
    TodoBulkDone,
    TodoBulkResult,
    TodoCreated,
    TodoCreateResult,
    TodoDeleted,
    TodoDeleteResult,
    TodoOperationResult,
    TodoUpdated,
    TodoUpdateResult,
)
from todo_gql.todos.commands import ChangeDependencies, Complete, Delete, Reopen, Restore, Revision, Update
from todo_gql.todos.model import Created, Deleted, Updated
from todo_gql.todos.operations.bulk import BulkDone, OperationResult


@strawberry.type(
    description="The verb comes last, so that operations sort by what they act on. "
    "`id` and `ifVersion` say which; `input` says what.\n"
    "Roots are nullable, so that an unforeseen error in one of several mutations hides none of the others' results."
)
class Mutation:
    """The mutations."""

    @strawberry.mutation
    async def todo_create(self, info: ContextInfo, input: TodoCreateInput) -> TodoCreateResult | None:
        """Create a todo."""
        return TodoCreated.of(await info.context.todos.execute(input.to_domain()), info.context.now)

    @strawberry.mutation(
        description="Only the fields that are present change; null clears `description`, `due` and `dependencies`, "
        "and is refused elsewhere."
    )
    async def todo_update(
        self, info: ContextInfo, *, id: ID, if_version: int | None = UNSET, input: TodoUpdateInput
    ) -> TodoUpdateResult | None:
        """Change a todo."""
        return await _revise(info, Update(id=id, if_version=or_none(if_version), patch=input.to_domain()))

    @strawberry.mutation(
        description="Refused with BlockedProblem while a dependency is open, unless `cascade` completes those too "
        "(at most `maxBulkSize`). Completing a completed one changes nothing."
    )
    async def todo_complete(
        self, info: ContextInfo, *, id: ID, if_version: int | None = UNSET, cascade: bool = False
    ) -> TodoUpdateResult | None:
        """Complete a todo."""
        return await _revise(info, Complete(id=id, if_version=or_none(if_version), cascade=cascade))

    @strawberry.mutation
    async def todo_reopen(
        self, info: ContextInfo, *, id: ID, if_version: int | None = UNSET
    ) -> TodoUpdateResult | None:
        """Set a todo back to OPEN."""
        return await _revise(info, Reopen(id=id, if_version=or_none(if_version)))

    @strawberry.mutation
    async def todo_dependencies_change(
        self,
        info: ContextInfo,
        *,
        id: ID,
        if_version: int | None = UNSET,
        add: list[ID] = [],  # noqa: B006  # Strawberry prints it as the default of the schema; no one changes it.
        remove: list[ID] = [],  # noqa: B006
    ) -> TodoUpdateResult | None:
        """Add and remove dependencies."""
        operation = ChangeDependencies(id=id, if_version=or_none(if_version), add=add, remove=remove)
        return await _revise(info, operation)

    @strawberry.mutation(description="To the trash.")
    async def todo_delete(
        self, info: ContextInfo, *, id: ID, if_version: int | None = UNSET
    ) -> TodoDeleteResult | None:
        """Move a todo to the trash."""
        return TodoDeleted.of(await info.context.todos.execute(Delete(id=id, if_version=or_none(if_version))))

    @strawberry.mutation
    async def todo_restore(
        self, info: ContextInfo, *, id: ID, if_version: int | None = UNSET
    ) -> TodoUpdateResult | None:
        """Take a todo out of the trash."""
        return await _revise(info, Restore(id=id, if_version=or_none(if_version)))

    @strawberry.mutation(
        description="At most `ServiceLimits.maxBulkSize` operations, in order, each under a savepoint and each "
        "reported, also after one failed. When `atomic`, one failure\n"
        "rolls all back. `dryRun` executes everything and rolls back. What was rolled back is answered as it would "
        "have been, with the token from before."
    )
    async def todo_bulk(
        self, info: ContextInfo, *, operations: list[TodoOperation], atomic: bool = True, dry_run: bool = False
    ) -> TodoBulkResult | None:
        """Do several things in one transaction."""
        asked = [operation.to_domain() for operation in operations]
        done = await info.context.todos.execute_all(asked, atomic=atomic, dry_run=dry_run)
        return TodoBulkDone(
            results=[
                _present(result, done, info, input_path=["operations", str(index), operation.name])
                for index, (operation, result) in enumerate(zip(operations, done.results, strict=True))
            ],
            succeeded=len(done.results) - done.failed,
            failed=done.failed,
            committed=done.committed,
            sync_token=done.sync_token,
        )


async def _revise(info: ContextInfo, operation: Revision) -> TodoUpdated:
    return TodoUpdated.of(await info.context.todos.execute(operation), info.context.now)


def _present(
    result: OperationResult, done: BulkDone, info: ContextInfo, *, input_path: list[str]
) -> TodoOperationResult:
    now = info.context.now
    match result:
        case Created():
            return TodoCreated.of(result, now, done.snapshot)
        case Updated():
            return TodoUpdated.of(result, now, done.snapshot)
        case Deleted():
            return TodoDeleted.of(result)
        case problem:
            if input_path[-1] == "update":
                input_path = [*input_path, "input"]
            return present(problem, now, input_path=input_path, snapshot=done.snapshot)
