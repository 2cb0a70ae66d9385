"""Statements on lists of todos: filtered, ordered, paged and counted.

Each is made once for a shape, that is for which conditions there are, and run with the values.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import todos
from todo_gql.todos.model import Owner, Todo
from todo_gql.todos.paging import Page, SortKey, Window
from todo_gql.todos.queries import StatName, TodoFilter, TodoOrder
from todo_gql.todos.store.filters import IS_BLOCKED, IS_OVERDUE, conditions, parameters, shape_of
from todo_gql.todos.store.keyset import (
    between,
    beyond,
    by_urgency,
    key_values,
    ordering,
    page_of,
    window_shape,
    window_values,
    written,
)
from todo_gql.todos.store.rows import COLUMNS, UNFINISHED_STATUSES, todo_of

_KEPT_STATEMENTS: Final = 256
"""How many shapes of each statement are kept ready; there are more, and few are used."""


async def page(
    connection: Connection, owner: Owner, todo_filter: TodoFilter, order: TodoOrder, window: Window, now: datetime
) -> Page:
    """Select one page; a row beyond it tells whether there is more."""
    dialect = connection.dialect.name
    statement = _page(shape_of(todo_filter), order, window_shape(window), dialect)
    values = {**parameters(owner, todo_filter, now, dialect), **window_values(window)}
    return page_of(list(map(todo_of, await connection.execute(statement, values))), order, window)


async def exists_beyond(
    connection: Connection,
    owner: Owner,
    todo_filter: TodoFilter,
    order: TodoOrder,
    key: SortKey,
    now: datetime,
    *,
    forward: bool,
) -> bool:
    """Say whether the whole list holds a todo at the key or beyond it."""
    dialect = connection.dialect.name
    statement = _exists_beyond(shape_of(todo_filter), order, dialect, forward=forward)
    values = {**parameters(owner, todo_filter, now, dialect), **key_values("key", key)}
    return bool(await connection.scalar(statement, values))


async def count(connection: Connection, owner: Owner, todo_filter: TodoFilter, now: datetime) -> int:
    """Count what the filter admits."""
    return (await stats(connection, owner, todo_filter, [StatName.TOTAL], now))[StatName.TOTAL]


async def stats(
    connection: Connection, owner: Owner, todo_filter: TodoFilter, names: Sequence[StatName], now: datetime
) -> Mapping[StatName, int]:
    """Count what the filter admits, in each of several ways, in one statement."""
    dialect = connection.dialect.name
    statement = _stats(shape_of(todo_filter), tuple(names), dialect)
    found = await connection.execute(statement, parameters(owner, todo_filter, now, dialect))
    return dict(zip(names, found.one(), strict=True))


async def next_todos(
    connection: Connection, owner: Owner, todo_filter: TodoFilter, first: int, now: datetime
) -> tuple[Todo, ...]:
    """Select unfinished todos that nothing blocks: highest priority first, then due first, then oldest."""
    dialect = connection.dialect.name
    statement = _next_todos(shape_of(todo_filter), first, dialect)
    return tuple(map(todo_of, await connection.execute(statement, parameters(owner, todo_filter, now, dialect))))


@lru_cache(_KEPT_STATEMENTS)
def _page(filter_shape: TodoFilter, order: TodoOrder, shape: Window, dialect: str) -> sa.Executable:
    return (
        sa.select(*COLUMNS)
        .where(*conditions(filter_shape, dialect), *between(order, shape))
        .order_by(*ordering(todos, order, backward=shape.backward))
        .limit(written(shape.size + 1))
    )


@lru_cache(_KEPT_STATEMENTS)
def _exists_beyond(filter_shape: TodoFilter, order: TodoOrder, dialect: str, *, forward: bool) -> sa.Executable:
    is_there = beyond(order, "key", forward=forward, inclusive=True)
    return sa.select(sa.exists().where(*conditions(filter_shape, dialect), is_there))


@lru_cache(_KEPT_STATEMENTS)
def _stats(filter_shape: TodoFilter, names: tuple[StatName, ...], dialect: str) -> sa.Executable:
    counts = [sa.func.count().filter(_counted(name)).label(name) for name in names]
    return sa.select(*counts).select_from(todos).where(*conditions(filter_shape, dialect))


def next_todos_of(
    columns: Iterable[sa.ColumnElement[Any]], filter_shape: TodoFilter, first: int, dialect: str
) -> sa.Select[Any]:
    """Give the statement of `next_todos` for these columns."""
    return (
        sa.select(*columns)
        .where(
            *conditions(filter_shape, dialect),
            todos.c.trashed_at.is_(None),
            todos.c.status.in_(UNFINISHED_STATUSES),
            ~IS_BLOCKED,
        )
        .order_by(*by_urgency(todos))
        .limit(written(first))
    )


@lru_cache(_KEPT_STATEMENTS)
def _next_todos(filter_shape: TodoFilter, first: int, dialect: str) -> sa.Executable:
    return next_todos_of(COLUMNS, filter_shape, first, dialect)


def _counted(name: StatName) -> sa.ColumnElement[bool]:
    match name:
        case StatName.TOTAL:
            return sa.true()
        case StatName.OVERDUE:
            return IS_OVERDUE
        case StatName.BLOCKED:
            return IS_BLOCKED
        case StatName.OPEN | StatName.IN_PROGRESS | StatName.COMPLETED | StatName.CANCELLED:
            return todos.c.status == name.value
