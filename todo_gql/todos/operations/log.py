"""The change log as one unit of work writes it."""

from collections.abc import Sequence

from todo_gql.database import Connection
from todo_gql.todos.model import Caller, ChangeKind, SyncToken, Todo
from todo_gql.todos.store import changes, creation, log
from todo_gql.todos.sync import At, Cut, write_token


class Log:
    """Appends to the change log, and remembers the cut from which nothing after this unit of work is missed."""

    def __init__(self, connection: Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller
        self._cut: Cut | None = None

    async def append(self, todo: Todo, kind: ChangeKind, changed_fields: Sequence[str]) -> None:
        """Write down what was just made of the todo."""
        self._cut = await changes.append(self._connection, self._caller, todo, kind, changed_fields)

    async def create(self, todo: Todo, input_hash: bytes | None, fields: Sequence[str]) -> bool:
        """Insert a todo and write that down; False when the owner has one with this id already."""
        cut = await creation.insert(self._connection, self._caller, todo, input_hash, fields)
        self._cut = cut or self._cut
        return cut is not None

    async def token(self) -> SyncToken:
        """Say from where on nothing is missed: after what was appended, or now if nothing was.

        Asked for before a todo is read that is not locked, and after one is that is.
        """
        if self._cut is None:
            self._cut = await log.cut_now(self._connection)
        return write_token(At(self._cut))
