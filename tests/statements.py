"""The SQL that the service sends, whichever way it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import asyncpg
from asyncpg.connection import LoggedQuery
from sqlalchemy import Engine, event

_CONTROL: Final = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that any engine of this process sends, without those that control transactions."""
    statements: list[str] = []

    def collect(statement: str) -> None:
        if not statement.startswith(_CONTROL):
            statements.append(statement)

    def collect_sent(_: Any, __: Any, statement: str, *___: Any) -> None:
        collect(statement)

    def collect_logged(query: LoggedQuery) -> None:
        collect(query.query)

    # SQLite's statements run through SQLAlchemy, PostgreSQL's on its driver; asyncpg keeps each logger once.
    def listen_to_driver(_: Any, __: Any, pooled: Any) -> None:
        if isinstance(pooled.driver_connection, asyncpg.Connection):
            pooled.driver_connection.add_query_logger(collect_logged)

    event.listen(Engine, "before_cursor_execute", collect_sent)
    event.listen(Engine, "checkout", listen_to_driver)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", collect_sent)
        event.remove(Engine, "checkout", listen_to_driver)
