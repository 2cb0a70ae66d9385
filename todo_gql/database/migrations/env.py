"""Run the revisions in the transaction that `runner` has begun. Alembic executes this file."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
