"""The lines of an export, each a JSON object: what it holds, then every todo, then what each of them depends on.

Dependencies come last, so that an import need neither look ahead nor remember: what a line names is there by then.
Each value is written in one way only, and equal databases have equal exports.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from todo_gql.todos.model import Due, Owner, Todo, TodoId
from todo_gql.todos.times import format_instant

VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first line: how many todos and dependencies follow."""

    todos: int
    dependencies: int

    @property
    def size(self) -> int:
        """Count what follows: each todo, and each dependency."""
        return self.todos + self.dependencies


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedTodo:
    """A todo as it is stored, live or in the trash."""

    owner: Owner
    todo: Todo
    input_hash: bytes | None

    @property
    def key(self) -> tuple[Owner, TodoId]:
        """Say which todo it is."""
        return self.owner, self.todo.id

    @property
    def size(self) -> int:
        """Count it."""
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedDependencies:
    """All that a todo depends on, in order; `created_at` tells it from another one with its id."""

    owner: Owner
    todo_id: TodoId
    created_at: datetime
    version: int
    depends_on: tuple[TodoId, ...]

    @property
    def key(self) -> tuple[Owner, TodoId]:
        """Say which todo it is."""
        return self.owner, self.todo_id

    @property
    def size(self) -> int:
        """Count them."""
        return len(self.depends_on)


Line = Head | ArchivedTodo | ArchivedDependencies


def write_line(line: Line) -> bytes:
    """Write a line, its end included."""
    match line:
        case Head():
            return _write("export", {"version": VERSION, "todos": line.todos, "dependencies": line.dependencies})
        case ArchivedTodo():
            return _write("todo", _members_of(line))
        case ArchivedDependencies():
            members = {
                "owner": line.owner,
                "id": str(line.todo_id),
                "created_at": format_instant(line.created_at),
                "version": line.version,
                "depends_on": [str(todo_id) for todo_id in line.depends_on],
            }
            return _write("dependencies", members)


def _write(kind: str, members: Mapping[str, object]) -> bytes:
    return orjson.dumps({kind: members}, option=orjson.OPT_APPEND_NEWLINE)


def _members_of(line: ArchivedTodo) -> dict[str, object]:
    todo = line.todo
    return {
        "owner": line.owner,
        "id": str(todo.id),
        "title": todo.title,
        "description": todo.description,
        "status": todo.status,
        "priority": todo.priority,
        "due": None if todo.due is None else _due_members(todo.due),
        "version": todo.version,
        "created_at": format_instant(todo.created_at),
        "updated_at": format_instant(todo.updated_at),
        "completed_at": None if todo.completed_at is None else format_instant(todo.completed_at),
        "trashed_at": None if todo.trashed_at is None else format_instant(todo.trashed_at),
        "input_hash": None if line.input_hash is None else line.input_hash.hex(),
    }


def _due_members(due: Due) -> dict[str, object]:
    return {
        "date": due.date.isoformat(),
        "at": None if due.at is None else format_instant(due.at),
        "time_zone": due.time_zone,
    }
