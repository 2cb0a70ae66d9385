"""Statements that remove what is beyond retention, a batch at a time."""

from datetime import datetime

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import idempotency_keys, todo_changes, todo_changes_purged, todos
from todo_gql.todos.model import ChangeKind
from todo_gql.todos.store.changes import notify
from todo_gql.todos.store.log import feed_order, transaction_id_column


async def purge_trash(connection: Connection, before: datetime, now: datetime, limit: int) -> int:
    """Remove todos that were trashed before an instant, tell of each in the log, and count them.

    What another transaction has locked is left for the next time.
    """
    due = (
        sa.select(todos.c.owner, todos.c.id)
        .where(todos.c.trashed_at < before)
        .order_by(todos.c.owner, todos.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    keys = [(owner, todo_id) for owner, todo_id in await connection.execute(due)]
    if not keys:
        return 0
    statement = sa.delete(todos).where(sa.tuple_(todos.c.owner, todos.c.id).in_(keys))
    purged = (await connection.execute(statement.returning(todos.c.owner, todos.c.id, todos.c.version))).all()
    rows = [
        {
            "owner": owner,
            "todo_id": todo_id,
            "kind": ChangeKind.PURGED.value,
            "version": version,
            "changed_fields": [],
            "at": now,
        }
        for owner, todo_id, version in purged
    ]
    await connection.execute(sa.insert(todo_changes), rows)
    await notify(connection)
    return len(purged)


async def purge_changes(connection: Connection, before: datetime, limit: int) -> int:
    """Remove changes from before an instant, the oldest first, and count them; who has not seen them is told so."""
    is_sqlite = connection.dialect.name == "sqlite"
    transaction_id = transaction_id_column(is_sqlite=is_sqlite)
    # In the order of an index, and looked at here: no statement searches the log for what is not there.
    oldest = sa.select(todo_changes.c.owner, todo_changes.c.position, todo_changes.c.at, transaction_id)
    oldest = oldest.order_by(*feed_order(is_sqlite=is_sqlite)).limit(limit)
    due = [row for row in await connection.execute(oldest) if row.at < before]
    if not due:
        return 0
    up_to = max(row.transaction_id for row in due)
    # In the same transaction: no reader may find changes gone without finding this.
    purged = todo_changes_purged.c.up_to
    await connection.execute(sa.update(todo_changes_purged).where(purged < up_to).values(up_to=up_to))
    # No position is given twice. A tuple of both would be plainer, and finds nothing on SQLite 3.40.1 when it is one.
    is_due = (
        todo_changes.c.owner.in_({row.owner for row in due}),
        todo_changes.c.position.in_([row.position for row in due]),
    )
    return await _delete(connection, sa.delete(todo_changes).where(*is_due).returning(todo_changes.c.position))


async def purge_keys(connection: Connection, now: datetime, limit: int) -> int:
    """Remove idempotency keys that have expired, and what was answered under them, and count them."""
    keys = idempotency_keys.c
    due = sa.select(keys.owner, keys.key).where(keys.expires_at <= now).order_by(keys.expires_at).limit(limit)
    found = (await connection.execute(due)).all()
    if not found:
        return 0
    # One that was used again meanwhile has not expired any more, and stays.
    is_due = (
        keys.owner.in_({row.owner for row in found}),
        keys.key.in_([row.key for row in found]),
        keys.expires_at <= now,
    )
    return await _delete(connection, sa.delete(idempotency_keys).where(*is_due).returning(keys.key))


async def _delete(connection: Connection, statement: sa.Executable) -> int:
    return len((await connection.execute(statement)).all())
