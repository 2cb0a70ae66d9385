"""Statements that read everything there is for an export, of all owners, and put it in from one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import todo_changes, todo_dependencies, todos
from todo_gql.todos.archive.lines import ArchivedDependencies, ArchivedTodo, Head
from todo_gql.todos.model import ChangeKind, Owner, TodoId
from todo_gql.todos.store import todos as todo_store
from todo_gql.todos.store.changes import notify
from todo_gql.todos.store.rows import COLUMNS, todo_of, values_of

Key = tuple[Owner, TodoId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What tells a todo that is there from another one with its id."""

    version: int
    created_at: datetime

    def is_of(self, line: ArchivedDependencies) -> bool:
        """Say whether it is the todo that the line is about, or has come of it."""
        return self.created_at == line.created_at and self.version >= line.version


_edges = todo_dependencies.c
# What an import may have set: whoever has an earlier version is told that all of it may be another.
_IMPORTED_FIELDS = ("title", "description", "status", "priority", "due")


async def read_head(connection: Connection) -> Head:
    """Count what there is."""
    counts = sa.select(
        sa.select(sa.func.count()).select_from(todos).scalar_subquery(),
        sa.select(sa.func.count()).select_from(todo_dependencies).scalar_subquery(),
    )
    todo_count, dependency_count = (await connection.execute(counts)).one()
    return Head(todos=todo_count, dependencies=dependency_count)


async def owners(connection: Connection, after: Owner | None, limit: int) -> list[Owner]:
    """Select who has todos, in the order of code points, whatever order the database has for texts."""
    owner: sa.ColumnElement[str] = todos.c.owner
    if connection.dialect.name == "postgresql":
        owner = sa.collate(owner, "C")
    statement = sa.select(todos.c.owner).group_by(todos.c.owner).order_by(owner).limit(limit)
    if after is not None:
        statement = statement.where(owner > after)
    return [Owner(found) for found in await connection.scalars(statement)]


async def todos_of(connection: Connection, owner: Owner, after: TodoId | None, limit: int) -> list[ArchivedTodo]:
    """Select an owner's todos, live or trashed, in the order of their ids."""
    statement = sa.select(*COLUMNS, todos.c.input_hash).where(todos.c.owner == owner)
    if after is not None:
        statement = statement.where(todos.c.id > after)
    return [_archived(owner, row) for row in await connection.execute(statement.order_by(todos.c.id).limit(limit))]


async def dependencies_of(
    connection: Connection, owner: Owner, after: TodoId | None, limit: int
) -> list[ArchivedDependencies]:
    """Select what an owner's todos depend on, in the order of their ids; those that depend on nothing are left out."""
    depending = sa.select(_edges.todo_id).distinct().where(_edges.owner == owner)
    if after is not None:
        depending = depending.where(_edges.todo_id > after)
    statement = (
        sa.select(_edges.todo_id, _edges.depends_on_id, todos.c.version, todos.c.created_at)
        .join(todos, sa.and_(todos.c.owner == _edges.owner, todos.c.id == _edges.todo_id))
        .where(_edges.owner == owner, _edges.todo_id.in_(depending.order_by(_edges.todo_id).limit(limit)))
        .order_by(_edges.todo_id, _edges.position, _edges.depends_on_id)
    )
    rows = (await connection.execute(statement)).all()
    return [
        ArchivedDependencies(
            owner=owner,
            todo_id=todo_id,
            created_at=created_at,
            version=version,
            depends_on=tuple(row.depends_on_id for row in of_todo),
        )
        for (todo_id, created_at, version), of_todo in groupby(
            rows, lambda row: (TodoId(row.todo_id), row.created_at, row.version)
        )
    ]


async def insert_todos(connection: Connection, lines: Sequence[ArchivedTodo]) -> set[Key]:
    """Insert those that are not there yet, and say which."""
    if connection.dialect.name == "postgresql":
        # Anyone may insert the same meanwhile: only each insertion itself tells.
        return {
            line.key for line in lines if await todo_store.insert(connection, line.owner, line.todo, line.input_hash)
        }
    there = await find_todos(connection, [line.key for line in lines])
    new = [line for line in lines if line.key not in there]
    if new:
        # All at once: 20,000 take 10 s so, and 37 s one after the other.
        rows = [{"owner": line.owner, "input_hash": line.input_hash, **values_of(line.todo)} for line in new]
        await connection.execute(sa.insert(todos), rows)
    return {line.key for line in new}


async def find_todos(connection: Connection, keys: Collection[Key]) -> Mapping[Key, ArchivedTodo]:
    """Find todos of several owners, live or trashed, as an export shows them."""
    found: dict[Key, ArchivedTodo] = {}
    for owner, ids in _by_owner(keys).items():
        statement = sa.select(*COLUMNS, todos.c.input_hash).where(todos.c.owner == owner, todos.c.id.in_(ids))
        found |= {line.key: line for row in await connection.execute(statement) for line in (_archived(owner, row),)}
    return found


async def keep_known(connection: Connection, keys: Collection[Key]) -> Mapping[Key, Known]:
    """Find todos of several owners, and keep them from being purged until the transaction ends."""
    found: dict[Key, Known] = {}
    for owner, ids in _by_owner(keys).items():
        columns = (todos.c.id, todos.c.version, todos.c.created_at)
        statement = sa.select(*columns).where(todos.c.owner == owner, todos.c.id.in_(ids)).order_by(todos.c.id)
        for row in await connection.execute(statement.with_for_update(read=True, key_share=True)):
            found[owner, TodoId(row.id)] = Known(version=row.version, created_at=row.created_at)
    return found


async def dependency_changes(connection: Connection, keys: Collection[Key]) -> Mapping[Key, int]:
    """Give the last version of each of these todos that changed its dependencies, where the log has one."""
    found: dict[Key, int] = defaultdict(int)
    columns = todo_changes.c
    for owner, ids in _by_owner(keys).items():
        statement = sa.select(columns.todo_id, columns.version, columns.changed_fields).where(
            columns.owner == owner, columns.todo_id.in_(ids)
        )
        for todo_id, version, changed_fields in await connection.execute(statement):
            if "dependencies" in changed_fields:
                key = owner, TodoId(todo_id)
                found[key] = max(found[key], version)
    return found


async def dependencies_of_many(connection: Connection, keys: Collection[Key]) -> Mapping[Key, tuple[TodoId, ...]]:
    """Select what todos of several owners depend on, each in order."""
    found: dict[Key, tuple[TodoId, ...]] = defaultdict(tuple)
    for owner, ids in _by_owner(keys).items():
        statement = sa.select(_edges.todo_id, _edges.depends_on_id).where(
            _edges.owner == owner, _edges.todo_id.in_(ids)
        )
        rows = await connection.execute(statement.order_by(_edges.todo_id, _edges.position, _edges.depends_on_id))
        for todo_id, depends_on_id in rows:
            found[owner, TodoId(todo_id)] += (TodoId(depends_on_id),)
    return found


async def insert_dependencies(connection: Connection, new: Mapping[Key, Sequence[TodoId]]) -> None:
    """Insert all that these todos depend on, which is nothing yet."""
    rows = [
        {"owner": owner, "todo_id": todo_id, "depends_on_id": depends_on_id, "position": position}
        for (owner, todo_id), depends_on in new.items()
        for position, depends_on_id in enumerate(depends_on)
    ]
    if rows:
        await connection.execute(sa.insert(todo_dependencies), rows)


async def tell_todos(connection: Connection, lines: Sequence[ArchivedTodo], now: datetime) -> None:
    """Tell those who follow the log that these todos are there."""
    await _tell(
        connection,
        [
            _change(
                line.key,
                ChangeKind.CREATED if line.todo.trashed_at is None else ChangeKind.TRASHED,
                line.todo.version,
                _IMPORTED_FIELDS if line.todo.trashed_at is None else (*_IMPORTED_FIELDS, "trashedAt"),
                now,
            )
            for line in lines
        ],
    )


async def tell_dependencies(connection: Connection, versions: Mapping[Key, int], now: datetime) -> None:
    """Tell those who follow the log that these todos have their dependencies."""
    await _tell(
        connection,
        [_change(key, ChangeKind.UPDATED, version, ("dependencies",), now) for key, version in versions.items()],
    )


def _archived(owner: Owner, row: Any) -> ArchivedTodo:
    return ArchivedTodo(owner=owner, todo=todo_of(row), input_hash=row.input_hash)


def _by_owner(keys: Collection[Key]) -> Mapping[Owner, list[TodoId]]:
    found: dict[Owner, list[TodoId]] = defaultdict(list)
    for owner, todo_id in keys:
        found[owner].append(todo_id)
    return found


def _change(key: Key, kind: ChangeKind, version: int, changed_fields: Sequence[str], now: datetime) -> dict[str, Any]:
    owner, todo_id = key
    return {
        "owner": owner,
        "todo_id": todo_id,
        "kind": kind.value,
        "version": version,
        "changed_fields": list(changed_fields),
        "at": now,
    }


async def _tell(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await connection.execute(sa.insert(todo_changes), rows)
        await notify(connection)
