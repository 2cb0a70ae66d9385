"""What a caller can ask to be done. Ids are text as the caller wrote it: the core decides what an id is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from todo_gql.todos.model import Due, TodoPriority, TodoStatus


class Unset(Enum):
    """The type of `UNSET`, which marks what a caller did not mention; None is what a caller cleared."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoDraft:
    """A todo to be created; without `id`, a new one is made."""

    title: str
    id: str | None = None
    description: str | None = None
    status: TodoStatus = TodoStatus.OPEN
    priority: TodoPriority = TodoPriority.NONE
    due: Due | None = None
    dependencies: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoPatch:
    """Changes to a todo: UNSET keeps, None clears where a field can be empty."""

    title: str | None | Unset = UNSET
    description: str | None | Unset = UNSET
    status: TodoStatus | None | Unset = UNSET
    priority: TodoPriority | None | Unset = UNSET
    due: Due | None | Unset = UNSET
    dependencies: Sequence[str] | None | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Create a todo."""

    draft: TodoDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change the fields of a todo that the patch mentions."""

    id: str
    patch: TodoPatch
    if_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """Complete a todo; `cascade` completes its unfinished dependencies first."""

    id: str
    if_version: int | None = None
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """Set a completed or cancelled todo back to OPEN."""

    id: str
    if_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDependencies:
    """Add and remove dependencies of a todo."""

    id: str
    if_version: int | None = None
    add: Sequence[str] = ()
    remove: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Move a todo to the trash."""

    id: str
    if_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Take a todo back out of the trash."""

    id: str
    if_version: int | None = None


Revision = Update | Complete | Reopen | ChangeDependencies | Restore
"""The operations that answer a todo which was there before."""

Operation = Create | Revision | Delete
