"""Creating a todo, once however often the same request arrives."""

from dataclasses import replace
from datetime import datetime

from todo_gql.todos import rules
from todo_gql.todos.commands import Create, TodoDraft
from todo_gql.todos.identifiers import new_todo_id, parse_todo_id
from todo_gql.todos.model import Created, Todo, TodoPriority, TodoStatus
from todo_gql.todos.operations import graph
from todo_gql.todos.operations.work import Unit
from todo_gql.todos.problems import IdConflict
from todo_gql.todos.store import todos as store


def with_id(operation: Create, now: datetime) -> Create:
    """Choose the id of the new todo, unless the caller has: however often this is performed, it is one creation."""
    if operation.draft.id is not None:
        return operation
    return replace(operation, draft=replace(operation.draft, id=str(new_todo_id(now))))


def is_alone(operation: Create) -> bool:
    """Say whether the creation changes nothing but what `Log.create` does."""
    return not operation.draft.dependencies


async def create(unit: Unit, operation: Create) -> Created:
    """Create a todo, or find the one that the same input created before. Raises Invalid, IdConflict and Blocked."""
    draft = operation.draft
    rules.check_draft(draft)
    todo = _todo_of(draft, unit)
    input_hash = rules.input_hash(draft)
    if not await unit.log.create(todo, input_hash, _mentioned(draft)):
        return await _created_before(unit, todo, input_hash)
    await graph.add_first_dependencies(unit, todo.id, rules.references(draft.dependencies))
    if todo.is_completed:
        await graph.check_unblocked(unit, todo.id)
    return Created(todo=todo)


def _todo_of(draft: TodoDraft, unit: Unit) -> Todo:
    given_id = None if draft.id is None else parse_todo_id(draft.id)
    return Todo(
        id=given_id or new_todo_id(unit.now),
        title=draft.title,
        description=draft.description,
        status=draft.status,
        priority=draft.priority,
        due=draft.due,
        version=1,
        created_at=unit.now,
        updated_at=unit.now,
        completed_at=unit.now if draft.status is TodoStatus.COMPLETED else None,
        trashed_at=None,
    )


async def _created_before(unit: Unit, todo: Todo, input_hash: bytes) -> Created:
    await unit.log.token()  # It is not locked: whoever changes it from here on does so after the token.
    existing = await store.find(unit.connection, unit.owner, todo.id)
    if existing is None or existing.trashed_at is not None:
        raise IdConflict(None)
    if await store.find_input_hash(unit.connection, unit.owner, todo.id) != input_hash:
        raise IdConflict(existing)
    return Created(todo=existing, is_new=False)


def _mentioned(draft: TodoDraft) -> list[str]:
    """List the fields that differ from an empty todo's."""
    return [
        "title",
        *(["description"] if draft.description is not None else []),
        *(["status"] if draft.status is not TodoStatus.OPEN else []),
        *(["priority"] if draft.priority is not TodoPriority.NONE else []),
        *(["due"] if draft.due is not None else []),
        *(["dependencies"] if draft.dependencies else []),
    ]
