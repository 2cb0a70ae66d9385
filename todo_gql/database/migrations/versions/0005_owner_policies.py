"""Say to PostgreSQL whose each row is. It does not ask before row-level security is on (`row_security`)."""

from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = ("todos", "todo_dependencies", "todo_changes", "idempotency_keys")
# Once a transaction has set it, a connection knows the setting as an empty text, which is no one's name.
_CREATE = """
CREATE POLICY {table}_of_owner ON {table}
USING (owner = nullif(current_setting('todo_gql.owner', true), ''))
"""


def upgrade() -> None:
    """Make the policies; on SQLite the conditions of the statements stand alone."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(_CREATE.format(table=table))


def downgrade() -> None:
    """Turn row-level security off, and forget the policies: the release before knows no owners."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
            op.execute(f"DROP POLICY {table}_of_owner ON {table}")
            op.execute(f"DROP POLICY IF EXISTS {table}_of_all ON {table}")
