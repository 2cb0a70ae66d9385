"""The rows of a page as its parts see them: which of them are shown, which is the first, whether there is another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from todo_gql.todos.queries import TodoOrder
from todo_gql.todos.store.json_text import JSONText, Parts, Text
from todo_gql.todos.store.keyset import ordering, written

type Write = Callable[[sa.FromClause], Parts]
"""Writes what is asked of a row."""


class PageRows(Protocol):
    """The rows of a page from its first on, with all columns of todos, and one row more if there is one."""

    @property
    def order(self) -> TodoOrder:
        """Give the order that they come in."""

    def is_first(self) -> sa.ColumnElement[bool]:
        """Say whether nothing lies before them."""

    def has_next(self) -> sa.ColumnElement[bool]:
        """Say whether something lies beyond what is shown."""

    def shown(self, text: JSONText, write: Write) -> Parts:
        """Write a list of those that are shown."""

    def outermost(self, text: JSONText, write: Write, *, last: bool) -> Text:
        """Write the first that is shown, or the last; NULL where there is none."""

    def select(self, page: Text) -> sa.Select[tuple[str]]:
        """Select what is written of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOnce:
    """Rows that the statement is about; each part looks into them.

    A window over them takes longer on both databases, on SQLite longer than all the rest.
    """

    rows: sa.CTE
    order: TodoOrder
    size: int
    nothing_before: sa.ColumnElement[bool]

    def is_first(self) -> sa.ColumnElement[bool]:
        """As PageRows."""
        return self.nothing_before

    def has_next(self) -> sa.ColumnElement[bool]:
        """As PageRows."""
        return sa.select(sa.func.count()).select_from(self.rows).scalar_subquery() > written(self.size)

    def shown(self, text: JSONText, write: Write) -> Parts:
        """As PageRows."""
        rows = self._page()
        listed = text.list(write(rows), order=ordering(rows, self.order, backward=False))
        return (sa.select(text.joined(listed)).select_from(rows).scalar_subquery(),)

    def outermost(self, text: JSONText, write: Write, *, last: bool) -> Text:
        """As PageRows."""
        rows = self._page()
        by_order = ordering(rows, self.order, backward=last)
        return sa.select(text.joined(write(rows))).order_by(*by_order).limit(written(1)).scalar_subquery()

    def select(self, page: Text) -> sa.Select[tuple[str]]:
        """As PageRows."""
        return sa.select(page)

    def _page(self) -> sa.Subquery:
        by_order = ordering(self.rows, self.order, backward=False)
        return sa.select(self.rows).order_by(*by_order).limit(written(self.size)).subquery()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundForRow:
    """Rows that are looked up for each row of another list, none of which lies before them.

    They are numbered: SQLite would look them up again for each part, and reads no deeper nesting than this.
    """

    rows: sa.Subquery
    order: TodoOrder
    size: int

    @classmethod
    def of(cls, statement: sa.Select[tuple[object, ...]], order: TodoOrder, size: int) -> "FoundForRow":
        """Give the rows of a statement."""
        found = statement.subquery()
        by_order = ordering(found, order, backward=False)
        number = sa.func.row_number().over(order_by=by_order).label("number")
        following = sa.func.lead(found.c.id).over(order_by=by_order).label("following")
        return cls(rows=sa.select(found, number, following).order_by(number).subquery(), order=order, size=size)

    def is_first(self) -> sa.ColumnElement[bool]:
        """As PageRows."""
        return sa.true()

    def has_next(self) -> sa.ColumnElement[bool]:
        """As PageRows."""
        return sa.func.max(self.rows.c.number) > written(self.size)

    def shown(self, text: JSONText, write: Write) -> Parts:
        """As PageRows."""
        is_shown = self.rows.c.number <= written(self.size)
        return text.list(write(self.rows), order=[self.rows.c.number], where=is_shown)

    def outermost(self, text: JSONText, write: Write, *, last: bool) -> Text:
        """As PageRows."""
        number = self.rows.c.number
        is_it: sa.ColumnElement[bool] = number == 1
        if last:
            is_last = sa.and_(number < written(self.size), self.rows.c.following.is_(None))
            is_it = sa.or_(number == written(self.size), is_last)
        return sa.func.max(text.joined(write(self.rows))).filter(is_it)

    def select(self, page: Text) -> sa.Select[tuple[str]]:
        """As PageRows."""
        return sa.select(page).select_from(self.rows)
