"""Statements that read the change log from one cut to the next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.types import UserDefinedType

from todo_gql.database import Connection
from todo_gql.database.tables import todo_changes, todo_changes_purged
from todo_gql.todos.model import Change, ChangeKind, Owner, TodoId
from todo_gql.todos.store.keyset import written
from todo_gql.todos.sync import At, Between, Cut, InLog, Place


class _PostgreSQLType(UserDefinedType[str]):
    """A type of PostgreSQL that SQLAlchemy has no name for; bound and read as text."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        """Name the type (a hook of SQLAlchemy)."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Changes in their order, from the cut that a reader had seen towards another one."""

    seen: Cut
    until: Cut
    changes: tuple[Change, ...]
    has_more: bool

    @property
    def end(self) -> InLog:
        """Say where to read on."""
        return self.after(self.changes[-1]) if self.has_more else At(self.until)

    def after(self, change: Change) -> InLog:
        """Say where to read on after one of the changes."""
        if change is self.changes[-1] and not self.has_more:
            return At(self.until)
        return Between(self.seen, self.until, change.position)


_columns: Final = todo_changes.c
_TRANSACTION_ID: Final = sa.literal_column("todo_changes.transaction_id", _PostgreSQLType("xid8"))
_OLDEST_RUNNING: Final = sa.literal_column("todo_changes.oldest_running", _PostgreSQLType("xid8"))
_NOW: Final = sa.func.pg_current_snapshot(type_=_PostgreSQLType("pg_snapshot"))
_COUNTED: Final[sa.Select[tuple[int]]] = (
    sa.select(sa.literal_column("seq", sa.Integer))
    .select_from(sa.text("sqlite_sequence"))
    .where(sa.literal_column("name") == "todo_changes")
)

_CUT: Final = {
    "postgresql": sa.select(sa.cast(_NOW, sa.Text)),
    "sqlite": sa.select(_COUNTED.scalar_subquery()),
}


async def cut_now(connection: Connection) -> Cut:
    """Read which changes there are now, whoever's they are."""
    return _read_cut(await connection.scalar(_CUT[connection.dialect.name]))


async def read(
    connection: Connection, owner: Owner | None, place: InLog, limit: int, *, until: Cut | None = None
) -> Stretch | None:
    """Read an owner's changes, or with None all owners', from a place on, up to a cut or to now.

    None when the log does not go back that far, or when the place lies in the log of another database.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    if isinstance(place, Between):
        until = place.until
    found = (
        sa.select(*_columns, transaction_id_column(is_sqlite=is_sqlite))
        .where(*_unseen(owner, place, until, is_sqlite=is_sqlite))
        # Within a stretch the primary key leads on. A new one begins where its transactions do: the sum keeps
        # PostgreSQL from reading the log from its first position on instead.
        .order_by(_columns.position if isinstance(place, Between) else _columns.position + 0)
        .limit(limit + 1)
        .subquery("found")
    )
    bounds = sa.select(
        _cut_column(is_sqlite=connection.dialect.name == "sqlite").label("now"), todo_changes_purged.c.up_to
    ).subquery("bounds")
    # The bounds come along even where there is no change, and in the same statement: both are of one moment.
    statement = sa.select(bounds, found).select_from(bounds.outerjoin(found, sa.true())).order_by(found.c.position)
    rows = (await connection.execute(statement)).all()
    now = _read_cut(rows[0].now)
    if is_lost(place, now, rows[0].up_to):
        return None
    changes = tuple(map(change_of, rows)) if rows[0].position is not None else ()
    return Stretch(
        seen=place.seen,
        until=until or now,
        changes=changes[:limit],
        has_more=len(changes) > limit,
    )


async def begin(connection: Connection, place: Place | None) -> Cut | None:
    """Give the cut now, or that of a place; None when the log does not go back that far."""
    bounds = sa.select(_cut_column(is_sqlite=connection.dialect.name == "sqlite"), todo_changes_purged.c.up_to)
    row = (await connection.execute(bounds)).one()
    now = _read_cut(row[0])
    if place is None:
        return now
    return None if is_lost(place, now, row.up_to) else place.seen


async def tag(connection: Connection, owner: Owner) -> str:
    """Give a text that differs whenever the owner's visible changes do.

    Which those are is told by the newest transaction among them, and by those before it that still run: a change of
    theirs is yet to appear below the newest. When the log is purged, the text changes too; what no longer stands in
    it could otherwise come back as the text of another state.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    return read_tag((await connection.execute(_tag(is_sqlite=is_sqlite), {"owner": owner})).one())


def read_tag(row: Any) -> str:
    """Read the tag from a row that holds the columns of it."""
    running = [number for number in _read_cut(row.now).running if row.newest is not None and number < row.newest]
    return "-".join(map(str, (row.newest or 0, row.up_to, *running)))


def tag_columns(*, is_sqlite: bool) -> Sequence[sa.ColumnElement[Any]]:
    """Select what the tag is made of, for an owner that is bound as `owner`."""
    newest = sa.select(transaction_id_column(is_sqlite=is_sqlite)).where(_columns.owner == sa.bindparam("owner"))
    if is_sqlite:
        newest = newest.order_by(_columns.position.desc())
    else:
        newest = newest.where(sa.func.pg_snapshot_xmax(_NOW) > _TRANSACTION_ID).order_by(_TRANSACTION_ID.desc())
    return (
        _cut_column(is_sqlite=is_sqlite).label("now"),
        newest.limit(written(1)).scalar_subquery().label("newest"),
        sa.select(todo_changes_purged.c.up_to).scalar_subquery().label("up_to"),
    )


@cache
def _tag(*, is_sqlite: bool) -> sa.Executable:
    return sa.select(*tag_columns(is_sqlite=is_sqlite))


def is_lost(place: Place, now: Cut, purged_up_to: int) -> bool:
    """Say whether changes after the place may have been purged, or whether this log has not come that far yet."""
    last = place.until if isinstance(place, Between) else place.seen
    return place.seen.oldest <= purged_up_to or last.next > now.next


def transaction_id_column(*, is_sqlite: bool) -> sa.ColumnElement[int]:
    """Select which transaction made the change."""
    column = _columns.position if is_sqlite else _as_integer(_TRANSACTION_ID)
    return column.label("transaction_id")


def feed_order(*, is_sqlite: bool) -> Sequence[sa.ColumnElement[Any]]:
    """Order changes of all owners as an index has them: by transactions, which is roughly by time."""
    return [_columns.position] if is_sqlite else [_TRANSACTION_ID, _columns.position]


def oldest_running_column(*, is_sqlite: bool) -> sa.ColumnElement[int]:
    """Select from which transaction on not all had ended when the change was made; on SQLite, from which position."""
    return (_columns.position + 1 if is_sqlite else _as_integer(_OLDEST_RUNNING)).label("oldest_running")


def change_of(row: Any) -> Change:
    """Read a change from a row that holds every column and that of the transaction."""
    return Change(
        position=row.position,
        transaction_id=row.transaction_id,
        owner=Owner(row.owner),
        todo_id=TodoId(row.todo_id),
        kind=ChangeKind(row.kind),
        version=row.version,
        changed_fields=tuple(row.changed_fields),
        at=row.at,
        actor=row.actor,
        trace_id=row.trace_id,
        span_id=row.span_id,
    )


def _unseen(
    owner: Owner | None, place: InLog, until: Cut | None, *, is_sqlite: bool
) -> Iterator[sa.ColumnElement[bool]]:
    if owner is not None:
        yield _columns.owner == owner
    if isinstance(place, Between):
        yield _columns.position > place.position
    if is_sqlite:
        yield _columns.position >= place.seen.next
        if until is not None:
            yield _columns.position < until.next
        return
    # The first is for the index. The last also leaves out what another cluster wrote, if this database comes of one.
    yield _cast(str(place.seen.oldest), "xid8") <= _TRANSACTION_ID
    yield ~sa.func.pg_visible_in_snapshot(_TRANSACTION_ID, _cast(str(place.seen), "pg_snapshot"))
    yield sa.func.pg_visible_in_snapshot(
        _TRANSACTION_ID, _NOW if until is None else _cast(str(until), "pg_snapshot")
    ).is_(True)


def _as_integer(column: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.cast(sa.cast(column, sa.Text), sa.BigInteger)


def _cast(text: str, name: str) -> sa.Cast[str]:
    return sa.cast(sa.literal(text, sa.Text), _PostgreSQLType(name))


def _cut_column(*, is_sqlite: bool) -> sa.ColumnElement[Any]:
    if is_sqlite:
        return _COUNTED.scalar_subquery()
    return sa.cast(_NOW, sa.Text)


def _read_cut(value: str | int | None) -> Cut:
    """Read PostgreSQL's snapshot, or the last position that SQLite has given, None before the first."""
    if isinstance(value, str):
        return Cut.parse(value)
    following = (value or 0) + 1
    return Cut(following, following)
