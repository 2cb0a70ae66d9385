"""What a unit of work is given of the database: a connection that runs statements of SQLAlchemy Core."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any, Protocol

from sqlalchemy import Dialect, Executable
from sqlalchemy.exc import MultipleResultsFound, NoResultFound

from todo_gql.database.compiled import Compiler

type Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]

Watch = Callable[[str], AbstractContextManager[object]]
"""Encloses the running of a statement that SQLAlchemy's own connections know nothing of."""


def unwatched(_text: str) -> AbstractContextManager[object]:
    """Look away."""
    return nullcontext()


class Rows:
    """What a statement gave; each row is a tuple whose members also have the names of the columns."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        """Give each row."""
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Give all rows."""
        return self._rows

    def first(self) -> Any | None:
        """Give the first row, if any."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """Give the only row. Raises NoResultFound and MultipleResultsFound."""
        if not self._rows:
            raise NoResultFound("The statement gave no row.")
        return self.one_or_none()

    def one_or_none(self) -> Any | None:
        """Give the only row, if any. Raises MultipleResultsFound."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("The statement gave several rows.")
        return self.first()

    def scalar_one(self) -> Any:
        """Give the first column of the only row. Raises NoResultFound and MultipleResultsFound."""
        return self.one()[0]


class Connection(ABC):
    """Runs statements one after another on a driver itself, within a transaction or each alone.

    What SQLAlchemy's asynchronous layer puts around a statement takes ten times as long as a driver. SQLAlchemy still
    makes the statements, compiles them and owns the connections.
    """

    def __init__(self, dialect: Dialect, compiler: Compiler, watch: Watch) -> None:
        self.dialect = dialect
        self._compiler = compiler
        self._watch = watch

    async def execute(self, statement: Executable, parameters: Parameters | None = None, /) -> Rows:
        """Run a statement; with a list of parameters once for each of them, without rows."""
        if isinstance(parameters, Sequence):
            all_ready = self._compiler.ready_to_repeat(statement, parameters)
            with self._watch(all_ready[0].text):
                await self._repeat(all_ready[0].text, [ready.values for ready in all_ready])
            return Rows([])
        ready = self._compiler.ready(statement, parameters)
        with self._watch(ready.text):
            records = await self._fetch(ready.text, ready.values)
        return Rows(list(map(ready.make_row, records)))

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None, /) -> Any:
        """Give the first column of the first row, None where there is none."""
        row = (await self.execute(statement, parameters)).first()
        return None if row is None else row[0]

    async def scalars(self, statement: Executable, parameters: Mapping[str, Any] | None = None, /) -> Iterable[Any]:
        """Give the first column of each row."""
        return [row[0] for row in await self.execute(statement, parameters)]

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        """Undo what is done within, and nothing else, when it raises."""
        await self._control("SAVEPOINT nested")
        try:
            yield
        except Exception:
            if self._has_transaction():
                await self._control("ROLLBACK TO nested")
            raise
        await self._control("RELEASE nested")

    @abstractmethod
    async def _fetch(self, text: str, values: Sequence[Any]) -> Iterable[Any]:
        """Run a statement, and give its records."""

    @abstractmethod
    async def _repeat(self, text: str, values: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each row of values."""

    @abstractmethod
    async def _control(self, text: str) -> None:
        """Run a statement about the transaction."""

    @abstractmethod
    def _has_transaction(self) -> bool:
        """Say whether the transaction is still there after a failure."""


type Work[T] = Callable[[Connection], Awaitable[T]]


class Units(Protocol):
    """Runs units of work, each once and on a connection of its own."""

    def of(self, owner: str, /) -> "Units":
        """Give the same for an owner, from whom the database itself keeps what is not theirs, where it can."""

    async def read[T](self, work: Work[T], /, *, plan_anew: bool) -> T:
        """Run work each of whose statements stands for itself, and is planned for its values alone where that is asked.

        Raises DatabaseUnavailable.
        """

    async def write[T](self, work: Work[T], /, *, alone: bool) -> T:
        """Run work in a transaction, which its only change can be by itself where that is `alone`.

        Raises DatabaseUnavailable and OutcomeUnknown.
        """

    def snapshot(self) -> AbstractAsyncContextManager[Connection]:
        """Give a connection that reads, all of whose statements see one moment. Raises DatabaseUnavailable."""
