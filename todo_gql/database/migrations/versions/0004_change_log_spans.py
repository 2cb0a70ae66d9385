"""Keep with each change the span that made it, so that whoever is told of the change can point to it."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column: without a default no row is rewritten, and no reader waits for longer than for the catalogue."""
    op.execute("ALTER TABLE todo_changes ADD COLUMN span_id text")


def downgrade() -> None:
    """Forget the spans."""
    op.execute("ALTER TABLE todo_changes DROP COLUMN span_id")
