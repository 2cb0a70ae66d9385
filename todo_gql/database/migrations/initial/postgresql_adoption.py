"""Turn the old service's table on PostgreSQL into ours and back. It is altered in place, and so keeps its grants."""

from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from todo_gql.database.migrations.initial.shared import report_adoption, report_downgrade

_BATCH: Final = 5_000

# Defaults are how the present rows get their values without being written once more. Infinity is how asyncpg writes
# `tables.NEVER`: were it another instant, pages by due date would skip these todos, or those created later.
_ADD_COLUMNS: Final = """
ALTER TABLE todos
    ALTER COLUMN title TYPE text,
    ALTER COLUMN description TYPE text,
    ADD COLUMN owner text NOT NULL DEFAULT '',
    ADD COLUMN title_folded text COLLATE "C",
    ADD COLUMN description_folded text COLLATE "C",
    ADD COLUMN status text NOT NULL DEFAULT 'OPEN',
    ADD COLUMN priority smallint NOT NULL DEFAULT 0,
    ADD COLUMN due_date date,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN due_time_zone text,
    ADD COLUMN overdue_at timestamptz NOT NULL DEFAULT 'infinity',
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN created_at timestamptz,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN completed_at timestamptz,
    ADD COLUMN trashed_at timestamptz,
    ADD COLUMN input_hash bytea
"""
_FILL_COLUMNS: Final = """
UPDATE todos
SET title_folded = filled.title, description_folded = filled.description,
    created_at = filled.instant, updated_at = filled.instant
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS filled (id, title, description, instant)
WHERE todos.id = filled.id
"""
_FINISH_COLUMNS: Final = """
ALTER TABLE todos
    ALTER COLUMN title_folded SET NOT NULL,
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN updated_at SET NOT NULL,
    ALTER COLUMN status DROP DEFAULT,
    ALTER COLUMN priority DROP DEFAULT,
    ALTER COLUMN overdue_at DROP DEFAULT,
    ALTER COLUMN version DROP DEFAULT
"""
_MOVE_DEPENDENCIES: Final = """
INSERT INTO todo_dependencies (todo_id, depends_on_id, position)
SELECT id, depends_on, 0 FROM todos
WHERE depends_on <> id AND depends_on IN (SELECT id FROM todos)
"""
_NARROW_TABLE: Final = """
ALTER TABLE todos
    ALTER COLUMN title TYPE varchar,
    ALTER COLUMN description TYPE varchar,
    DROP CONSTRAINT todos_status_check,
    DROP CONSTRAINT todos_priority_check,
    DROP COLUMN owner,
    DROP COLUMN title_folded,
    DROP COLUMN description_folded,
    DROP COLUMN status,
    DROP COLUMN priority,
    DROP COLUMN due_date,
    DROP COLUMN due_at,
    DROP COLUMN due_time_zone,
    DROP COLUMN overdue_at,
    DROP COLUMN version,
    DROP COLUMN created_at,
    DROP COLUMN updated_at,
    DROP COLUMN completed_at,
    DROP COLUMN trashed_at,
    DROP COLUMN input_hash,
    ADD CONSTRAINT todos_pkey PRIMARY KEY (id),
    ADD CONSTRAINT todos_depends_on_fkey FOREIGN KEY (depends_on) REFERENCES todos (id)
"""


def widen_old_table(connection: sa.Connection) -> None:
    """Give the old table our columns, filled."""
    connection.exec_driver_sql("LOCK TABLE todos IN ACCESS EXCLUSIVE MODE")
    connection.exec_driver_sql(_ADD_COLUMNS)
    _fill_columns(connection)
    connection.exec_driver_sql(_FINISH_COLUMNS)
    constraints = connection.exec_driver_sql("""
        SELECT quote_ident(conname) FROM pg_constraint
        WHERE conrelid = 'todos'::regclass AND contype IN ('p', 'f') ORDER BY contype
    """)
    for name in constraints.scalars().all():
        connection.exec_driver_sql(f"ALTER TABLE todos DROP CONSTRAINT {name}")


def _fill_columns(connection: sa.Connection) -> None:
    # Python folds the texts, as it will fold what is searched for: PostgreSQL's own folding differs.
    count: int = connection.exec_driver_sql("SELECT count(*) FROM todos").scalar_one()
    instant = datetime.now(UTC) - timedelta(microseconds=count)
    connection.exec_driver_sql(
        "DECLARE old_todos NO SCROLL CURSOR FOR SELECT id, title, description FROM todos ORDER BY ctid"
    )
    while rows := connection.exec_driver_sql(f"FETCH {_BATCH} FROM old_todos").all():
        instants = [instant + timedelta(microseconds=place) for place in range(len(rows))]
        instant += timedelta(microseconds=len(rows))
        connection.exec_driver_sql(
            _FILL_COLUMNS,
            (
                [row.id for row in rows],
                [row.title.casefold() for row in rows],
                [row.description and row.description.casefold() for row in rows],
                instants,
            ),
        )
    connection.exec_driver_sql("CLOSE old_todos")


def move_dependencies(connection: sa.Connection) -> None:
    """Move the old column's values to the table of dependencies, and report."""
    counts = connection.exec_driver_sql("""
        SELECT count(*) AS todos, count(depends_on) AS dependencies,
            count(*) FILTER (WHERE depends_on = id) AS to_itself
        FROM todos
    """).one()
    moved = connection.exec_driver_sql(_MOVE_DEPENDENCIES).rowcount
    connection.exec_driver_sql("ALTER TABLE todos DROP COLUMN depends_on")
    report_adoption(
        todos=counts.todos,
        dependencies=moved,
        to_itself=counts.to_itself,
        dangling=counts.dependencies - counts.to_itself - moved,
    )


def narrow_table(connection: sa.Connection) -> None:
    """Bring the old table back, with each todo's first dependency that is not in the trash."""
    trashed = connection.exec_driver_sql("DELETE FROM todos WHERE trashed_at IS NOT NULL").rowcount
    todos = connection.exec_driver_sql("SELECT count(*) FROM todos").scalar_one()
    dependencies = connection.exec_driver_sql("SELECT count(*) FROM todo_dependencies").scalar_one()
    connection.exec_driver_sql("ALTER TABLE todos ADD COLUMN depends_on uuid")
    kept = connection.exec_driver_sql("""
        UPDATE todos SET depends_on = first.depends_on_id
        FROM (
            SELECT DISTINCT ON (todo_id) todo_id, depends_on_id
            FROM todo_dependencies ORDER BY todo_id, position, depends_on_id
        ) AS first
        WHERE todos.id = first.todo_id
    """).rowcount
    for statement in ("DROP TABLE todo_changes", "DROP TABLE todo_dependencies", _NARROW_TABLE):
        connection.exec_driver_sql(statement)
    report_downgrade(todos=todos, trashed=trashed, dependencies=dependencies - kept)
