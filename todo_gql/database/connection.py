"""What a unit of work is given of the database: a connection that runs statements of SQLAlchemy Core."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from typing import Any, Protocol

from sqlalchemy import Dialect, Executable

type Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Rows(Protocol):
    """What a statement gave; each row is a tuple whose members also have the names of the columns."""

    def __iter__(self) -> Iterator[Any]:
        """Give each row."""

    def all(self) -> Sequence[Any]:
        """Give all rows."""

    def first(self) -> Any | None:
        """Give the first row, if any."""

    def one(self) -> Any:
        """Give the only row. Raises NoResultFound and MultipleResultsFound."""

    def one_or_none(self) -> Any | None:
        """Give the only row, if any. Raises MultipleResultsFound."""

    def scalar_one(self) -> Any:
        """Give the first column of the only row. Raises NoResultFound and MultipleResultsFound."""


class Connection(Protocol):
    """Runs statements one after another, within a transaction or each by itself."""

    @property
    def dialect(self) -> Dialect:
        """Say which SQL is spoken."""

    async def execute(self, statement: Executable, parameters: Parameters | None = None, /) -> Rows:
        """Run a statement; with a list of parameters once for each of them, without rows."""

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None, /) -> Any:
        """Give the first column of the first row, None where there is none."""

    async def scalars(self, statement: Executable, parameters: Mapping[str, Any] | None = None, /) -> Iterable[Any]:
        """Give the first column of each row."""

    def begin_nested(self) -> AbstractAsyncContextManager[Any]:
        """Undo what is done within, and nothing else, when it raises."""


type Work[T] = Callable[[Connection], Awaitable[T]]


class Units(Protocol):
    """Runs units of work, each once and on a connection of its own."""

    async def read[T](self, work: Work[T], /) -> T:
        """Run work each of whose statements stands for itself. Raises DatabaseUnavailable."""

    async def write[T](self, work: Work[T], /) -> T:
        """Run work in a transaction. Raises DatabaseUnavailable and OutcomeUnknown."""

    def snapshot(self) -> AbstractAsyncContextManager[Connection]:
        """Give a connection that reads, all of whose statements see one moment. Raises DatabaseUnavailable."""


Watch = Callable[[str], AbstractContextManager[object]]
"""Encloses the running of a statement that SQLAlchemy's own connections know nothing of."""


def unwatched(_text: str) -> AbstractContextManager[object]:
    """Look away."""
    return nullcontext()
