"""To the trash and back."""

from collections.abc import Callable
from dataclasses import replace

from todo_gql.todos.commands import Delete, Restore
from todo_gql.todos.model import ChangeKind, Deleted, Todo, Updated
from todo_gql.todos.operations.work import Unit, check_version, lock, lock_live, record
from todo_gql.todos.problems import NotFound


async def delete(unit: Unit, operation: Delete) -> Deleted:
    """Move a todo to the trash; what depends on it is no longer blocked by it. Raises NotFound and VersionConflict."""
    todo = await lock_live(unit, operation.id)
    await check_version(unit, todo, operation.if_version, [])
    return await _delete(unit, todo)


async def delete_checked(unit: Unit, todo_id: str, check: Callable[[Todo], None]) -> Deleted:
    """Move a todo to the trash once `check` has seen it as it stands. Raises NotFound, and what `check` raises."""
    todo = await lock_live(unit, todo_id)
    check(todo)
    return await _delete(unit, todo)


async def restore(unit: Unit, operation: Restore) -> Updated:
    """Take a todo out of the trash with all its dependencies.

    Raises VersionConflict, and NotFound also when its time in the trash is over.
    """
    todo = await lock(unit, operation.id)
    await check_version(unit, todo, operation.if_version, [])
    if todo.trashed_at is None:
        return Updated(todo=todo, changed=False)
    if todo.trashed_at + unit.policy.trash_retention <= unit.now:
        raise NotFound(operation.id)
    restored = await record(unit, replace(todo, trashed_at=None), ChangeKind.RESTORED, ["trashedAt"])
    return Updated(todo=restored, changed=True)


async def _delete(unit: Unit, todo: Todo) -> Deleted:
    await record(unit, replace(todo, trashed_at=unit.now), ChangeKind.TRASHED, ["trashedAt"])
    return Deleted(id=todo.id, restorable_until=unit.now + unit.policy.trash_retention)
