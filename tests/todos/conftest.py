from collections.abc import AsyncIterator

import pytest

from tests.todos.world import Clock, World
from todo_gql.database import Database, create_engine, parse_database_url


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    database = Database(create_engine(parse_database_url(database_url)))
    yield World(database, Clock())
    await database.close()
