"""What revision 0001 does alike on both databases: find the old service's table, index the new ones, report."""

import logging
from typing import Final

import sqlalchemy as sa

from todo_gql.database.failures import MigrationError

_log = logging.getLogger(__name__)

_OLD_COLUMNS: Final = {"id", "title", "description", "depends_on"}

# `owner` leads, and `id` ends what pages are cut by.
INDEXES: Final = (
    "CREATE INDEX todos_created_at_index ON todos (owner, created_at, id) WHERE trashed_at IS NULL",
    "CREATE INDEX todos_updated_at_index ON todos (owner, updated_at, created_at, id) WHERE trashed_at IS NULL",
    "CREATE INDEX todos_overdue_at_index ON todos (owner, overdue_at, created_at, id) WHERE trashed_at IS NULL",
    "CREATE INDEX todos_priority_index ON todos (owner, priority, created_at, id) WHERE trashed_at IS NULL",
    "CREATE INDEX todos_title_index ON todos (owner, title_folded, created_at, id) WHERE trashed_at IS NULL",
    "CREATE INDEX todos_status_index ON todos (owner, status, created_at, id) WHERE trashed_at IS NULL",
    """
    CREATE INDEX todos_due_date_index ON todos (owner, due_date, created_at, id)
    WHERE trashed_at IS NULL AND due_date IS NOT NULL
    """,
    """
    CREATE INDEX todos_next_index ON todos (owner, priority DESC, overdue_at, created_at, id)
    WHERE trashed_at IS NULL AND status IN ('OPEN', 'IN_PROGRESS')
    """,
    "CREATE INDEX todos_trash_index ON todos (owner, created_at, id) WHERE trashed_at IS NOT NULL",
    "CREATE INDEX todo_dependencies_depends_on_id_index ON todo_dependencies (owner, depends_on_id, todo_id)",
    "CREATE INDEX todo_changes_todo_id_index ON todo_changes (owner, todo_id, position)",
)


def has_old_table(connection: sa.Connection) -> bool:
    """Say whether the database has the old service's table; a third one of its name is refused.

    Raises:
        MigrationError: the database has a table of that name which is neither's.
    """
    inspector = sa.inspect(connection)
    if not inspector.has_table("todos"):
        return False
    kinds = {column["name"]: type(column["type"]) for column in inspector.get_columns("todos")}
    key = inspector.get_pk_constraint("todos")["constrained_columns"]
    id_kind = sa.UUID if connection.dialect.name == "postgresql" else sa.CHAR
    if kinds.keys() != _OLD_COLUMNS or key != ["id"] or {kinds["id"], kinds["depends_on"]} != {id_kind}:
        raise MigrationError("The database has a table todos that is neither this service's nor its predecessor's.")
    return True


def refuse_owners(connection: sa.Connection) -> None:
    """Refuse to downgrade a database whose todos belong to someone: the old service would show them to everyone.

    Raises:
        MigrationError: one does.
    """
    if connection.exec_driver_sql("SELECT count(*) FROM todos WHERE owner <> ''").scalar_one():
        raise MigrationError("Todos of an owner cannot be downgraded: the old service would show them to everyone.")


def report_adoption(*, todos: int, dependencies: int, to_itself: int, dangling: int) -> None:
    """Log what became of the old service's rows."""
    _log.info(
        "Adopted %d todos and %d dependencies; dropped %d dependencies of a todo on itself and %d on missing todos.",
        todos,
        dependencies,
        to_itself,
        dangling,
    )


def report_downgrade(*, todos: int, trashed: int, dependencies: int) -> None:
    """Log what the old service's table could not hold."""
    _log.info(
        "Brought %d todos back to the old table; removed %d from the trash and %d dependencies beyond a todo's first.",
        todos,
        trashed,
        dependencies,
    )
