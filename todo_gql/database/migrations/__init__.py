"""Bring the tables to the revision that this version works with, and tell which revision they have."""

from todo_gql.database.failures import MigrationError
from todo_gql.database.migrations.runner import downgrade, upgrade
from todo_gql.database.migrations.status import RevisionState, RevisionStatus, revision_status

__all__ = ["MigrationError", "RevisionState", "RevisionStatus", "downgrade", "revision_status", "upgrade"]
