"""Let readers follow the change log: an order that commits respect, and how far back it goes."""

from types import ModuleType

from alembic import op

from todo_gql.database.migrations.readers import postgresql, sqlite

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what readers of the change log need."""
    for statement in _dialect().UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    """Take it away; the changes themselves stay."""
    for statement in _dialect().DOWNGRADE:
        op.execute(statement)


def _dialect() -> ModuleType:
    return {"postgresql": postgresql, "sqlite": sqlite}[op.get_bind().dialect.name]
