"""Changing what a todo says: its fields, its status, its dependencies."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from todo_gql.todos import rules
from todo_gql.todos.commands import (
    UNSET,
    ChangeDependencies,
    Complete,
    Create,
    Reopen,
    TodoDraft,
    TodoPatch,
    Unset,
    Update,
)
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import UNFINISHED, ChangeKind, Created, Todo, TodoId, TodoStatus, Updated
from todo_gql.todos.operations import graph
from todo_gql.todos.operations.creation import create
from todo_gql.todos.operations.work import Unit, check_version, lock, lock_live, record
from todo_gql.todos.problems import IdConflict, NotFound
from todo_gql.todos.store import dependencies as dependency_store
from todo_gql.todos.store import todos as store

Revise = Callable[[Todo, tuple[TodoId, ...]], TodoPatch]
"""Makes a patch of a todo as it stands and of its dependencies' ids."""


async def update(unit: Unit, operation: Update) -> Updated:
    """Change what the patch mentions.

    Raises NotFound, VersionConflict, Invalid, Blocked, LimitExceeded and DependencyCycle.
    """
    patch = operation.patch
    rules.check_patch(patch)
    if patch.dependencies is not UNSET:
        await dependency_store.lock_graph(unit.connection, unit.owner)
    todo = await lock_live(unit, operation.id)
    await check_version(unit, todo, operation.if_version, list(_mentioned(patch)))
    return await _apply(unit, todo, patch)


async def revise(unit: Unit, todo_id: str, make_patch: Revise, *, if_version: int | None) -> Updated:
    """Change a todo by a patch made of it as it stands. Raises what `update` and `make_patch` raise."""
    await dependency_store.lock_graph(unit.connection, unit.owner)
    todo = await lock_live(unit, todo_id)
    return await _revise(unit, todo, make_patch, if_version=if_version)


async def put(
    unit: Unit, todo_id: str, draft: TodoDraft, make_patch: Revise, *, if_version: int | None
) -> Created | Updated:
    """Create a todo under this id, or revise the one that stands there. Raises what `create` and `revise` raise."""
    await dependency_store.lock_graph(unit.connection, unit.owner)
    try:
        todo = await lock(unit, todo_id)
    except NotFound:
        if parse_todo_id(todo_id) is None:
            raise
        try:
            return await create(unit, Create(draft=replace(draft, id=todo_id)))
        except IdConflict:
            todo = await lock(unit, todo_id)  # Someone else has just created it.
    if todo.trashed_at is not None:
        raise NotFound(todo_id)
    return await _revise(unit, todo, make_patch, if_version=if_version)


async def complete(unit: Unit, operation: Complete) -> Updated:
    """Complete a todo, with `cascade` its unfinished dependencies before it.

    Raises NotFound, VersionConflict, Blocked and LimitExceeded.
    """
    if operation.cascade:
        await dependency_store.lock_graph(unit.connection, unit.owner)
    todo = await lock_live(unit, operation.id)
    await check_version(unit, todo, operation.if_version, ["status"])
    if todo.is_completed:
        return Updated(todo=todo, changed=False)
    also_completed = await _complete_dependencies(unit, todo.id) if operation.cascade else ()
    updated = await _apply(unit, todo, TodoPatch(status=TodoStatus.COMPLETED))
    return replace(updated, also_completed=also_completed)


async def reopen(unit: Unit, operation: Reopen) -> Updated:
    """Set a todo back to OPEN unless it is unfinished already. Raises NotFound and VersionConflict."""
    todo = await lock_live(unit, operation.id)
    await check_version(unit, todo, operation.if_version, ["status"])
    if todo.status in UNFINISHED:
        return Updated(todo=todo, changed=False)
    return await _apply(unit, todo, TodoPatch(status=TodoStatus.OPEN))


async def change_dependencies(unit: Unit, operation: ChangeDependencies) -> Updated:
    """Add and remove dependencies.

    Raises NotFound, VersionConflict, Invalid, LimitExceeded and DependencyCycle.
    """
    rules.check_dependency_changes(operation)
    await dependency_store.lock_graph(unit.connection, unit.owner)
    todo = await lock_live(unit, operation.id)
    await check_version(unit, todo, operation.if_version, ["dependencies"])
    changed = await graph.change_dependencies(
        unit, todo.id, added=rules.references(operation.add), removed=rules.references(operation.remove)
    )
    if changed:
        todo = await record(unit, todo, ChangeKind.UPDATED, ["dependencies"])
    return Updated(todo=todo, changed=changed)


async def _revise(unit: Unit, todo: Todo, make_patch: Revise, *, if_version: int | None) -> Updated:
    await check_version(unit, todo, if_version, [])
    listed = (await dependency_store.dependency_ids(unit.connection, unit.owner, [todo.id]))[todo.id]
    patch = make_patch(todo, listed)
    rules.check_patch(patch)
    return await _apply(unit, todo, patch)


async def _apply(unit: Unit, before: Todo, patch: TodoPatch) -> Updated:
    mentioned = _mentioned(patch)
    wanted = mentioned.pop("dependencies", UNSET)
    after = replace(before, **mentioned)
    changed_fields = [name for name in mentioned if getattr(before, name) != getattr(after, name)]
    if wanted is not UNSET and await graph.replace_dependencies(unit, before.id, rules.references(wanted or ())):
        changed_fields.append("dependencies")
    if "status" in changed_fields:
        if after.is_completed:
            await graph.check_unblocked(unit, after.id)
        after = replace(after, completed_at=unit.now if after.is_completed else None)
    if not changed_fields:
        return Updated(todo=before, changed=False)
    return Updated(todo=await record(unit, after, _kind(before, after), changed_fields), changed=True)


async def _complete_dependencies(unit: Unit, todo_id: TodoId) -> tuple[Todo, ...]:
    ordered = await graph.unfinished_before(unit, todo_id)
    locked = await store.lock_many(unit.connection, unit.owner, ordered) if ordered else {}
    completed = []
    for dependency in (locked[dependency_id] for dependency_id in ordered if dependency_id in locked):
        # Someone else may have finished or trashed it before it was locked.
        if dependency.status in UNFINISHED and dependency.trashed_at is None:
            done = replace(dependency, status=TodoStatus.COMPLETED, completed_at=unit.now)
            completed.append(await record(unit, done, ChangeKind.COMPLETED, ["status"]))
    return tuple(completed)


def _mentioned(patch: TodoPatch) -> dict[str, Any]:
    values = {field.name: getattr(patch, field.name) for field in fields(patch)}
    return {name: value for name, value in values.items() if not isinstance(value, Unset)}


def _kind(before: Todo, after: Todo) -> ChangeKind:
    if after.is_completed and not before.is_completed:
        return ChangeKind.COMPLETED
    if after.status in UNFINISHED and before.status not in UNFINISHED:
        return ChangeKind.REOPENED
    return ChangeKind.UPDATED
