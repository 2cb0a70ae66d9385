"""Statements on the changes of single todos."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from todo_gql.database import Connection
from todo_gql.database.tables import todo_changes
from todo_gql.todos.model import Event, Owner, TodoId
from todo_gql.todos.store.log import change_of, oldest_running_column, transaction_id_column
from todo_gql.todos.sync import At, Cut, write_token

_columns = todo_changes.c


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryWindow:
    """Which changes of a todo: `size` of them, between two positions, counted from the first or the last."""

    size: int
    backward: bool
    after: int | None
    before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Changes of a todo in order, and whether it has others on either side."""

    events: tuple[Event, ...]
    has_next: bool
    has_previous: bool


async def history(
    connection: Connection, owner: Owner, todo_ids: Sequence[TodoId], window: HistoryWindow, most: int | None
) -> Mapping[TodoId, HistoryPage]:
    """Select the same page of the changes of several todos in one statement."""
    is_sqlite = connection.dialect.name == "sqlite"
    whole = (
        sa.select(
            *_columns,
            transaction_id_column(is_sqlite=is_sqlite),
            oldest_running_column(is_sqlite=is_sqlite),
            sa.func.min(_columns.position).over(partition_by=_columns.todo_id).label("first"),
            sa.func.max(_columns.position).over(partition_by=_columns.todo_id).label("last"),
        )
        .where(_columns.owner == owner, _columns.todo_id.in_(todo_ids))
        .subquery("whole")
    )
    order = whole.c.position.desc() if window.backward else whole.c.position.asc()
    number = sa.func.row_number().over(partition_by=whole.c.todo_id, order_by=order).label("number")
    between = sa.select(whole, number).where(*_bounds(whole, window)).subquery("between")
    statement = sa.select(between).where(between.c.number <= window.size).order_by(between.c.position).limit(most)
    found: dict[TodoId, list[Any]] = {todo_id: [] for todo_id in todo_ids}
    for row in await connection.execute(statement):
        found[TodoId(row.todo_id)].append(row)
    return {todo_id: _page(rows) for todo_id, rows in found.items()}


def _bounds(whole: sa.Subquery, window: HistoryWindow) -> Iterator[sa.ColumnElement[bool]]:
    if window.after is not None:
        yield whole.c.position > window.after
    if window.before is not None:
        yield whole.c.position < window.before


def _page(rows: Sequence[Any]) -> HistoryPage:
    return HistoryPage(
        events=tuple(map(_event_of, rows)),
        has_next=bool(rows) and rows[-1].position < rows[-1].last,
        has_previous=bool(rows) and rows[0].position > rows[0].first,
    )


def _event_of(row: Any) -> Event:
    # Which changes others had made visible by then is no longer known: some may come again, and none is missed.
    cut = Cut(row.oldest_running, row.oldest_running)
    return Event(change=change_of(row), sync_token=write_token(At(cut)))
