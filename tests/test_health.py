import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from tests.server import running, serving, settings_for
from todo_gql.asgi.drain import Drain
from todo_gql.database import Database, create_engine, parse_database_url
from todo_gql.database.migrations import MigrationError, downgrade
from todo_gql.health import health_routes
from todo_gql.server import listen

NEWER = sa.text("UPDATE alembic_version SET version_num = 'newer'")


async def test_a_process_that_serves_is_alive(sqlite_path: Path) -> None:
    async with running(settings_for(f"sqlite:///{sqlite_path}")) as client:
        response = await client.get("/livez")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


async def test_it_is_ready_when_the_database_answers_and_is_up_to_date(database_url: str) -> None:
    async with running(settings_for(database_url)) as client:
        response = await client.get("/readyz")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json()["status"] == "ready"
    assert response.json()["checks"].keys() == {"database", "migrations"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_it_is_not_ready_with_older_tables(database_url: str) -> None:
    async with running(settings_for(database_url)) as client:
        await downgrade(parse_database_url(database_url), "base")

        response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json()["status"] == "unready"
    assert "run `todo-gql migrate`" in response.json()["checks"]["migrations"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_it_stays_ready_while_a_newer_version_is_rolled_out(database_url: str) -> None:
    database = Database(create_engine(parse_database_url(database_url)))
    async with running(settings_for(database_url)) as client:
        await database.write(
            lambda connection: connection.execute(sa.text("UPDATE alembic_version SET version_num = 'x'"))
        )
        await database.close()

        response = await client.get("/readyz")

    assert response.status_code == 200
    assert "newer version" in response.json()["checks"]["migrations"]


async def test_older_tables_on_postgresql_are_refused_at_start(empty_postgresql_url: str) -> None:
    with pytest.raises(MigrationError, match="run `todo-gql migrate`"):
        async with running(settings_for(empty_postgresql_url)):
            pass


async def test_it_is_alive_and_not_ready_while_the_database_is_silent() -> None:
    with listen("127.0.0.1", 0) as silent:
        port = silent.getsockname()[1]
        database = Database(create_engine(parse_database_url(f"postgresql://user:hunter2@127.0.0.1:{port}/todos")))
        async with serving(Starlette(routes=health_routes(database, Drain()))) as client:
            alive = await client.get("/livez")
            started = time.monotonic()
            ready = await client.get("/readyz")
            duration_s = time.monotonic() - started

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "unready",
        "checks": {"database": "The database does not answer: see that it runs and can be reached."},
    }
    assert duration_s < 3
