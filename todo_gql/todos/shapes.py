"""What is asked of todos, under which names and in which order, by those who take them as JSON.

A shape is made once and used often; it is itself its key, so that nothing needs to compare it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from todo_gql.todos.rules import MAX_DEPENDENCIES

type Sizes = Mapping[str, int]
"""How many todos each connection below a todo shows at most, by the connection's name."""


class TodoField(StrEnum):
    """What a todo's row tells, or, of the last one, the rows that it depends on."""

    ID = "id"
    TITLE = "title"
    DESCRIPTION = "description"
    STATUS = "status"
    IS_COMPLETED = "is_completed"
    IS_OVERDUE = "is_overdue"
    PRIORITY = "priority"
    VERSION = "version"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    COMPLETED_AT = "completed_at"
    TRASHED_AT = "trashed_at"
    IS_BLOCKED = "is_blocked"


class DependencyIds(StrEnum):
    """What a todo depends on, by ids alone."""

    ALL = "all"
    FIRST = "first"


class DueField(StrEnum):
    """What tells when a todo is due."""

    DATE = "date"
    AT = "at"
    TIME_ZONE = "time_zone"


class EdgeField(StrEnum):
    """What an edge has beside its todo."""

    CURSOR = "cursor"


class PageField(StrEnum):
    """What is around a page."""

    HAS_NEXT = "has_next"
    HAS_PREVIOUS = "has_previous"
    START_CURSOR = "start_cursor"
    END_CURSOR = "end_cursor"


@dataclass(frozen=True, eq=False, slots=True)
class Constant:
    """A text that needs no escaping, whatever the object is."""

    text: str


@dataclass(frozen=True, eq=False, slots=True)
class ObjectShape[Member]:
    """An object: its members by their names, in their order."""

    members: Mapping[str, Member | Constant]


@dataclass(frozen=True, eq=False, slots=True)
class DueShape(ObjectShape[DueField]):
    """When a todo is due; null where it never is."""


@dataclass(frozen=True, eq=False, slots=True)
class DateOrInstantShape:
    """When a todo is due, in the shape of a date or in that of an instant; null where it never is."""

    date: DueShape
    instant: DueShape


@dataclass(frozen=True, eq=False, slots=True)
class PageInfoShape(ObjectShape[PageField]):
    """What is around a page."""


@dataclass(frozen=True, eq=False, slots=True)
class DependenciesShape:
    """All live dependencies of a todo."""

    todo: "TodoShape"


@dataclass(frozen=True, eq=False, slots=True)
class NodesShape:
    """The todos of a page."""

    todo: "TodoShape"


@dataclass(frozen=True, eq=False, slots=True)
class EdgesShape(ObjectShape["EdgeField | TodoShape"]):
    """The todos of a page with their places."""


@dataclass(frozen=True, eq=False, slots=True)
class ConnectionShape(ObjectShape[NodesShape | EdgesShape | PageInfoShape]):
    """The first page of a list of todos."""

    def objects(self, sizes: Sizes) -> int:
        """Say how many todos a page of one comes to at most, with all that is below it."""
        return sum(_objects(member, sizes) for member in self.members.values())


@dataclass(frozen=True, eq=False, slots=True)
class DependentsShape:
    """The first page of a todo's live dependents; its size goes by this name."""

    size: str
    page: ConnectionShape


type TodoMember = TodoField | DependencyIds | DueShape | DateOrInstantShape | DependenciesShape | DependentsShape


@dataclass(frozen=True, eq=False, slots=True)
class TodoShape(ObjectShape[TodoMember]):
    """A todo."""

    def objects(self, sizes: Sizes) -> int:
        """Say how many todos one comes to at most, itself and all below it."""
        return 1 + sum(_objects(member, sizes) for member in self.members.values())


def _objects(member: object, sizes: Sizes) -> int:
    match member:
        case TodoShape():
            return member.objects(sizes)
        case NodesShape():
            return member.todo.objects(sizes)
        case EdgesShape():
            # The edge counts where it has no todo, as its list is resolved all the same.
            return max(1, sum(_objects(each, sizes) for each in member.members.values()))
        case DependenciesShape():
            return MAX_DEPENDENCIES * member.todo.objects(sizes)
        case DependentsShape():
            return sizes[member.size] * member.page.objects(sizes)
        case _:
            return 0
