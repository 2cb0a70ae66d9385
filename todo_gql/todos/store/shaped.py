"""Statements that answer a shape: each is one, however deep, and its only value is a JSON text."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import todos
from todo_gql.todos.model import Owner, TodoId
from todo_gql.todos.paging import Window
from todo_gql.todos.queries import ALL, OLDEST_FIRST, TodoFilter, TodoOrder
from todo_gql.todos.shapes import ConnectionShape, Sizes, TodoShape
from todo_gql.todos.store import log
from todo_gql.todos.store.filters import conditions, parameters, shape_of
from todo_gql.todos.store.json_text import JSONText, finished
from todo_gql.todos.store.keyset import between, beyond, by_urgency, ordering, window_shape, window_values, written
from todo_gql.todos.store.page_rows import FoundOnce
from todo_gql.todos.store.pages import next_todos_of
from todo_gql.todos.store.shape_text import ShapeText

_KEPT_STATEMENTS: Final = 256

type _Sizes = tuple[tuple[str, int], ...]


async def page(
    connection: Connection,
    owner: Owner,
    todo_filter: TodoFilter,
    order: TodoOrder,
    window: Window,
    now: datetime,
    shape: ConnectionShape,
    sizes: Sizes,
) -> str:
    """Select a page that counts from the start of the list."""
    dialect = connection.dialect.name
    statement = _page(shape_of(todo_filter), order, window_shape(window), shape, _key(sizes), dialect)
    values = {**parameters(owner, todo_filter, now, dialect), **window_values(window)}
    return finished(await connection.scalar(statement, values))


async def todo(
    connection: Connection, owner: Owner, todo_id: TodoId, now: datetime, shape: TodoShape, sizes: Sizes
) -> str | None:
    """Select a live todo, None where there is none."""
    statement = _todo(shape, _key(sizes), connection.dialect.name)
    text = await connection.scalar(statement, {"owner": owner, "id": todo_id, "now": now})
    return None if text is None else finished(text)


async def oldest(
    connection: Connection, owner: Owner, window: Window, now: datetime, shape: TodoShape
) -> tuple[Sequence[str], str]:
    """Select live todos one by one, oldest first, one beyond the window if there is one; and the tag of that state."""
    statement = _oldest(window_shape(window), shape, connection.dialect.name)
    row = (await connection.execute(statement, {"owner": owner, "now": now, **window_values(window)})).one()
    return ([] if row.lines is None else row.lines.split("\n")), log.read_tag(row)


async def next_todos(
    connection: Connection,
    owner: Owner,
    todo_filter: TodoFilter,
    first: int,
    now: datetime,
    shape: TodoShape,
    sizes: Sizes,
) -> str:
    """Select the list of `pages.next_todos`."""
    dialect = connection.dialect.name
    statement = _next_todos(shape_of(todo_filter), first, shape, _key(sizes), dialect)
    return finished(await connection.scalar(statement, parameters(owner, todo_filter, now, dialect)))


def _key(sizes: Sizes) -> _Sizes:
    return tuple(sizes.items())


@lru_cache(_KEPT_STATEMENTS)
def _page(
    filter_shape: TodoFilter, order: TodoOrder, window: Window, shape: ConnectionShape, sizes: _Sizes, dialect: str
) -> sa.Executable:
    admitted = conditions(filter_shape, dialect)
    rows = (
        sa.select(todos)
        .where(*admitted, *between(order, window))
        .order_by(*ordering(todos, order, backward=False))
        .limit(written(window.size + 1))
    )
    is_first: sa.ColumnElement[bool] = sa.true()
    if window.after is not None:
        is_first = ~sa.exists().where(*admitted, beyond(order, "after", forward=False, inclusive=True))
    found = FoundOnce(rows=_first(rows), order=order, size=window.size, nothing_before=is_first)
    return ShapeText(JSONText(dialect), dict(sizes)).connection(shape, found)


@lru_cache(_KEPT_STATEMENTS)
def _todo(shape: TodoShape, sizes: _Sizes, dialect: str) -> sa.Executable:
    its_id = (todos.c.owner == sa.bindparam("owner"), todos.c.id == sa.bindparam("id"))
    text = JSONText(dialect)
    shapes = ShapeText(text, dict(sizes))
    found = shapes.rows_for(shape, _first(sa.select(todos).where(*its_id, todos.c.trashed_at.is_(None))))
    return sa.select(text.joined(shapes.todo(shape, found))).select_from(found)


@lru_cache(_KEPT_STATEMENTS)
def _oldest(window: Window, shape: TodoShape, dialect: str) -> sa.Executable:
    by_age = ordering(todos, OLDEST_FIRST, backward=False)
    admitted = (*conditions(ALL, dialect), *between(OLDEST_FIRST, window))
    rows = sa.select(todos).where(*admitted).order_by(*by_age).limit(written(window.size + 1))
    text = JSONText(dialect)
    shapes = ShapeText(text, {})
    found = shapes.rows_for(shape, _first(rows))
    lines = text.lines(shapes.todo(shape, found), order=ordering(found, OLDEST_FIRST, backward=False))
    # Of the same moment as the todos, as all of a statement is.
    tag = log.tag_columns(is_sqlite=dialect == "sqlite")
    return sa.select(lines.label("lines"), *tag).select_from(found)


@lru_cache(_KEPT_STATEMENTS)
def _next_todos(filter_shape: TodoFilter, first: int, shape: TodoShape, sizes: _Sizes, dialect: str) -> sa.Executable:
    found = _first(next_todos_of(todos.c, filter_shape, first, dialect))
    rows = sa.select(found).order_by(*by_urgency(found)).limit(written(first)).subquery()
    text = JSONText(dialect)
    listed = text.list(ShapeText(text, dict(sizes)).todo(shape, rows), order=by_urgency(rows))
    return sa.select(text.joined(listed)).select_from(rows)


def _first(statement: sa.Select[Any]) -> sa.CTE:
    """Let a statement stand first in the one that uses it: traces call that by the table which is named first."""
    return statement.cte("found")
