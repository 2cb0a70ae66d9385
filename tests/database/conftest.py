"""Databases as the tests of `todo_gql.database` need them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from todo_gql.database import Database, DatabaseURL, create_engine, parse_database_url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database on each engine in turn."""
    database = Database(create_engine(parse_database_url(database_url)))
    yield database
    await database.close()


@pytest.fixture
async def postgresql_database(empty_postgresql_url: str) -> AsyncIterator[Database]:
    """A PostgreSQL database without tables."""
    database = Database(create_engine(parse_database_url(empty_postgresql_url)))
    yield database
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, sqlite_path: Path) -> DatabaseURL:
    """The URL of a database without tables, on each engine in turn."""
    if request.param == "sqlite":
        return parse_database_url(f"sqlite:///{sqlite_path}")
    return parse_database_url(request.getfixturevalue("empty_postgresql_url"))
