"""Keyset pages: a page starts at a row's sort key, so that rows which others add or remove shift nothing.

The names are those of the GraphQL Cursor Connections Specification.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from todo_gql.database.tables import NEVER, fold
from todo_gql.todos.identifiers import parse_todo_id
from todo_gql.todos.model import Todo, TodoId, TodoPriority
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.queries import TodoOrder, TodoOrderField

DEFAULT_PAGE_SIZE: Final = 50

SortKey = tuple[datetime | str | int | TodoId, ...]

_PRIORITIES: Final = list(TodoPriority)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which page: the `first` rows after a cursor or the `last` before one; neither asks for the first 50."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A page request that was checked: sort keys instead of cursors, and which end it counts from."""

    size: int
    backward: bool
    after: SortKey | None
    before: SortKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Todos in order, and whether the same window would hold more, beyond the end that it counts towards."""

    todos: tuple[Todo, ...]
    order: TodoOrder
    window: Window
    has_more: bool

    def cursor(self, todo: Todo) -> str:
        """Name the place of one of its todos, for `after` and `before`."""
        return encode_cursor(todo, self.order.field)

    def beyond(self, *, forward: bool) -> bool | SortKey:
        """Say whether the list goes on after the page, or before it; a key where only a todo there or beyond tells."""
        if forward != self.window.backward and self.has_more:
            return True
        bound = self.window.before if forward else self.window.after
        return False if bound is None else bound


def window(request: PageRequest, order: TodoOrder, *, max_size: int) -> Window:
    """Check a page request. Raises BadArgument for sizes out of range and cursors of another order."""
    return Window(
        size=page_size(request, max_size=max_size),
        backward=request.last is not None,
        after=None if request.after is None else decode_cursor(request.after, order.field),
        before=None if request.before is None else decode_cursor(request.before, order.field),
    )


def page_size(request: PageRequest, *, max_size: int) -> int:
    """Say how many a page may hold. Raises BadArgument for sizes out of range."""
    if request.first is not None and request.last is not None:
        raise BadArgument("Give either `first` or `last`, not both.")
    name, size = ("last", request.last) if request.last is not None else ("first", request.first)
    if size is not None and not 1 <= size <= max_size:
        raise BadArgument(f"`{name}` is from 1 to {max_size}.")
    return min(DEFAULT_PAGE_SIZE, max_size) if size is None else size


def sort_key(todo: Todo, field: TodoOrderField) -> SortKey:
    """Give what the todo is sorted by: the field, then its creation, then its id."""
    age = (todo.created_at, todo.id)
    match field:
        case TodoOrderField.CREATED_AT:
            return age
        case TodoOrderField.UPDATED_AT:
            return (todo.updated_at, *age)
        case TodoOrderField.DUE:
            return (NEVER if todo.due is None else todo.due.overdue_at, *age)
        case TodoOrderField.PRIORITY:
            return (_PRIORITIES.index(todo.priority), *age)
        case TodoOrderField.TITLE:
            return (fold(todo.title), *age)


def encode_cursor(todo: Todo, field: TodoOrderField) -> str:
    """Write the todo's sort key as opaque text, together with the field, so that no other order takes it."""
    return encode_key(sort_key(todo, field), field)


def encode_key(key: SortKey, field: TodoOrderField) -> str:
    """Write the sort key of a todo, as `encode_cursor` does."""
    parts = orjson.dumps([field, *map(_write, key)])
    return base64.urlsafe_b64encode(parts).decode().rstrip("=")


def decode_cursor(cursor: str, field: TodoOrderField) -> SortKey:
    """Read a cursor of the same order. Raises BadArgument when it is anything else."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        cursor_field, *parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if cursor_field != field or len(parts) != len(_READERS[field]):
            raise ValueError
        return tuple(read(part) for read, part in zip(_READERS[field], parts, strict=True))
    except (ValueError, TypeError, OverflowError):
        raise BadArgument("The cursor is not one of this list in this order; start without it.") from None


def _write(part: datetime | str | int | TodoId) -> str | int:
    """Write a part of a key as the database can, too (store/shape_text.py)."""
    if isinstance(part, datetime):
        return part.isoformat(timespec="microseconds")
    # asyncpg's UUIDs are of a class of their own.
    return part if isinstance(part, str | int) else str(part)


def _read_instant(part: Any) -> datetime:
    instant = datetime.fromisoformat(part)
    if instant.utcoffset() is None:
        raise ValueError
    return instant.astimezone(UTC)


def _read_id(part: Any) -> TodoId:
    todo_id = parse_todo_id(part)
    if todo_id is None:
        raise ValueError
    return todo_id


def _read_priority(part: Any) -> int:
    if type(part) is not int or not 0 <= part < len(_PRIORITIES):
        raise ValueError
    return part


def _read_title(part: Any) -> str:
    if not isinstance(part, str) or "\0" in part:
        raise ValueError
    part.encode()  # A lone surrogate is a UnicodeEncodeError, which is a ValueError.
    return part


_AGE: Final = (_read_instant, _read_id)
_READERS: Final[dict[TodoOrderField, tuple[Callable[[Any], datetime | str | int | TodoId], ...]]] = {
    TodoOrderField.CREATED_AT: _AGE,
    TodoOrderField.UPDATED_AT: (_read_instant, *_AGE),
    TodoOrderField.DUE: (_read_instant, *_AGE),
    TodoOrderField.PRIORITY: (_read_priority, *_AGE),
    TodoOrderField.TITLE: (_read_title, *_AGE),
}
