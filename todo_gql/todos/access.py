"""The rule of who may do what: both faces keep it, because the core does."""

from todo_gql.todos.model import AccessScope, Caller
from todo_gql.todos.problems import Forbidden


def require(caller: Caller, scope: AccessScope) -> None:
    """Raise Forbidden unless the caller has the scope.

    Reading is whatever finds todos: by id, in lists, counts and changes, or as events. What a write answers, and what
    hangs together with that, is its answer, and needs no scope of its own.
    """
    if scope not in caller.scopes:
        raise Forbidden(scope)
