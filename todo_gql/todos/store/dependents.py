"""Statements on what waits for several todos at once: their dependents, paged and counted."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import todo_dependencies, todos
from todo_gql.todos.model import Owner, Todo, TodoId
from todo_gql.todos.paging import Page, SortKey, Window
from todo_gql.todos.queries import TodoOrder
from todo_gql.todos.store.keyset import (
    UNBOUNDED,
    between,
    beyond,
    key_values,
    ordering,
    page_of,
    window_shape,
    window_values,
    written,
)
from todo_gql.todos.store.rows import COLUMNS, is_one_of, todo_of

_edges = todo_dependencies.c
_KEPT_STATEMENTS: Final = 32

_IS_DEPENDENT: Final = sa.and_(todos.c.owner == _edges.owner, todos.c.id == _edges.todo_id)


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
    for row in await connection.execute(_dependents(order, window_shape(window), connection.dialect.name), values):
        found[TodoId(row.depends_on_id)].append(todo_of(row))
    return {todo_id: page_of(rows, order, window) for todo_id, rows in found.items()}


async def dependent_counts(connection: Connection, owner: Owner, todo_ids: Sequence[TodoId]) -> Mapping[TodoId, int]:
    """Count the live dependents of several todos in one statement."""
    rows = await connection.execute(_counts(connection.dialect.name), {"owner": owner, "ids": todo_ids})
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
    statement = _dependents_beyond(order, connection.dialect.name, forward=forward)
    return frozenset(await connection.scalars(statement, values))


@lru_cache(_KEPT_STATEMENTS)
def _dependents(order: TodoOrder, shape: Window, dialect: str) -> sa.Executable:
    sorting = ordering(todos, order, backward=shape.backward)
    number = sa.func.row_number().over(partition_by=_edges.depends_on_id, order_by=sorting).label("number")
    numbered = (
        sa.select(_edges.depends_on_id, number, *COLUMNS)
        .join(todos, _IS_DEPENDENT)
        .where(*_are_live(dialect), *between(order, shape))
        .subquery()
    )
    return (
        sa.select(numbered)
        .where(numbered.c.number <= written(shape.size + 1))
        .order_by(numbered.c.depends_on_id, numbered.c.number)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


@lru_cache(_KEPT_STATEMENTS)
def _dependents_beyond(order: TodoOrder, dialect: str, *, forward: bool) -> sa.Executable:
    is_there = beyond(order, "key", forward=forward, inclusive=True)
    return sa.select(_edges.depends_on_id).distinct().join(todos, _IS_DEPENDENT).where(*_are_live(dialect), is_there)


@cache
def _counts(dialect: str) -> sa.Executable:
    return (
        sa.select(_edges.depends_on_id, sa.func.count())
        .join(todos, _IS_DEPENDENT)
        .where(*_are_live(dialect))
        .group_by(_edges.depends_on_id)
    )


def _are_live(dialect: str) -> tuple[sa.ColumnElement[bool], ...]:
    its_owner = _edges.owner == sa.bindparam("owner")
    return its_owner, is_one_of(_edges.depends_on_id, "ids", dialect), todos.c.trashed_at.is_(None)
