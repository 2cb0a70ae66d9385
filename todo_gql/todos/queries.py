"""Which todos a caller can ask for, and in which order."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from todo_gql.todos.model import TodoId, TodoPriority, TodoStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Half open: `start` is in, `before` is out; None is unbounded."""

    start: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantRange:
    """Half open: `start` is in, `before` is out; None is unbounded."""

    start: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoFilter:
    """Conditions that all must hold; None asks for nothing."""

    search: str | None = None
    status: frozenset[TodoStatus] | None = None
    priority: frozenset[TodoPriority] | None = None
    is_blocked: bool | None = None
    is_overdue: bool | None = None
    due: DateRange | None = None
    updated: InstantRange | None = None
    dependents_of: TodoId | None = None
    trashed: bool = False


class TodoOrderField(StrEnum):
    """What todos are sorted by; ties go by creation, then by id."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    DUE = "DUE"
    PRIORITY = "PRIORITY"
    TITLE = "TITLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoOrder:
    """An order of todos; descending is the exact reverse. Todos without a due date are due last of all."""

    field: TodoOrderField = TodoOrderField.CREATED_AT
    descending: bool = False


ALL: Final = TodoFilter()
OLDEST_FIRST: Final = TodoOrder()


class StatName(StrEnum):
    """What todos are counted by: all of them, each status, and the two states that are derived."""

    TOTAL = "TOTAL"
    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    OVERDUE = "OVERDUE"
    BLOCKED = "BLOCKED"
