"""The tables as SQLAlchemy Core sees them. The migrations make them and their indexes; a test compares the two.

`owner` stands first in every key and index: whatever a statement finds by an index is one owner's. The exceptions are
how the feed, which serves all owners' subscribers, follows the change log, and how expired keys are found.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

NEVER: Final = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
"""`todos.overdue_at` of a todo without a due date: it sorts after every date, and is never reached."""


class Instant(TypeDecorator[datetime]):
    """Stores an aware UTC datetime: TIMESTAMPTZ on PostgreSQL, ISO 8601 text of fixed width on SQLite."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """Choose the column's type (a hook of SQLAlchemy, as are the next two)."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Turn a datetime into what the driver takes."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Choose what reads a column: on PostgreSQL nothing, as the driver gives datetimes."""
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn what the driver gives into a datetime."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


def fold(text: str) -> str:
    """Fold a text as it is searched for and sorted by, without U+0000, which adopted todos may hold on SQLite."""
    return text.casefold().replace("\0", "")


# "C" compares by code point, as SQLite does, so that both databases sort alike.
FoldedText = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

metadata = sa.MetaData()

todos = sa.Table(
    "todos",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("title_folded", FoldedText, nullable=False),
    sa.Column("description_folded", FoldedText),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("due_date", sa.Date),
    sa.Column("due_at", Instant),
    sa.Column("due_time_zone", sa.Text),
    sa.Column("overdue_at", Instant, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("completed_at", Instant),
    sa.Column("trashed_at", Instant),
    sa.Column("input_hash", sa.LargeBinary),
)

todo_dependencies = sa.Table(
    "todo_dependencies",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("todo_id", sa.Uuid, primary_key=True),
    sa.Column("depends_on_id", sa.Uuid, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(
        ["owner", "todo_id"], ["todos.owner", "todos.id"], name="todo_dependencies_todo_id_fkey", ondelete="CASCADE"
    ),
    sa.ForeignKeyConstraint(
        ["owner", "depends_on_id"],
        ["todos.owner", "todos.id"],
        name="todo_dependencies_depends_on_id_fkey",
        ondelete="CASCADE",
    ),
)

# The database counts `position` up in the order of insertion. On PostgreSQL that is not the order of commits: there,
# each row also has a `transaction_id` and the `oldest_running` one beside it (xid8), by which readers see what they
# have not seen yet.
todo_changes = sa.Table(
    "todo_changes",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
    sa.Column("todo_id", sa.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("changed_fields", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text),
    sa.Column("trace_id", sa.Text),
    sa.Column("span_id", sa.Text),
)

# One row: changes of transactions (on SQLite: at positions) up to this one may have been purged.
todo_changes_purged = sa.Table("todo_changes_purged", metadata, sa.Column("up_to", sa.BigInteger, nullable=False))

# What was answered to requests that may be repeated; `answer` is the text that the caller got.
idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)
