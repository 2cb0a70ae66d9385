"""Tell how the tables of a database stand to the revisions that this version of the service knows."""

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from todo_gql.database import row_security
from todo_gql.database.database import Database
from todo_gql.database.failures import MigrationError
from todo_gql.database.migrations.scripts import known_revisions


class RevisionState(StrEnum):
    """How the tables stand to this version."""

    UP_TO_DATE = "UP_TO_DATE"
    EMPTY = "EMPTY"
    BEHIND = "BEHIND"
    AHEAD = "AHEAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionStatus:
    """The revision of a database's tables, None when it has none of ours, and the one that this version works with."""

    state: RevisionState
    current: str | None
    expected: str

    @property
    def is_enough(self) -> bool:
        """Say whether this version can work with the tables; those of a newer one serve it while that is rolled out."""
        return self.state in {RevisionState.UP_TO_DATE, RevisionState.AHEAD}

    def __str__(self) -> str:
        match self.state:
            case RevisionState.UP_TO_DATE:
                return f"The tables are up to date (revision {self.expected})."
            case RevisionState.EMPTY:
                return "The database is empty: run `todo-gql migrate`."
            case RevisionState.BEHIND:
                since = "the service before this one" if self.current is None else f"revision {self.current}"
                return f"The tables are those of {since}, not revision {self.expected}: run `todo-gql migrate`."
            case RevisionState.AHEAD:
                return (
                    f"The tables were made by a newer version (revision {self.current}); "
                    f"this one works with revision {self.expected}."
                )


async def revision_status(database: Database) -> RevisionStatus:
    """Compare the revision of the tables with the one that this version works with.

    Raises:
        DatabaseUnavailable: when the database cannot answer now.
    """
    return await database.inspect(read_status)


async def check_tables(database: Database) -> RevisionStatus:
    """See that this version can work with the tables, and tell how they stand.

    Raises:
        MigrationError: it cannot; the message says what to do.
        DatabaseUnavailable: when the database cannot answer now.
    """
    status = await revision_status(database)
    if not status.is_enough:
        raise MigrationError(str(status))
    return status


async def check_rows(database: Database, role: str | None) -> None:
    """See that PostgreSQL keeps owners apart for the role, and that nothing is kept from who is connected.

    Args:
        database: Whose tables are up to date.
        role: Under which the service works for an owner; None when nobody owns anything.

    Raises:
        MigrationError: with a sentence that says what to do.
        DatabaseUnavailable: when the database cannot answer now.
    """
    if database.engine.dialect.name == "postgresql":
        await database.inspect(lambda connection: row_security.check(connection, role))


def read_status(connection: sa.Connection) -> RevisionStatus:
    """Do what `revision_status` does, on a connection."""
    newest, *_ = known = known_revisions()
    inspector = sa.inspect(connection)
    current: str | None = None
    if inspector.has_table("alembic_version"):
        current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    if current is None:
        state = RevisionState.BEHIND if inspector.has_table("todos") else RevisionState.EMPTY
    elif current == newest:
        state = RevisionState.UP_TO_DATE
    else:
        state = RevisionState.BEHIND if current in known else RevisionState.AHEAD
    return RevisionStatus(state=state, current=current, expected=newest)
