"""Keep the answers to requests that were named by a key, so that a repeated one gets the same."""

from alembic import op

revision = "0003"
down_revision = "0002"

_TYPES = {
    "postgresql": {"bytes": "bytea", "instant": "timestamptz"},
    "sqlite": {"bytes": "BLOB", "instant": "VARCHAR(32)"},
}
_CREATE = """
CREATE TABLE idempotency_keys (
    owner text NOT NULL DEFAULT '',
    key text NOT NULL,
    request_hash {bytes} NOT NULL,
    answer text NOT NULL,
    expires_at {instant} NOT NULL,
    PRIMARY KEY (owner, key)
)
"""


def upgrade() -> None:
    """Make the table, and the index by which expired keys are found."""
    op.execute(_CREATE.format(**_TYPES[op.get_bind().dialect.name]))
    op.execute("CREATE INDEX idempotency_keys_expires_at_index ON idempotency_keys (expires_at)")


def downgrade() -> None:
    """Forget the keys."""
    op.execute("DROP TABLE idempotency_keys")
