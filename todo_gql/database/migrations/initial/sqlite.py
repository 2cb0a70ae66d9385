"""Revision 0001 on SQLite: its tables and indexes."""

from typing import Final

import sqlalchemy as sa

from todo_gql.database.migrations.initial import shared, sqlite_adoption

_CREATE_TODOS: Final = """
CREATE TABLE todos (
    owner TEXT NOT NULL DEFAULT '',
    id CHAR(32) NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    title_folded TEXT NOT NULL,
    description_folded TEXT,
    status TEXT NOT NULL CONSTRAINT todos_status_check
        CHECK (status IN ('OPEN', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED')),
    priority SMALLINT NOT NULL CONSTRAINT todos_priority_check CHECK (priority BETWEEN 0 AND 4),
    due_date DATE,
    due_at VARCHAR(32),
    due_time_zone TEXT,
    overdue_at VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    created_at VARCHAR(32) NOT NULL,
    updated_at VARCHAR(32) NOT NULL,
    completed_at VARCHAR(32),
    trashed_at VARCHAR(32),
    input_hash BLOB,
    PRIMARY KEY (owner, id)
)
"""
_CREATE_DEPENDENCIES: Final = """
CREATE TABLE todo_dependencies (
    owner TEXT NOT NULL DEFAULT '',
    todo_id CHAR(32) NOT NULL,
    depends_on_id CHAR(32) NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (owner, todo_id, depends_on_id),
    CONSTRAINT todo_dependencies_todo_id_fkey
        FOREIGN KEY (owner, todo_id) REFERENCES todos (owner, id) ON DELETE CASCADE,
    CONSTRAINT todo_dependencies_depends_on_id_fkey
        FOREIGN KEY (owner, depends_on_id) REFERENCES todos (owner, id) ON DELETE CASCADE
)
"""
# AUTOINCREMENT never gives a position twice, even when the last rows have been purged.
_CREATE_CHANGES: Final = """
CREATE TABLE todo_changes (
    owner TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    todo_id CHAR(32) NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed_fields JSON NOT NULL,
    at VARCHAR(32) NOT NULL,
    actor TEXT,
    trace_id TEXT
)
"""
_CREATE_CHANGES_INDEX: Final = "CREATE INDEX todo_changes_position_index ON todo_changes (owner, position)"


def upgrade(connection: sa.Connection) -> None:
    """Make the tables and indexes, adopting what the old service left."""
    has_old_table = shared.has_old_table(connection)
    if has_old_table:
        sqlite_adoption.set_old_table_aside(connection)
    for statement in (_CREATE_TODOS, _CREATE_DEPENDENCIES, _CREATE_CHANGES, _CREATE_CHANGES_INDEX):
        connection.exec_driver_sql(statement)
    if has_old_table:
        sqlite_adoption.copy_old_table(connection)
    for statement in shared.INDEXES:
        connection.exec_driver_sql(statement)


def downgrade(connection: sa.Connection) -> None:
    """Bring the old service's table back."""
    shared.refuse_owners(connection)
    sqlite_adoption.bring_old_table_back(connection)
