"""What every operation works with: the unit of work, a locked todo, and the one way to store a change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from todo_gql.database import Connection
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import Caller, ChangeKind, Owner, Todo
from todo_gql.todos.operations.log import Log
from todo_gql.todos.problems import NotFound, VersionConflict
from todo_gql.todos.store import changes
from todo_gql.todos.store import todos as store


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The bounds that an operator sets."""

    trash_retention: timedelta = timedelta(days=30)
    max_page_size: int = 100
    max_bulk_size: int = 100
    key_retention: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit of work: an open transaction, on whose behalf, and the time at which it all happens."""

    connection: Connection
    caller: Caller
    now: datetime
    policy: Policy
    log: Log

    @property
    def owner(self) -> Owner:
        """Say whose todos this is about."""
        return self.caller.owner


async def lock(unit: Unit, todo_id: str) -> Todo:
    """Lock a todo, live or trashed. Raises NotFound."""
    parsed = parse_todo_id(todo_id)
    todo = None if parsed is None else await store.lock(unit.connection, unit.owner, parsed)
    if todo is None:
        raise NotFound(todo_id)
    return todo


async def lock_live(unit: Unit, todo_id: str) -> Todo:
    """Lock a todo that is not in the trash. Raises NotFound."""
    todo = await lock(unit, todo_id)
    if todo.trashed_at is not None:
        raise NotFound(todo_id)
    return todo


async def check_version(unit: Unit, todo: Todo, if_version: int | None, input_fields: Sequence[str]) -> None:
    """Raise VersionConflict unless the todo is at the version that the caller expects, if any."""
    if if_version is None or if_version == todo.version:
        return
    changed = await changes.fields_changed_since(unit.connection, unit.owner, todo.id, if_version)
    raise VersionConflict(
        expected=if_version,
        current=todo,
        conflicting_fields=tuple(field for field in input_fields if field in changed),
    )


async def record(unit: Unit, todo: Todo, kind: ChangeKind, changed_fields: Sequence[str]) -> Todo:
    """Store a changed todo as its next version, together with its row of the change log."""
    todo = replace(todo, version=todo.version + 1, updated_at=unit.now)
    await store.update(unit.connection, unit.owner, todo)
    await unit.log.append(todo, kind, changed_fields)
    return todo
