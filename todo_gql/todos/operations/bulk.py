"""Several operations in one transaction, each reported, none half done."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from todo_gql.todos.commands import UNSET, ChangeDependencies, Complete, Create, Operation, Update
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import Created, Deleted, Snapshot, SyncToken, Todo, TodoId, Updated
from todo_gql.todos.operations import perform
from todo_gql.todos.operations.work import Policy, Unit
from todo_gql.todos.problems import (
    Blocked,
    DependencyCycle,
    IdConflict,
    LimitExceeded,
    Problem,
    VersionConflict,
)
from todo_gql.todos.store import dependencies as store
from todo_gql.todos.store import todos as todo_store

OperationResult = Created | Updated | Deleted | Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkDone:
    """One result for each operation, in order; `snapshot` is what they saw when nothing of it was kept."""

    results: tuple[OperationResult, ...]
    committed: bool
    sync_token: SyncToken
    snapshot: Snapshot | None = None

    @property
    def failed(self) -> int:
        """Count the operations that were refused."""
        return sum(isinstance(result, Problem) for result in self.results)


class RolledBack(Exception):
    """Ends the transaction of a bulk that is not to be kept, and carries its report out."""

    def __init__(self, done: BulkDone) -> None:
        super().__init__("The bulk was rolled back.")
        self.done = done


def check_size(operations: Sequence[Operation], policy: Policy) -> None:
    """Raise LimitExceeded for more operations than one bulk may have."""
    if len(operations) > policy.max_bulk_size:
        raise LimitExceeded(
            f"At most {policy.max_bulk_size} operations are done at once.",
            limit=policy.max_bulk_size,
            actual=len(operations),
        )


async def perform_all(
    unit: Unit, operations: Sequence[Operation], clock: Callable[[], datetime], *, atomic: bool, dry_run: bool
) -> BulkDone:
    """Perform operations one after another, each under a savepoint, on also after one failed.

    Raises RolledBack when nothing is to be kept: after a dry run, or when `atomic` and one failed.
    """
    before = await unit.log.token()
    if any(map(_needs_graph, operations)):
        await store.lock_graph(unit.connection, unit.owner)
    # Two bulks that lock the same todos in opposite orders would wait for each other: PostgreSQL ends that only after
    # a second, each time, and others who want these todos have given up by then.
    if named := _named_by(operations):
        await todo_store.lock_many(unit.connection, unit.owner, named)
    results: list[OperationResult] = []
    for operation in operations:
        # Times strictly grow, so that what a bulk creates keeps its order.
        unit = replace(unit, now=max(clock(), unit.now + timedelta(microseconds=1)))
        results.append(await _perform_or_refuse(unit, operation))
    is_kept = not dry_run and not (atomic and any(isinstance(result, Problem) for result in results))
    # The token of a result is that of the whole: the transaction is seen as a whole or not at all.
    sync_token = await unit.log.token() if is_kept else before
    results = [result if isinstance(result, Problem) else replace(result, sync_token=sync_token) for result in results]
    done = BulkDone(results=tuple(results), committed=is_kept, sync_token=sync_token)
    if not is_kept:
        raise RolledBack(replace(done, snapshot=await _snapshot(unit, done)))
    return done


async def _perform_or_refuse(unit: Unit, operation: Operation) -> OperationResult:
    try:
        async with unit.connection.begin_nested():
            return await perform(unit, operation)
    except Problem as problem:
        return problem


def _needs_graph(operation: Operation) -> bool:
    match operation:
        case ChangeDependencies():
            return True
        case Update(patch=patch):
            return patch.dependencies is not UNSET
        case Complete(cascade=cascade):
            return cascade
        case _:
            return False


def _named_by(operations: Sequence[Operation]) -> Sequence[TodoId]:
    ids = [parse_todo_id(operation.id) for operation in operations if not isinstance(operation, Create)]
    return list(dict.fromkeys(todo_id for todo_id in ids if todo_id is not None))


async def _snapshot(unit: Unit, done: BulkDone) -> Snapshot:
    ids = list(dict.fromkeys(todo.id for result in done.results for todo in _shown_by(result)))
    if not ids:
        return Snapshot(dependencies={}, blocked=frozenset())
    return Snapshot(
        dependencies=await store.dependencies(unit.connection, unit.owner, ids),
        blocked=await store.blocked(unit.connection, unit.owner, ids),
    )


def _shown_by(result: OperationResult) -> Iterator[Todo]:
    match result:
        case Created(todo=todo):
            yield todo
        case Updated(todo=todo, also_completed=also_completed):
            yield todo
            yield from also_completed
        case VersionConflict(current=current):
            yield current
        case IdConflict(existing=Todo() as existing):
            yield existing
        case DependencyCycle(cycle=cycle):
            yield from cycle
        case Blocked(blocked_by=blocked_by):
            yield from blocked_by
        case _:
            pass  # The others show no todo.
