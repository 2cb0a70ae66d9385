"""What a shape asks of rows, as JSON text; what depends on them is looked up row by row, by its index."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import sqlalchemy as sa

from todo_gql.database.tables import Instant, todo_dependencies, todos
from todo_gql.todos.model import TodoStatus
from todo_gql.todos.queries import OLDEST_FIRST, TodoOrder
from todo_gql.todos.shapes import (
    ConnectionShape,
    Constant,
    DateOrInstantShape,
    DependenciesShape,
    DependencyIds,
    DependentsShape,
    DueField,
    DueShape,
    EdgeField,
    EdgesShape,
    NodesShape,
    ObjectShape,
    PageField,
    PageInfoShape,
    Sizes,
    TodoField,
    TodoMember,
    TodoShape,
)
from todo_gql.todos.store.filters import is_blocked, is_overdue
from todo_gql.todos.store.json_text import JSONText, Parts
from todo_gql.todos.store.keyset import ordering, sort_columns, written
from todo_gql.todos.store.page_rows import FoundForRow, PageRows
from todo_gql.todos.store.rows import PRIORITIES

_edges = todo_dependencies.c
_NOTHING: Final = written(0)
_DEPENDENCY_IDS: Final = "dependency_ids"
_ID_LENGTH: Final = len('"00000000-0000-0000-0000-000000000000"')
_PRIORITIES: Final = {number: sa.literal_column(f"'{name}'", sa.Text) for number, name in enumerate(PRIORITIES)}


class ShapeText:
    """Writes shapes, whose lists have these sizes, in the JSON of a dialect."""

    def __init__(self, text: JSONText, sizes: Sizes) -> None:
        self._text = text
        self._sizes = sizes

    def rows_for(self, shape: TodoShape, rows: sa.FromClause) -> sa.FromClause:
        """Add to rows of todos what several members of the shape are made of, and what is looked up but once so."""
        if not any(isinstance(member, DependencyIds) for member in shape.members.values()):
            return rows
        ids = self._dependencies([todos.c.id], lambda found: ('"', *self._text.identifier(found.c.id), '"'), rows)
        # OFFSET keeps both databases from looking it up wherever it is mentioned.
        return sa.select(rows, self._text.joined(ids).label(_DEPENDENCY_IDS)).offset(_NOTHING).subquery()

    def todo(self, shape: TodoShape, row: sa.FromClause) -> Parts:
        """Write a todo, whose row has all columns of todos, and what `rows_for` adds to them."""
        return self._object(shape, lambda member: self._todo_member(member, row))

    def connection(self, shape: ConnectionShape, found: PageRows) -> sa.Select[tuple[str]]:
        """Select a page."""
        return found.select(self._text.joined(self._object(shape, lambda member: self._page_member(member, found))))

    def _object(self, shape: ObjectShape[Any], write: Callable[[Any], Parts]) -> Parts:
        return self._text.object(
            (name, (member.text,) if isinstance(member, Constant) else write(member))
            for name, member in shape.members.items()
        )

    def _todo_member(self, member: TodoMember, row: sa.FromClause) -> Parts:
        match member:
            case TodoField():
                return self._todo_field(member, row)
            case DependencyIds():
                return self._dependency_ids(member, row)
            case DueShape():
                return self._text.or_null(row.c.due_date, self._due(member, row))
            case DateOrInstantShape():
                due = self._text.either(row.c.due_at, self._due(member.instant, row), self._due(member.date, row))
                return self._text.or_null(row.c.due_date, due)
            case DependenciesShape():
                return self._dependencies(todos.c, lambda found: self.todo(member.todo, found), row)
            case DependentsShape():
                return self._dependents(member, row)

    def _todo_field(self, field: TodoField, row: sa.FromClause) -> Parts:
        text = self._text
        match field:
            case TodoField.ID:
                return ('"', *text.identifier(row.c.id), '"')
            case TodoField.STATUS:
                return ('"', row.c.status, '"')
            case TodoField.PRIORITY:
                return (
                    '"',
                    sa.case(*((row.c.priority == written(number), name) for number, name in _PRIORITIES.items())),
                    '"',
                )
            case TodoField.VERSION:
                return (sa.cast(row.c.version, sa.Text),)
            case TodoField.IS_COMPLETED:
                return text.boolean(row.c.status == TodoStatus.COMPLETED.value)
            case TodoField.IS_OVERDUE:
                return text.boolean(is_overdue(row))
            case TodoField.IS_BLOCKED:
                return text.boolean(is_blocked(row))
            case TodoField.CREATED_AT | TodoField.UPDATED_AT:
                return ('"', *text.instant(row.c[field]), '"')
            case TodoField.COMPLETED_AT | TodoField.TRASHED_AT:
                return text.or_null(row.c[field], ('"', *text.instant(row.c[field]), '"'))
            case TodoField.TITLE | TodoField.DESCRIPTION:
                return text.string(row.c[field])

    def _dependency_ids(self, which: DependencyIds, row: sa.FromClause) -> Parts:
        ids = row.c[_DEPENDENCY_IDS]
        match which:
            case DependencyIds.ALL:
                return (ids,)
            case DependencyIds.FIRST:
                first = sa.func.substr(ids, written(len("[") + 1), written(_ID_LENGTH), type_=sa.Text)
                return (sa.case((ids == sa.literal_column("'[]'"), sa.literal_column("'null'")), else_=first),)

    def _due(self, shape: DueShape, row: sa.FromClause) -> Parts:
        return self._object(shape, lambda field: self._due_field(field, row))

    def _due_field(self, field: DueField, row: sa.FromClause) -> Parts:
        match field:
            case DueField.DATE:
                return ('"', *self._text.date(row.c.due_date), '"')
            case DueField.AT:
                return self._text.or_null(row.c.due_at, ('"', *self._text.instant(row.c.due_at), '"'))
            case DueField.TIME_ZONE:
                return self._text.string(row.c.due_time_zone)

    def _dependencies(
        self, columns: Iterable[sa.ColumnElement[Any]], write: Callable[[sa.FromClause], Parts], row: sa.FromClause
    ) -> Parts:
        found = (
            sa.select(*columns, _edges.position)
            .join(todo_dependencies, sa.and_(_edges.owner == todos.c.owner, _edges.depends_on_id == todos.c.id))
            .where(_edges.owner == row.c.owner, _edges.todo_id == row.c.id, todos.c.trashed_at.is_(None))
            .order_by(_edges.position)
            .correlate(row)
            .subquery()
        )
        listed = self._text.list(write(found), order=[found.c.position])
        return (sa.select(self._text.joined(listed)).select_from(found).scalar_subquery(),)

    def _dependents(self, shape: DependentsShape, row: sa.FromClause) -> Parts:
        size = self._sizes[shape.size]
        # Found before they are sorted, which OFFSET sees to: SQLite would look for them among all todos by their age.
        dependents = (
            sa.select(todos)
            .join(todo_dependencies, sa.and_(_edges.owner == todos.c.owner, _edges.todo_id == todos.c.id))
            .where(_edges.owner == row.c.owner, _edges.depends_on_id == row.c.id, todos.c.trashed_at.is_(None))
            .correlate(row)
            .offset(_NOTHING)
            .subquery()
        )
        oldest = ordering(dependents, OLDEST_FIRST, backward=False)
        rows = sa.select(dependents).order_by(*oldest).limit(written(size + 1))
        found = FoundForRow.of(rows, OLDEST_FIRST, size)
        return (self.connection(shape.page, found).scalar_subquery(),)

    def _page_member(self, member: NodesShape | EdgesShape | PageInfoShape, found: PageRows) -> Parts:
        match member:
            case NodesShape():
                return found.shown(self._text, lambda row: self.todo(member.todo, row))
            case EdgesShape():
                return found.shown(
                    self._text,
                    lambda row: self._object(member, lambda each: self._edge_member(each, row, found.order)),
                )
            case PageInfoShape():
                return self._object(member, lambda field: self._page_field(field, found))

    def _edge_member(self, member: EdgeField | TodoShape, row: sa.FromClause, order: TodoOrder) -> Parts:
        return self.todo(member, row) if isinstance(member, TodoShape) else self._cursor(row, order)

    def _page_field(self, field: PageField, found: PageRows) -> Parts:
        match field:
            case PageField.HAS_NEXT:
                return self._text.boolean(found.has_next())
            case PageField.HAS_PREVIOUS:
                return self._text.boolean(sa.not_(found.is_first()))
            case PageField.START_CURSOR | PageField.END_CURSOR:
                is_end = field is PageField.END_CURSOR
                cursor = found.outermost(self._text, lambda row: self._cursor(row, found.order), last=is_end)
                return (sa.func.coalesce(cursor, sa.literal_column("'null'"), type_=sa.Text),)

    def _cursor(self, row: sa.FromClause, order: TodoOrder) -> Parts:
        """Write a cursor as `paging.encode_cursor` does."""
        key = [self._key_part(column) for column in sort_columns(row, order.field)]
        parts = (f'["{order.field}"', *(part for each in key for part in (",", *each)), "]")
        return ('"', *self._text.base64url(parts), '"')

    def _key_part(self, column: sa.ColumnElement[Any]) -> Parts:
        match column.type:
            case Instant():
                return ('"', *self._text.precise_instant(column), '"')
            case sa.Uuid():
                return ('"', *self._text.identifier(column), '"')
            case sa.Integer():
                return (sa.cast(column, sa.Text),)
            case _:
                return self._text.string(column)
