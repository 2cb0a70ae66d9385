"""Read everything for an export, as it is at one moment, a batch at a time."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final

from todo_gql.database import Connection, Database
from todo_gql.todos.archive.lines import ArchivedDependencies, ArchivedTodo, Line
from todo_gql.todos.model import Owner, TodoId
from todo_gql.todos.store import archive as store

BATCH: Final = 500

type _Read = Callable[[Connection, Owner, TodoId | None, int], Awaitable[Sequence[ArchivedTodo | ArchivedDependencies]]]
_SECTIONS: Final[tuple[_Read, ...]] = (store.todos_of, store.dependencies_of)


async def export(database: Database, *, batch: int = BATCH) -> AsyncGenerator[Sequence[Line]]:
    """Give every line of an export, in order, so many at a time; to be closed by who does not take them all.

    Raises:
        DatabaseUnavailable: the database cannot answer now, or has lost the connection.
    """
    # Loops, and no generators in this one: what would close those, asyncio, does so when the connection is gone.
    async with database.snapshot() as connection:
        yield [await store.read_head(connection)]
        for read in _SECTIONS:
            last_owner = None
            while owners := await store.owners(connection, last_owner, batch):
                for owner in owners:
                    last_id = None
                    while lines := await read(connection, owner, last_id, batch):
                        yield lines
                        _, last_id = lines[-1].key
                last_owner = owners[-1]
