"""The SQL that the service sends, whichever way it goes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery
from sqlalchemy import Engine, event

from todo_gql.database.sqlite_driver import SQLiteDriver

COUNTING: Final = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"
)
"""Takes minutes on either engine."""

_CONTROL: Final = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that any engine of this process sends, without those that control transactions."""
    statements: list[str] = []

    def collect(statement: str) -> None:
        if not statement.startswith(_CONTROL):
            statements.append(statement)

    def collect_logged(query: LoggedQuery) -> None:
        collect(query.query)

    # Statements run on the drivers themselves; asyncpg keeps each logger once.
    def listen_to_driver(_: Any, __: Any, pooled: Any) -> None:
        if isinstance(pooled.driver_connection, asyncpg.Connection):
            pooled.driver_connection.add_query_logger(collect_logged)

    event.listen(Engine, "checkout", listen_to_driver)
    try:
        with pytest.MonkeyPatch.context() as patch:
            # What SQLite itself tells of is each repetition of a statement.
            for name in ("fetch", "repeat"):
                patch.setattr(SQLiteDriver, name, _collecting(getattr(SQLiteDriver, name), collect))
            yield statements
    finally:
        event.remove(Engine, "checkout", listen_to_driver)


def _collecting(call: Callable[..., Any], collect: Callable[[str], None]) -> Callable[..., Any]:
    def call_collected(driver: SQLiteDriver, statement: str, *values: Any, **more: Any) -> Any:
        collect(statement)
        return call(driver, statement, *values, **more)

    return call_collected
