"""Makes the context of each execution."""

from collections.abc import Callable
from datetime import datetime

from todo_gql.graphql.context import Context
from todo_gql.graphql.loaders import Loaders
from todo_gql.graphql.object_budget import ObjectBudget
from todo_gql.graphql.service_info import ServiceInfo
from todo_gql.todos.model import Caller
from todo_gql.todos.service import Todos


class Contexts:
    """Gives resolvers what they need of the service, on behalf of a caller."""

    def __init__(
        self, todos_for: Callable[[Caller], Todos], *, clock: Callable[[], datetime], service: ServiceInfo
    ) -> None:
        self._todos_for = todos_for
        self._clock = clock
        self._service = service

    def make(self, caller: Caller, *, answers: int = 1) -> Context:
        """Make a context, for one answer or for several that share its loaders."""
        todos = self._todos_for(caller)
        budget = ObjectBudget(answers * self._service.limits.max_objects)
        return Context(
            caller=caller,
            todos=todos,
            loaders=Loaders(todos, budget),
            budget=budget,
            now=self._clock(),
            service=self._service,
        )
