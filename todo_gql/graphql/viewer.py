"""Who asks, as the schema shows it."""

from typing import Self

import strawberry
from strawberry import ID

from todo_gql.todos.model import Caller


@strawberry.type
class Viewer:
    """The caller."""

    id: ID
    name: str | None
    scopes: list[str]

    @classmethod
    def of(cls, caller: Caller) -> Self | None:
        """Present a caller; None is nobody in particular."""
        if caller.actor is None:
            return None
        return cls(id=ID(caller.actor), name=caller.name, scopes=sorted(caller.scopes))
