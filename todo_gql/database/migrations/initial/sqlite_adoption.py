"""Copy the rows of the old service's table on SQLite into ours, and back."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from todo_gql.database.migrations.initial.shared import report_adoption, report_downgrade

_COPY_TODOS: Final = """
INSERT INTO todos (
    id, title, description, title_folded, description_folded, status, priority,
    overdue_at, version, created_at, updated_at
)
SELECT
    id, title, description, casefold(title), casefold(description), 'OPEN', 0,
    '9999-12-31T23:59:59.999999+00:00', 1, instant, instant
FROM (SELECT *, instant_of(row_number() OVER (ORDER BY rowid)) AS instant FROM old_todos)
ORDER BY instant
"""
_COPY_DEPENDENCIES: Final = """
INSERT INTO todo_dependencies (todo_id, depends_on_id, position)
SELECT id, depends_on, 0 FROM old_todos
WHERE depends_on <> id AND depends_on IN (SELECT id FROM old_todos)
"""

# As SQLAlchemy made it for the old service. SQLite does not enforce the widths, and so cuts nothing.
_CREATE_OLD_TABLE: Final = """
CREATE TABLE todos (
    id CHAR(32) NOT NULL,
    title VARCHAR(80) NOT NULL,
    description VARCHAR(120),
    depends_on CHAR(32),
    PRIMARY KEY (id),
    FOREIGN KEY(depends_on) REFERENCES todos (id)
)
"""
_COPY_BACK: Final = """
INSERT INTO todos (id, title, description, depends_on)
SELECT id, title, description, (
    SELECT depends_on_id FROM todo_dependencies AS dependency
    WHERE dependency.owner = new_todos.owner AND dependency.todo_id = new_todos.id
    ORDER BY dependency.position, depends_on_id LIMIT 1
)
FROM new_todos ORDER BY created_at, id
"""


def set_old_table_aside(connection: sa.Connection) -> None:
    """Rename the old table, to make room for ours."""
    connection.exec_driver_sql("ALTER TABLE todos RENAME TO old_todos")


def copy_old_table(connection: sa.Connection) -> None:
    """Copy the old table into ours, drop it, and report."""
    counts = connection.exec_driver_sql("""
        SELECT count(*) AS todos, count(depends_on) AS dependencies,
            count(*) FILTER (WHERE depends_on = id) AS to_itself
        FROM old_todos
    """).one()
    before_first = datetime.now(UTC) - timedelta(microseconds=counts.todos)

    def instant_of(place: int) -> str:
        return (before_first + timedelta(microseconds=place)).isoformat(timespec="microseconds")

    # Python folds the texts, as it will fold what is searched for: SQLite folds ASCII only.
    driver: Any = connection.connection.dbapi_connection
    # The old service stored U+0000 here, which no cursor may hold.
    driver.create_function("casefold", 1, lambda text: text and text.casefold().replace("\0", ""))
    driver.create_function("instant_of", 1, instant_of)
    connection.exec_driver_sql(_COPY_TODOS)
    copied = connection.exec_driver_sql(_COPY_DEPENDENCIES).rowcount
    connection.exec_driver_sql("DROP TABLE old_todos")
    report_adoption(
        todos=counts.todos,
        dependencies=copied,
        to_itself=counts.to_itself,
        dangling=counts.dependencies - counts.to_itself - copied,
    )


def bring_old_table_back(connection: sa.Connection) -> None:
    """Copy our table into one as the old service's, with each todo's first dependency that is not in the trash."""
    trashed = connection.exec_driver_sql("DELETE FROM todos WHERE trashed_at IS NOT NULL").rowcount
    # Foreign keys are not enforced during migrations.
    connection.exec_driver_sql("""
        DELETE FROM todo_dependencies
        WHERE todo_id NOT IN (SELECT id FROM todos) OR depends_on_id NOT IN (SELECT id FROM todos)
    """)
    dependencies = connection.exec_driver_sql("SELECT count(*) FROM todo_dependencies").scalar_one()
    connection.exec_driver_sql("ALTER TABLE todos RENAME TO new_todos")
    connection.exec_driver_sql(_CREATE_OLD_TABLE)
    todos = connection.exec_driver_sql(_COPY_BACK).rowcount
    kept = connection.exec_driver_sql("SELECT count(depends_on) FROM todos").scalar_one()
    for table in ("todo_changes", "todo_dependencies", "new_todos"):
        connection.exec_driver_sql(f"DROP TABLE {table}")
    report_downgrade(todos=todos, trashed=trashed, dependencies=dependencies - kept)
