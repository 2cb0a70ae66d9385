"""One thing that Bob tries with what is Alice's."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.owners.askers import Alice, Asker

Act = Callable[[Asker, Alice], Awaitable[str]]

INSERTED = "an insertion is under his own name"
NOT_READ = "no row is read"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What he asks for, what of hers he asks with, and what comes of it.

    Args:
        covers: Coordinates of the schema, or methods and paths of REST, that it is about.
        act: Tries it, and says what came of it.
        result: What is to come of it.
        stands_alone: Why that is so without any guard in the database too; None: it is not.
        she_writes: Whether Alice changes something meanwhile.
    """

    operation: str
    of_hers: str
    covers: frozenset[str]
    act: Act
    result: str
    stands_alone: str | None = None
    she_writes: bool = False

    @property
    def name(self) -> str:
        return f"{self.operation}: {self.of_hers}"


def show(value: Any) -> str:
    """Say in a few words what was answered: types of objects, titles of todos, numbers."""
    match value:
        case None:
            return "null"
        case {"__typename": str(name), "results": [*results]}:
            return f"{name} {show(results)}"
        case {"__typename": str(name)}:
            return name
        case {"title": str(title)}:
            return title
        case dict():
            return ", ".join(f"{name} {show(each)}" for name, each in value.items())
        case list():
            return f"[{', '.join(map(show, value))}]"
        case _:
            return str(value)
