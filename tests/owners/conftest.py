"""The service under each set of guards, and the table of what was tried."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.owners.guards import Guards, Service, serving
from tests.owners.table import Tried, write_table
from tests.tools.postgres import PostgreSQL
from todo_gql.database import parse_database_url
from todo_gql.database.migrations import guard_rows


@pytest.fixture(
    scope="module",
    params=[pytest.param(each, marks=() if each is Guards.SQLITE else pytest.mark.postgresql) for each in Guards],
)
def guards(request: pytest.FixtureRequest) -> Guards:
    found: Guards = request.param
    return found


@pytest.fixture(scope="module")
def place(
    guards: Guards, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The URL of a database, and the role under which it keeps owners apart."""
    role = f"owners_{uuid4().hex}"
    if guards is Guards.SQLITE:
        path = tmp_path_factory.mktemp("owners") / "todo.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}", role
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = server.create_database(request.getfixturevalue("postgresql_template"))
    url = server.url_of(name)
    asyncio.run(guard_rows(parse_database_url(url), role))
    yield url, role
    server.drop_database(name)
    server.drop_role(role)


@pytest.fixture(scope="module")
async def service(guards: Guards, place: tuple[str, str]) -> AsyncIterator[Service]:
    async with serving(guards, *place) as service:
        yield service


@pytest.fixture(scope="session")
def tried() -> Iterator[list[Tried]]:
    """All that was tried; written down where CROSS_OWNER_TABLE says."""
    found: list[Tried] = []
    yield found
    if path := os.environ.get("CROSS_OWNER_TABLE"):
        Path(path).write_text(write_table(found))
