"""Revision 0002 on SQLite, where changes are committed in the order of their positions."""

from typing import Final

UPGRADE: Final = (
    "CREATE TABLE todo_changes_purged (up_to BIGINT NOT NULL)",
    "INSERT INTO todo_changes_purged VALUES (0)",
)
DOWNGRADE: Final = ("DROP TABLE todo_changes_purged",)
