"""Statements on the graph of dependencies. A dependency in the trash keeps its place there, but is not listed."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import todo_dependencies, todos
from todo_gql.todos.model import Owner, Todo, TodoId
from todo_gql.todos.store.filters import IS_BLOCKED
from todo_gql.todos.store.keyset import UNBOUNDED
from todo_gql.todos.store.rows import COLUMNS, UNFINISHED_STATUSES, is_one_of, todo_of

_edges = todo_dependencies.c
_IS_DEPENDENCY = sa.and_(todos.c.owner == _edges.owner, todos.c.id == _edges.depends_on_id)

_IN_ORDER = (_edges.todo_id, _edges.position)


async def lock_graph(connection: Connection, owner: Owner) -> None:
    """Let no one else add a dependency to the owner's todos until the transaction ends.

    Two transactions that each add half of a cycle see only their own half, so they must not overlap.
    On SQLite, writers never do.
    """
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtextextended("todo_gql dependencies of " + owner, 0)
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def dependencies(
    connection: Connection, owner: Owner, todo_ids: Sequence[TodoId], *, most: int | None = None
) -> Mapping[TodoId, tuple[Todo, ...]]:
    """Select the live dependencies of several todos, each in the order in which they were added; `most` in all."""
    found: dict[TodoId, list[Todo]] = {todo_id: [] for todo_id in todo_ids}
    for row in await connection.execute(
        _dependencies(connection.dialect.name),
        {"owner": owner, "ids": todo_ids, "most": UNBOUNDED if most is None else most},
    ):
        found[TodoId(row.todo_id)].append(todo_of(row))
    return {todo_id: tuple(rows) for todo_id, rows in found.items()}


async def dependency_ids(
    connection: Connection, owner: Owner, todo_ids: Sequence[TodoId]
) -> Mapping[TodoId, tuple[TodoId, ...]]:
    """Select the ids of what `dependencies` selects."""
    found: dict[TodoId, list[TodoId]] = {todo_id: [] for todo_id in todo_ids}
    statement = _dependency_ids(connection.dialect.name)
    for todo_id, depends_on_id in await connection.execute(statement, {"owner": owner, "ids": todo_ids}):
        found[TodoId(todo_id)].append(TodoId(depends_on_id))
    return {todo_id: tuple(ids) for todo_id, ids in found.items()}


async def blocked(connection: Connection, owner: Owner, todo_ids: Sequence[TodoId]) -> frozenset[TodoId]:
    """Say which of these are unfinished while a dependency of theirs is."""
    return frozenset(await connection.scalars(_blocked(connection.dialect.name), {"owner": owner, "ids": todo_ids}))


async def positions(connection: Connection, owner: Owner, todo_id: TodoId) -> Mapping[TodoId, tuple[int, bool]]:
    """Give each dependency's position and whether it is live, those in the trash included, in order."""
    statement = (
        sa.select(_edges.depends_on_id, _edges.position, todos.c.trashed_at.is_(None))
        .join(todos, _IS_DEPENDENCY)
        .where(_edges.owner == owner, _edges.todo_id == todo_id)
        .order_by(_edges.position)
    )
    rows = await connection.execute(statement)
    return {TodoId(depends_on_id): (position, bool(is_live)) for depends_on_id, position, is_live in rows}


async def add(
    connection: Connection, owner: Owner, todo_id: TodoId, added: Sequence[TodoId], first_position: int
) -> None:
    """Add dependencies, in this order, from `first_position` on."""
    rows = [
        {"owner": owner, "todo_id": todo_id, "depends_on_id": depends_on_id, "position": position}
        for position, depends_on_id in enumerate(added, start=first_position)
    ]
    await connection.execute(sa.insert(todo_dependencies), rows)


async def remove(connection: Connection, owner: Owner, todo_id: TodoId, removed: Sequence[TodoId]) -> None:
    """Remove dependencies."""
    await connection.execute(
        sa.delete(todo_dependencies).where(
            _edges.owner == owner, _edges.todo_id == todo_id, _edges.depends_on_id.in_(removed)
        )
    )


async def reaches(connection: Connection, owner: Owner, sources: Sequence[TodoId], target: TodoId) -> bool:
    """Say whether the target is one of the sources, or one of them depends on it, however indirectly."""
    reachable = _reachable(connection, owner, sources)
    return bool(await connection.scalar(sa.select(sa.exists().where(reachable.c.id == target))))


async def is_depended_on(connection: Connection, owner: Owner, todo_ids: Sequence[TodoId]) -> bool:
    """Say whether anything depends on any of these."""
    statement = _are_depended_on(connection.dialect.name)
    return bool(await connection.scalar(statement, {"owner": owner, "ids": todo_ids}))


async def reachable_edges(
    connection: Connection, owner: Owner, sources: Sequence[TodoId]
) -> Mapping[TodoId, Sequence[TodoId]]:
    """Select every dependency of the sources and of whatever they depend on, however indirectly."""
    reachable = _reachable(connection, owner, sources)
    statement = (
        sa.select(_edges.todo_id, _edges.depends_on_id)
        .join(reachable, reachable.c.id == _edges.todo_id)
        .where(_edges.owner == owner)
        .order_by(_edges.todo_id, _edges.position)
    )
    return _by_todo(await connection.execute(statement))


async def unfinished_edges(connection: Connection, owner: Owner, todo_id: TodoId) -> Mapping[TodoId, Sequence[TodoId]]:
    """Select the todo's live and unfinished dependencies, theirs, and so on, by the todo that has them."""
    unfinished = (
        sa.select(_edges.todo_id, _edges.depends_on_id, _edges.position)
        .join(todos, _IS_DEPENDENCY)
        .where(
            _edges.owner == owner,
            todos.c.trashed_at.is_(None),
            todos.c.status.in_(UNFINISHED_STATUSES),
        )
    )
    found = unfinished.where(_edges.todo_id == todo_id).cte("found", recursive=True)
    found = found.union(unfinished.join(found, found.c.depends_on_id == _edges.todo_id))
    statement = sa.select(found.c.todo_id, found.c.depends_on_id).order_by(found.c.todo_id, found.c.position)
    return _by_todo(await connection.execute(statement))


@cache
def _dependencies(dialect: str) -> sa.Executable:
    return (
        sa.select(_edges.todo_id, *COLUMNS)
        .join(todos, _IS_DEPENDENCY)
        .where(*_are_live(dialect))
        .order_by(*_IN_ORDER)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


@cache
def _dependency_ids(dialect: str) -> sa.Executable:
    listed = sa.select(_edges.todo_id, _edges.depends_on_id).join(todos, _IS_DEPENDENCY)
    return listed.where(*_are_live(dialect)).order_by(*_IN_ORDER)


@cache
def _blocked(dialect: str) -> sa.Executable:
    are_meant = (todos.c.owner == sa.bindparam("owner"), is_one_of(todos.c.id, "ids", dialect))
    return sa.select(todos.c.id).where(*are_meant, IS_BLOCKED)


@cache
def _are_depended_on(dialect: str) -> sa.Executable:
    its_owner = _edges.owner == sa.bindparam("owner")
    return sa.select(sa.exists().where(its_owner, is_one_of(_edges.depends_on_id, "ids", dialect)))


def _are_live(dialect: str) -> tuple[sa.ColumnElement[bool], ...]:
    its_owner = _edges.owner == sa.bindparam("owner")
    return its_owner, is_one_of(_edges.todo_id, "ids", dialect), todos.c.trashed_at.is_(None)


def _reachable(connection: Connection, owner: Owner, sources: Sequence[TodoId]) -> sa.CTE:
    # UNION, not UNION ALL: each todo is visited once, however many ways lead to it.
    start = sa.select(todos.c.id).where(todos.c.owner == owner, todos.c.id.in_(sources))
    reachable = start.cte("reachable", recursive=True)
    following = sa.select(_edges.depends_on_id).where(_edges.owner == owner, _edges.todo_id == reachable.c.id)
    if connection.dialect.name == "sqlite":
        return reachable.union(following)
    # From many sources PostgreSQL would read the dependencies of all owners at each step: from 500, among 115,000, for
    # longer than the 4 s that a statement has. OFFSET makes it look each up by the index, which takes 0.06 s.
    each = following.correlate(reachable).offset(sa.literal_column("0")).lateral()
    return reachable.union(sa.select(each.c.depends_on_id).select_from(reachable.join(each, sa.true())))


def _by_todo(rows: Iterable[Any]) -> Mapping[TodoId, Sequence[TodoId]]:
    edges: dict[TodoId, list[TodoId]] = {}
    for todo_id, depends_on_id in rows:
        edges.setdefault(TodoId(todo_id), []).append(TodoId(depends_on_id))
    return edges
