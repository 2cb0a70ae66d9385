"""Revision 0002 on PostgreSQL."""

from typing import Final

# `oldest_running` is the oldest transaction that ran when the change was written: every older one had ended, so that
# who reads on from there misses nothing that was still to be committed. Changes from before this revision do not know
# it; 3 is the first transaction of every cluster. A constant default rewrites no row.
UPGRADE: Final = (
    "ALTER TABLE todo_changes ADD COLUMN oldest_running xid8 NOT NULL DEFAULT '3'",
    "ALTER TABLE todo_changes ALTER COLUMN oldest_running SET DEFAULT pg_snapshot_xmin(pg_current_snapshot())",
    "CREATE INDEX todo_changes_transaction_id_index ON todo_changes (owner, transaction_id, position)",
    "CREATE INDEX todo_changes_feed_index ON todo_changes (transaction_id, position)",
    "CREATE TABLE todo_changes_purged (up_to bigint NOT NULL)",
    "INSERT INTO todo_changes_purged VALUES (0)",
)
DOWNGRADE: Final = (
    "DROP TABLE todo_changes_purged",
    "DROP INDEX todo_changes_feed_index",
    "DROP INDEX todo_changes_transaction_id_index",
    "ALTER TABLE todo_changes DROP COLUMN oldest_running",
)
