"""Read the lines of an export, and say of each that is none what is to be done."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import orjson

from todo_gql.database.tables import fold
from todo_gql.todos import rules
from todo_gql.todos.archive.lines import VERSION, ArchivedDependencies, ArchivedTodo, Head, Line
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import Due, Owner, Todo, TodoId, TodoPriority, TodoStatus
from todo_gql.todos.times import parse_date, parse_instant, parse_time_zone

_MAX_INTEGER: Final = 2**31 - 1
_MAX_INDEXED_BYTES: Final = 2500
"""Of owner and title together; an index row of PostgreSQL holds 2,704 bytes, those of the other columns among them."""


class BadLine(ValueError):
    """A line is not one of an export; the message is one sentence that says what to do."""


def read_line(text: bytes) -> Line:
    """Read a line. Raises BadLine."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadLine("It is not JSON: each line is one whole object, in UTF-8.") from None
    match content:
        case {"export": value} if len(content) == 1:
            return _read_head(value)
        case {"todo": value} if len(content) == 1:
            return _read_todo(value)
        case {"dependencies": value} if len(content) == 1:
            return _read_dependencies(value)
        case _:
            raise BadLine('A line is an object with the one member "export", "todo" or "dependencies".')


class _Members:
    """The members of an object, all of which must be there, and no others."""

    def __init__(self, content: object, names: Sequence[str]) -> None:
        if not isinstance(content, dict) or content.keys() != set(names):
            raise BadLine(f"It needs the members {', '.join(names)}, and no others.")
        self._content: Mapping[str, Any] = content

    def read[T](self, name: str, reader: Callable[[Any], T]) -> T:
        """Read the value of a member."""
        try:
            return reader(self._content[name])
        except BadLine:
            raise
        except ValueError as error:
            raise BadLine(f'The value of "{name}" cannot be used. {error}') from None

    def read_nullable[T](self, name: str, reader: Callable[[Any], T]) -> T | None:
        """Read the value of a member that may be null."""
        return None if self._content[name] is None else self.read(name, reader)


def _read_head(content: object) -> Head:
    # Asked first: another version may have other members.
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise BadLine(f"This is not version {VERSION} of an export: import it with the release that wrote it.")
    members = _Members(content, ("version", "todos", "dependencies"))
    return Head(todos=members.read("todos", _count), dependencies=members.read("dependencies", _count))


def _read_todo(content: object) -> ArchivedTodo:
    members = _Members(
        content,
        (
            *("owner", "id", "title", "description", "status", "priority", "due", "version"),
            *("created_at", "updated_at", "completed_at", "trashed_at", "input_hash"),
        ),
    )
    todo = Todo(
        id=members.read("id", _id),
        title=members.read("title", _text),
        description=members.read_nullable("description", _text),
        status=members.read("status", _choice(TodoStatus)),
        priority=members.read("priority", _choice(TodoPriority)),
        due=members.read_nullable("due", _due),
        version=members.read("version", _version),
        created_at=members.read("created_at", parse_instant),
        updated_at=members.read("updated_at", parse_instant),
        completed_at=members.read_nullable("completed_at", parse_instant),
        trashed_at=members.read_nullable("trashed_at", parse_instant),
    )
    if todo.is_completed != (todo.completed_at is not None):
        raise BadLine('"completed_at" belongs to the status COMPLETED: one is there without the other.')
    owner = members.read("owner", _owner)
    if len(owner.encode()) + len(fold(todo.title).encode()) > _MAX_INDEXED_BYTES:
        raise BadLine(f"Owner and title are longer than {_MAX_INDEXED_BYTES} bytes together: shorten the title.")
    return ArchivedTodo(owner=owner, todo=todo, input_hash=members.read_nullable("input_hash", _hash))


def _read_dependencies(content: object) -> ArchivedDependencies:
    members = _Members(content, ("owner", "id", "created_at", "version", "depends_on"))
    line = ArchivedDependencies(
        owner=members.read("owner", _owner),
        todo_id=members.read("id", _id),
        created_at=members.read("created_at", parse_instant),
        version=members.read("version", _version),
        depends_on=members.read("depends_on", _ids),
    )
    if line.todo_id in line.depends_on:
        raise BadLine("A todo cannot depend on itself: take it out.")
    return line


def _text(value: Any) -> str:
    if not isinstance(value, str) or rules.has_forbidden_character(value):
        raise ValueError("It is text without U+0000, which PostgreSQL does not store.")
    return value


def _owner(value: Any) -> Owner:
    return Owner(_text(value))


def _id(value: Any) -> TodoId:
    todo_id = parse_todo_id(value) if isinstance(value, str) else None
    if todo_id is None:
        raise ValueError("An id is a UUID.")
    return todo_id


def _ids(value: Any) -> tuple[TodoId, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= rules.MAX_DEPENDENCIES:
        raise ValueError(f"It is a list of 1 to {rules.MAX_DEPENDENCIES} ids.")
    ids = tuple(map(_id, value))
    if len(set(ids)) < len(ids):
        raise ValueError("It names a todo twice.")
    return ids


def _choice[E: StrEnum](enum: type[E]) -> Callable[[Any], E]:
    def read(value: Any) -> E:
        if value not in list(enum):
            raise ValueError(f"It is one of {', '.join(enum)}.")
        return enum(value)

    return read


def _due(value: Any) -> Due:
    members = _Members(value, ("date", "at", "time_zone"))
    due = Due(
        date=members.read("date", parse_date),
        at=members.read_nullable("at", parse_instant),
        time_zone=members.read_nullable("time_zone", parse_time_zone),
    )
    if (due.at is None) != (due.time_zone is None):
        raise ValueError('"at" and "time_zone" belong together.')
    return due


def _version(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= _MAX_INTEGER:
        raise ValueError("It is a whole number from 1 on.")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("It is a whole number from 0 on.")
    return value


def _hash(value: Any) -> bytes:
    try:
        return bytes.fromhex(value)
    except (ValueError, TypeError):
        raise ValueError("It is hexadecimal.") from None
