"""Bring the tables to the revision that this version works with, and tell which revision they have."""

from todo_gql.database.failures import MigrationError
from todo_gql.database.migrations.preparation import prepare_tables
from todo_gql.database.migrations.runner import downgrade, guard_rows, upgrade
from todo_gql.database.migrations.status import RevisionState, RevisionStatus, check_rows, check_tables, revision_status

__all__ = [
    "MigrationError",
    "RevisionState",
    "RevisionStatus",
    "check_rows",
    "check_tables",
    "downgrade",
    "guard_rows",
    "prepare_tables",
    "revision_status",
    "upgrade",
]
