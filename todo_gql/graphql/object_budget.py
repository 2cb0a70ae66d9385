"""How many todos one answer may hold: nested lists multiply, and what is stored decides by how much."""

from collections.abc import Sequence


class TooManyObjects(Exception):
    """An operation would resolve more objects than it may; the message says what to do."""

    def __init__(self, maximum: int) -> None:
        super().__init__(
            f"The answer would hold more than {maximum} todos: ask for smaller pages, or for fewer levels."
        )
        self.maximum = maximum


class ObjectBudget:
    """What is left of the objects that one operation may resolve; once they were too many, it stays spent."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self.left = maximum

    def spend[T](self, objects: Sequence[T]) -> Sequence[T]:
        """Give objects back that are about to be resolved, counted. Raises TooManyObjects."""
        if len(objects) > self.left:
            raise self.exceed()
        self.left -= len(objects)
        return objects

    def exceed(self) -> TooManyObjects:
        """Spend what is left, and give the exception that says so."""
        self.left = 0
        return TooManyObjects(self._maximum)
