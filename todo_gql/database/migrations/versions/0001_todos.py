"""Make the tables, or make them of the table of the old service."""

from types import ModuleType

from alembic import op

from todo_gql.database.migrations.initial import postgresql, sqlite

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, adopting what the old service left."""
    _dialect().upgrade(op.get_bind())


def downgrade() -> None:
    """Bring the old service's table back."""
    _dialect().downgrade(op.get_bind())


def _dialect() -> ModuleType:
    return {"postgresql": postgresql, "sqlite": sqlite}[op.get_bind().dialect.name]
