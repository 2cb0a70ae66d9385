"""Databases for tests: each test gets its own, a copy of one that was migrated once a session."""

import asyncio
import math
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from tests.tools.postgres import PostgreSQL, running_postgresql
from todo_gql.database import parse_database_url
from todo_gql.database.migrations import guard_rows, upgrade

# The same examples every time: a change is not to be refused for what was there before it. HYPOTHESIS_PROFILE=explore
# looks for new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run more tests at a time than there are processors: many wait, for a process, a time-out or PostgreSQL."""
    return math.ceil(1.5 * (os.cpu_count() or 1))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for PostgreSQL, so that `-m "not postgresql"` starts none."""
    for item in items:
        if isinstance(item, pytest.Function):
            parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
            if "postgresql" in (*item.fixturenames, *parameters):
                item.add_marker(pytest.mark.postgresql)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run tests on the event loop that the service runs on."""
    return "asyncio", {"use_uvloop": sys.platform != "win32"}


@pytest.fixture(autouse=True)
def _no_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of a developer who watches a service of his own are not among what he watches."""
    for name in list(os.environ):
        if name.startswith("OTEL_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with running_postgresql() as server:
        yield server


@pytest.fixture
def empty_postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """The URL of a PostgreSQL database without tables."""
    name = postgresql.create_database()
    yield postgresql.url_of(name)
    postgresql.drop_database(name)


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where a SQLite database can be made; there is none yet."""
    return tmp_path / "todo.db"


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL) -> Iterator[str]:
    name = postgresql.create_database()
    _migrate(postgresql.url_of(name))
    yield name
    postgresql.drop_database(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, sqlite_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database, as it would stand in APP_DATABASE_URL; on each engine in turn."""
    # Asked for by name, so that no server is started for tests that run on SQLite alone.
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), sqlite_path)
        yield f"sqlite:///{sqlite_path}"
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        name = server.create_database(request.getfixturevalue("postgresql_template"))
        yield server.url_of(name)
        server.drop_database(name)


@pytest.fixture
def owners_role(postgresql: PostgreSQL) -> Iterator[str]:
    """The name of a role under which owners are kept apart: a server has its roles for all its databases."""
    role = f"owners_{uuid4().hex}"
    yield role
    postgresql.drop_role(role)


@pytest.fixture
def guarded_url(owners_role: str, postgresql: PostgreSQL, postgresql_template: str) -> Iterator[str]:
    """The URL of a migrated, empty PostgreSQL database that keeps owners apart for `owners_role`."""
    name = postgresql.create_database(postgresql_template)
    url = postgresql.url_of(name)
    asyncio.run(guard_rows(parse_database_url(url), owners_role))
    yield url
    postgresql.drop_database(name)


def _migrate(url: str) -> None:
    asyncio.run(upgrade(parse_database_url(url)))
