"""Counts of todos."""

import strawberry
from strawberry import Private

from todo_gql.graphql.context import ContextInfo
from todo_gql.todos.queries import StatName, TodoFilter


@strawberry.type(description="Each todo counts under its status; `overdue` and `blocked` as on Todo.")
class TodoStats:
    """Counts of the todos that a filter admits, those that are selected in one statement."""

    todo_filter: Private[TodoFilter]

    @strawberry.field
    async def total(self, info: ContextInfo) -> int:
        """Count them all."""
        return await self._count(info, StatName.TOTAL)

    @strawberry.field
    async def open(self, info: ContextInfo) -> int:
        """Count those that nobody has begun."""
        return await self._count(info, StatName.OPEN)

    @strawberry.field
    async def in_progress(self, info: ContextInfo) -> int:
        """Count those that someone has begun."""
        return await self._count(info, StatName.IN_PROGRESS)

    @strawberry.field
    async def completed(self, info: ContextInfo) -> int:
        """Count those that are done."""
        return await self._count(info, StatName.COMPLETED)

    @strawberry.field
    async def cancelled(self, info: ContextInfo) -> int:
        """Count those that will not be done."""
        return await self._count(info, StatName.CANCELLED)

    @strawberry.field
    async def overdue(self, info: ContextInfo) -> int:
        """Count those that should have been done."""
        return await self._count(info, StatName.OVERDUE)

    @strawberry.field
    async def blocked(self, info: ContextInfo) -> int:
        """Count those that something stands in the way of."""
        return await self._count(info, StatName.BLOCKED)

    async def _count(self, info: ContextInfo, name: StatName) -> int:
        return await info.context.loaders.stat.load((name, self.todo_filter))
