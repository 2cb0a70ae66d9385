"""What resolvers are given: one context for each request."""

from dataclasses import dataclass
from datetime import datetime

from strawberry.types import Info

from todo_gql.graphql.loaders import Loaders
from todo_gql.graphql.object_budget import ObjectBudget
from todo_gql.graphql.service_info import ServiceInfo
from todo_gql.todos.model import Caller
from todo_gql.todos.service import Todos


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The caller and their todos, the loaders over them, how many may be answered, and the time of the request."""

    caller: Caller
    todos: Todos
    loaders: Loaders
    budget: ObjectBudget
    now: datetime
    service: ServiceInfo


type ContextInfo = Info[Context, None]
