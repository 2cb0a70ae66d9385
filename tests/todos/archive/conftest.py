import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.todos.archive.world import world_on
from tests.todos.world import World
from tests.tools.postgres import PostgreSQL


@pytest.fixture
def other_url(
    database_url: str, sqlite_template: Path, tmp_path: Path, postgresql: PostgreSQL, postgresql_template: str
) -> Iterator[str]:
    """The URL of a second database, migrated and empty, on the other engine."""
    if database_url.startswith("sqlite"):
        name = postgresql.create_database(postgresql_template)
        yield postgresql.url_of(name)
        postgresql.drop_database(name)
    else:
        yield f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'other.db')}"


@pytest.fixture
async def other(other_url: str) -> AsyncIterator[World]:
    """The second database."""
    async with world_on(other_url) as world:
        yield world
