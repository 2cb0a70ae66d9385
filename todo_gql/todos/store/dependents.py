"""Statements on what waits for several todos at once: their dependents, paged and counted."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import todo_dependencies, todos
from todo_gql.todos.model import Owner, Todo, TodoId
from todo_gql.todos.paging import Page, SortKey, Window
from todo_gql.todos.queries import TodoOrder
from todo_gql.todos.store.keyset import (
    LIMIT,
    UNBOUNDED,
    between,
    beyond,
    key_values,
    ordering,
    page_of,
    window_shape,
    window_values,
)
from todo_gql.todos.store.rows import COLUMNS, todo_of

_edges = todo_dependencies.c
_KEPT_STATEMENTS: Final = 32

_IS_DEPENDENT: Final = sa.and_(todos.c.owner == _edges.owner, todos.c.id == _edges.todo_id)
_ARE_LIVE: Final = (
    _edges.owner == sa.bindparam("owner"),
    _edges.depends_on_id.in_(sa.bindparam("ids", expanding=True)),
    todos.c.trashed_at.is_(None),
)
_COUNTS: Final = (
    sa.select(_edges.depends_on_id, sa.func.count())
    .join(todos, _IS_DEPENDENT)
    .where(*_ARE_LIVE)
    .group_by(_edges.depends_on_id)
)


async def dependents(
    connection: Connection,
    owner: Owner,
    todo_ids: Sequence[TodoId],
    order: TodoOrder,
    window: Window,
    *,
    most: int | None = None,
) -> Mapping[TodoId, Page]:
    """Select the same page of the live dependents of several todos in one statement; `most` todos in all."""
    values = {
        "owner": owner,
        "ids": todo_ids,
        **window_values(window),
        # Of each list one todo more than is shown tells whether it goes on.
        "most": UNBOUNDED if most is None else most + len(todo_ids),
    }
    found: dict[TodoId, list[Todo]] = {todo_id: [] for todo_id in todo_ids}
    for row in await connection.execute(_dependents(order, window_shape(window)), values):
        found[TodoId(row.depends_on_id)].append(todo_of(row))
    return {todo_id: page_of(rows, order, window) for todo_id, rows in found.items()}


async def dependent_counts(connection: Connection, owner: Owner, todo_ids: Sequence[TodoId]) -> Mapping[TodoId, int]:
    """Count the live dependents of several todos in one statement."""
    rows = await connection.execute(_COUNTS, {"owner": owner, "ids": todo_ids})
    found = {TodoId(todo_id): counted for todo_id, counted in rows}
    return {todo_id: found.get(todo_id, 0) for todo_id in todo_ids}


async def dependents_beyond(
    connection: Connection,
    owner: Owner,
    todo_ids: Sequence[TodoId],
    order: TodoOrder,
    key: SortKey,
    *,
    forward: bool,
) -> frozenset[TodoId]:
    """Say which of several todos have a live dependent at the key or beyond it, in one statement."""
    values = {"owner": owner, "ids": todo_ids, **key_values("key", key)}
    return frozenset(await connection.scalars(_dependents_beyond(order, forward=forward), values))


@lru_cache(_KEPT_STATEMENTS)
def _dependents(order: TodoOrder, shape: Window) -> sa.Executable:
    sorting = ordering(todos, order, backward=shape.backward)
    number = sa.func.row_number().over(partition_by=_edges.depends_on_id, order_by=sorting).label("number")
    numbered = (
        sa.select(_edges.depends_on_id, number, *COLUMNS)
        .join(todos, _IS_DEPENDENT)
        .where(*_ARE_LIVE, *between(order, shape))
        .subquery()
    )
    return (
        sa.select(numbered)
        .where(numbered.c.number <= LIMIT)
        .order_by(numbered.c.depends_on_id, numbered.c.number)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


@lru_cache(_KEPT_STATEMENTS)
def _dependents_beyond(order: TodoOrder, *, forward: bool) -> sa.Executable:
    is_there = beyond(order, "key", forward=forward, inclusive=True)
    return sa.select(_edges.depends_on_id).distinct().join(todos, _IS_DEPENDENT).where(*_ARE_LIVE, is_there)
