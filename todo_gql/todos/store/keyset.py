"""Keyset pages in SQL: the columns of an order, the bounds of a window, and the page of the rows between them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from todo_gql.database.tables import todos
from todo_gql.todos.model import Todo
from todo_gql.todos.paging import Page, SortKey, Window
from todo_gql.todos.queries import TodoOrder, TodoOrderField

_AGE: Final = ("created_at", "id")
_SORT_COLUMNS: Final[Mapping[TodoOrderField, tuple[str, ...]]] = {
    TodoOrderField.CREATED_AT: _AGE,
    TodoOrderField.UPDATED_AT: ("updated_at", *_AGE),
    TodoOrderField.DUE: ("overdue_at", *_AGE),
    TodoOrderField.PRIORITY: ("priority", *_AGE),
    TodoOrderField.TITLE: ("title_folded", *_AGE),
}

UNBOUNDED: Final = 2**31 - 1
"""As a limit: more than there is."""


def sort_columns(of: sa.FromClause, field: TodoOrderField) -> list[sa.ColumnElement[Any]]:
    """Give the columns that todos are sorted by: the field, then their creation, then their id."""
    return [of.c[name] for name in _SORT_COLUMNS[field]]


def ordering(of: sa.FromClause, order: TodoOrder, *, backward: bool) -> list[sa.UnaryExpression[Any]]:
    """Give what to sort by; backward, a page is read from its end."""
    columns = sort_columns(of, order.field)
    return [column.desc() if order.descending != backward else column.asc() for column in columns]


def by_urgency(of: sa.FromClause) -> list[sa.UnaryExpression[Any]]:
    """Give what sorts the highest priority first, then what is due first, then the oldest."""
    return [of.c.priority.desc(), *(column.asc() for column in sort_columns(of, TodoOrderField.DUE))]


def between(order: TodoOrder, window: Window) -> Iterator[sa.ColumnElement[bool]]:
    """Give the conditions that a todo lies within a window, whose values `window_values` gives."""
    if window.after is not None:
        yield beyond(order, "after", forward=True, inclusive=False)
    if window.before is not None:
        yield beyond(order, "before", forward=False, inclusive=False)


def beyond(order: TodoOrder, name: str, *, forward: bool, inclusive: bool) -> sa.ColumnElement[bool]:
    """Give the condition that a todo lies beyond a key, whose values `key_values` gives under this name."""
    columns = sort_columns(todos, order.field)
    row = sa.tuple_(*columns)
    key = sa.tuple_(*(sa.bindparam(f"{name}_{place}", type_=column.type) for place, column in enumerate(columns)))
    if order.descending != forward:
        return row >= key if inclusive else row > key
    return row <= key if inclusive else row < key


def window_values(window: Window) -> dict[str, Any]:
    """Give the values of a window: its bounds."""
    return {
        **({} if window.after is None else key_values("after", window.after)),
        **({} if window.before is None else key_values("before", window.before)),
    }


def written(number: int) -> sa.ColumnElement[int]:
    """Write a number into a statement: where a limit is a parameter, PostgreSQL plans anew each time."""
    return sa.literal_column(str(number), sa.Integer)


def key_values(name: str, key: SortKey) -> dict[str, Any]:
    """Give the values of a key."""
    return {f"{name}_{place}": part for place, part in enumerate(key)}


def window_shape(window: Window) -> Window:
    """Give the window without its bounds: those of one shape have the same conditions."""
    return Window(
        size=window.size,
        backward=window.backward,
        after=None if window.after is None else (),
        before=None if window.before is None else (),
    )


def page_of(rows: list[Todo], order: TodoOrder, window: Window) -> Page:
    """Make the page of what was found, which the row beyond it tells whether there is more than."""
    shown = rows[: window.size]
    return Page(
        todos=tuple(reversed(shown)) if window.backward else tuple(shown),
        order=order,
        window=window,
        has_more=len(rows) > window.size,
    )
