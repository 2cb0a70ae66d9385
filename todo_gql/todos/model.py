"""What a todo is, and what is answered of todos. Plain values, only the standard library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

TodoId = NewType("TodoId", UUID)
Owner = NewType("Owner", str)
SyncToken = NewType("SyncToken", str)


class TodoStatus(StrEnum):
    """How far a todo is. One to one with iCalendar's VTODO statuses (RFC 5545 section 3.8.1.11)."""

    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


UNFINISHED: Final = frozenset({TodoStatus.OPEN, TodoStatus.IN_PROGRESS})
"""The statuses in which a todo is still to be done, and blocks what depends on it."""


class TodoPriority(StrEnum):
    """How urgent a todo is, least first; the position in this list is what is stored and sorted by."""

    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    URGENT = "URGENT"


class ChangeKind(StrEnum):
    """What happened to a todo, as the change log says it."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    COMPLETED = "COMPLETED"
    REOPENED = "REOPENED"
    TRASHED = "TRASHED"
    RESTORED = "RESTORED"
    PURGED = "PURGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A date, or an instant (UTC) with the time zone in which it was planned; `date` is then the date there."""

    date: date
    at: datetime | None = None
    time_zone: str | None = None

    @property
    def overdue_at(self) -> datetime:
        """From when an unfinished todo is overdue: a date alone is past once that day has ended in UTC."""
        if self.at is not None:
            return self.at
        if self.date == date.max:
            return datetime.combine(date.max, time.max, tzinfo=UTC)
        return datetime.combine(self.date + timedelta(days=1), time.min, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """A thing to do, as it is stored. Times are aware and in UTC."""

    id: TodoId
    title: str
    description: str | None
    status: TodoStatus
    priority: TodoPriority
    due: Due | None
    version: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    trashed_at: datetime | None

    @property
    def is_completed(self) -> bool:
        """Say whether its status is COMPLETED."""
        return self.status is TodoStatus.COMPLETED

    def is_overdue(self, now: datetime) -> bool:
        """Say whether it is unfinished although its due instant has passed."""
        return self.status in UNFINISHED and self.due is not None and self.due.overdue_at <= now


class AccessScope(StrEnum):
    """What a caller may do with the todos that are theirs, as their token says it."""

    READ = "todos.read"
    WRITE = "todos.write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """On whose behalf a use case runs: owner of the rows, and what the change log says of the request.

    The defaults are anyone, who may do everything: so it is while authentication is off.

    Args:
        actor: The subject of the caller's token.
        name: How the token calls the subject, for people.
        expires_at: From when on the caller has to say anew who they are; None: never.
        span_id: Of the span in which the request is answered; None: nobody records it.
    """

    owner: Owner = Owner("")
    actor: str | None = None
    name: str | None = None
    scopes: frozenset[AccessScope] = frozenset(AccessScope)
    expires_at: datetime | None = None
    trace_id: str | None = None
    span_id: str | None = None


# The `sync_token` of what was done is set once its transaction has got to its end: from there on, nothing that happens
# to the todos shown is missed.


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A todo stands as drafted; `is_new` is False when an earlier request with the same id and input made it."""

    todo: Todo
    is_new: bool = True
    sync_token: SyncToken | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """A todo stands as asked for; `changed` is False when it already did."""

    todo: Todo
    changed: bool
    also_completed: tuple[Todo, ...] = field(default=())
    sync_token: SyncToken | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A todo is in the trash, and can be restored until then."""

    id: TodoId
    restorable_until: datetime
    sync_token: SyncToken | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row of the change log: what happened to a todo, and which version it made of it."""

    position: int
    transaction_id: int
    owner: Owner
    todo_id: TodoId
    kind: ChangeKind
    version: int
    changed_fields: tuple[str, ...]
    at: datetime
    actor: str | None
    trace_id: str | None
    span_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change, and where to read on after it."""

    change: Change
    sync_token: SyncToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A todo that is in the trash or purged, and since when."""

    id: TodoId
    deleted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """The present state of whatever changed, each todo once; with `reset`, what the caller had is to be dropped."""

    todos: tuple[Todo, ...]
    deleted: tuple[Tombstone, ...]
    sync_token: SyncToken
    has_more: bool
    reset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Which todos depend on which, and which are blocked, as a transaction saw it that was then rolled back."""

    dependencies: Mapping[TodoId, tuple[Todo, ...]]
    blocked: frozenset[TodoId]
