"""What clients send to choose and sort todos, and the query of the core that it becomes."""

import datetime as dt
from datetime import datetime
from enum import StrEnum

import strawberry
from strawberry import UNSET

from todo_gql.graphql.absence import or_none
from todo_gql.todos import queries
from todo_gql.todos.model import TodoPriority, TodoStatus
from todo_gql.todos.queries import TodoOrderField

strawberry.enum(TodoOrderField)


@strawberry.enum
class OrderDirection(StrEnum):
    """Which end of an order comes first."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.input(description="Half open: `from` is in, `before` is out.")
class DateRange:
    """A range of dates."""

    from_: dt.date | None = strawberry.field(name="from", default=UNSET)
    before: dt.date | None = UNSET

    def to_domain(self) -> queries.DateRange:
        """Make the range of the core."""
        return queries.DateRange(start=self.from_ or None, before=self.before or None)


@strawberry.input(description="Half open: `from` is in, `before` is out.")
class DateTimeRange:
    """A range of instants."""

    from_: datetime | None = strawberry.field(name="from", default=UNSET)
    before: datetime | None = UNSET

    def to_domain(self) -> queries.InstantRange:
        """Make the range of the core."""
        return queries.InstantRange(start=self.from_ or None, before=self.before or None)


@strawberry.input(
    description="Conditions in one object are ANDed. Each is backed by an index on PostgreSQL; "
    "`search` from three characters on."
)
class TodoFilter:
    """Which todos."""

    search: str | None = strawberry.field(
        description="Case-insensitive substring of title or description, by Unicode case folding; "
        "the same on every database.",
        default=UNSET,
    )
    status: list[TodoStatus] | None = UNSET
    priority: list[TodoPriority] | None = UNSET
    is_blocked: bool | None = UNSET
    is_overdue: bool | None = UNSET
    due: DateRange | None = UNSET
    updated: DateTimeRange | None = UNSET
    trashed: bool = False

    def to_domain(self) -> queries.TodoFilter:
        """Make the filter of the core; null asks for nothing, as absence does."""
        return queries.TodoFilter(
            search=self.search or None,
            status=None if self.status is UNSET or self.status is None else frozenset(self.status),
            priority=None if self.priority is UNSET or self.priority is None else frozenset(self.priority),
            is_blocked=or_none(self.is_blocked),
            is_overdue=or_none(self.is_overdue),
            due=self.due.to_domain() if self.due else None,
            updated=self.updated.to_domain() if self.updated else None,
            trashed=self.trashed,
        )


@strawberry.input
class TodoOrder:
    """In which order."""

    field: TodoOrderField
    direction: OrderDirection = OrderDirection.ASC

    def to_domain(self) -> queries.TodoOrder:
        """Make the order of the core."""
        return queries.TodoOrder(field=self.field, descending=self.direction is OrderDirection.DESC)
