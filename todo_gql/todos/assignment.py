"""Give all that belongs to one owner to another: what was made before there were owners, or under another issuer."""

from dataclasses import dataclass
from datetime import datetime

from todo_gql.database import Connection, Database
from todo_gql.todos.model import Owner, TodoId
from todo_gql.todos.store import assignment as store
from todo_gql.todos.store.changes import notify
from todo_gql.todos.store.dependencies import lock_graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """How much was given away."""

    todos: int
    dependencies: int
    keys: int


class SharedId(Exception):
    """Both owners have a todo under one id, where there can be only one: nothing was given away."""

    def __init__(self, todo_id: TodoId) -> None:
        super().__init__(f"Both have a todo with the id {todo_id}.")
        self.todo_id = todo_id


async def assign(database: Database, owner: Owner, other: Owner, now: datetime, *, dry_run: bool = False) -> Assigned:
    """Give an owner's todos to another, with dependencies, history and idempotency keys; all of it or nothing.

    Who follows the log as the owner is told that the todos are gone for good, and who follows it as the other that
    they are there: a copy that either keeps is right again once it has read on from the token that it has.

    Args:
        database: With time for as long as it takes: dependencies lead anywhere, so that it cannot be done in parts.
        owner: Whose todos they are; no one's while authentication is off.
        other: Whose they will be.
        now: When it happens, for the log.
        dry_run: Count what would be given away, and find out whether it can be.

    Raises:
        SharedId: both have a todo under the same id.
        DatabaseUnavailable: the database cannot answer now, or others wrote to these todos; nothing has changed.
    """

    async def work(connection: Connection) -> Assigned:
        await store.see_one_moment(connection)
        # In an order of their own: two who exchange todos would wait for each other.
        for each in sorted((owner, other)):
            await lock_graph(connection, each)
        for todo_id in await store.shared_ids(connection, owner, other, 1):
            raise SharedId(todo_id)
        todos, dependencies, keys = await store.count(connection, owner)
        if not dry_run:
            await store.move_history(connection, owner, other)
            await store.tell(connection, owner, other, now)
            await store.move_todos(connection, owner, other)
            await store.move_keys(connection, owner, other)
            await notify(connection)
        return Assigned(todos=todos, dependencies=dependencies, keys=keys)

    return await database.write(work)
