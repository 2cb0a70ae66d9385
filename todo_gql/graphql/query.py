"""What can be asked."""

from typing import Final

import strawberry
from strawberry import ID, UNSET

from todo_gql.graphql.absence import or_none, page_request
from todo_gql.graphql.changes import ChangeSet
from todo_gql.graphql.context import ContextInfo
from todo_gql.graphql.filters import OrderDirection, TodoFilter, TodoOrder
from todo_gql.graphql.service_info import ServiceInfo
from todo_gql.graphql.stats import TodoStats
from todo_gql.graphql.types import Node, Todo, TodoConnection, sync_token_of_connection
from todo_gql.graphql.viewer import Viewer
from todo_gql.todos import model, queries
from todo_gql.todos.model import SyncToken
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.queries import TodoOrderField

_OLDEST_FIRST: Final = TodoOrder(field=TodoOrderField.CREATED_AT, direction=OrderDirection.ASC)


@strawberry.type(description="Roots that can fail are nullable, so that one failing field leaves the others' answers.")
class Query:
    """The queries."""

    @strawberry.field(description="Any object by its id. Null when it is unknown, trashed or not the caller's.")
    async def node(self, info: ContextInfo, id: ID) -> Node | None:
        """Find an object."""
        return _present(await info.context.loaders.todo.load(id), info)

    @strawberry.field(description="In the order asked for; null where unknown. At most 100 ids.")
    async def nodes(self, info: ContextInfo, ids: list[ID]) -> list[Node | None]:
        """Find several objects."""
        most = info.context.service.limits.max_page_size
        if len(ids) > most:
            raise BadArgument(f"At most {most} ids can be asked for at once.")
        found = await info.context.loaders.todo.load_many(ids)
        return [_present(todo, info) for todo in info.context.budget.spend(found)]

    @strawberry.field
    async def todo(self, info: ContextInfo, id: ID, trashed: bool = False) -> Todo | None:
        """Find a todo."""
        if trashed:
            return _present(await info.context.todos.find(id, trashed=True), info)
        return _present(await info.context.loaders.todo.load(id), info)

    @strawberry.field(
        description="The caller's todos; trashed ones only with `filter: {trashed: true}`. "
        "50 a page unless `first` or `last` says otherwise; at most 100."
    )
    async def todos(
        self,
        info: ContextInfo,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        filter: TodoFilter | None = UNSET,
        order_by: TodoOrder = _OLDEST_FIRST,
    ) -> TodoConnection | None:
        """Page through todos."""
        request = page_request(first=first, after=after, last=last, before=before)
        todo_filter = _filter(filter)
        token = await sync_token_of_connection(info)
        page = await info.context.todos.page(request, todo_filter=todo_filter, order=order_by.to_domain())
        return TodoConnection(page=page, todo_filter=todo_filter, token=token)

    @strawberry.field(
        description="What can be done now: open todos none of whose dependencies is still open, "
        "most urgent first (priority, then due, then age)."
    )
    async def next_todos(
        self, info: ContextInfo, first: int = 20, filter: TodoFilter | None = UNSET
    ) -> list[Todo] | None:
        """List what nothing stands in the way of."""
        found = await info.context.todos.next(first, _filter(filter))
        return [Todo.of(todo, info.context.now) for todo in info.context.budget.spend(found)]

    @strawberry.field(description="Counts; each one is computed only when it is selected.")
    def todo_stats(self, filter: TodoFilter | None = UNSET) -> TodoStats | None:
        """Count todos."""
        return TodoStats(todo_filter=_filter(filter))

    @strawberry.field(
        description="What changed after `since`; without `since`, a paged snapshot of everything. "
        "The token also resumes `Subscription.todoEvents`."
    )
    async def changes(self, info: ContextInfo, since: SyncToken | None = UNSET, first: int = 100) -> ChangeSet | None:
        """Read the present state of what changed."""
        return ChangeSet.of(await info.context.todos.log.changes(or_none(since), first), info.context)

    @strawberry.field(description="The caller; null when anonymous.")
    def viewer(self, info: ContextInfo) -> Viewer | None:
        """Say who is asking."""
        return Viewer.of(info.context.caller)

    @strawberry.field
    def service(self, info: ContextInfo) -> ServiceInfo:
        """Say what this service is."""
        return info.context.service


def _present(todo: model.Todo | None, info: ContextInfo) -> Todo | None:
    return None if todo is None else Todo.of(todo, info.context.now)


def _filter(given: TodoFilter | None) -> queries.TodoFilter:
    return given.to_domain() if given else queries.TodoFilter()
