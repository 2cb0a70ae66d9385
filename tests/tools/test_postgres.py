import asyncio
import os
import subprocess
import sys

import asyncpg
import pytest

from tests.tools.postgres import PostgreSQL, running_own_postgresql, running_postgresql

pytestmark = pytest.mark.process


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    async def fetch() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_a_database_is_a_copy_of_its_template_and_leaves_it_alone(postgresql: PostgreSQL) -> None:
    template = postgresql.create_database()
    run(postgresql.url_of(template), "create table words as select 'one' as word")
    copy = postgresql.create_database(template)

    run(postgresql.url_of(copy), "insert into words values ('two')")

    assert run(postgresql.url_of(copy), "select word from words") == [("one",), ("two",)]
    assert run(postgresql.url_of(template), "select word from words") == [("one",)]
    postgresql.drop_database(copy)
    postgresql.drop_database(template)


def test_letters_beyond_ascii_have_upper_and_lower_case(empty_postgresql_url: str) -> None:
    assert run(empty_postgresql_url, "select lower('ÄÖÜ')") == [("äöü",)]


def test_a_dropped_database_is_gone_although_it_was_in_use(postgresql: PostgreSQL) -> None:
    name = postgresql.create_database()

    async def drop_while_connected() -> None:
        connection = await asyncpg.connect(postgresql.url_of(name))
        await asyncio.to_thread(postgresql.drop_database, name)
        connection.terminate()

    asyncio.run(drop_while_connected())

    with pytest.raises(asyncpg.InvalidCatalogNameError):
        run(postgresql.url_of(name), "select 1")


def test_a_server_that_is_named_is_used_as_it_is(postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", postgresql.url_of("template1"))

    with running_postgresql() as named:
        assert named.url_of("postgres") == postgresql.url_of("postgres")

    assert run(postgresql.url_of("postgres"), "select 1") == [(1,)]


def test_binaries_that_are_missing_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setenv("TEST_PG_BINDIR", "/nowhere")

    with pytest.raises(RuntimeError, match="/nowhere/initdb"), running_postgresql():
        pass


@pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="the server is not ours to stop")
def test_no_server_outlives_a_process_that_was_killed() -> None:
    program = """
import time
from tests.tools.postgres import running_postgresql
with running_postgresql() as server:
    print(server.url_of("postgres"), flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        url = owner.stdout.readline().strip()
        assert run(url, "select 1") == [(1,)]
        owner.kill()

    with pytest.raises((OSError, asyncpg.PostgresError)):
        run(url, "select pg_sleep(10)")


def test_a_server_of_our_own_keeps_its_data_through_what_is_done_to_it() -> None:
    with running_own_postgresql({"synchronous_commit": "on"}) as server:
        url = server.url_of("postgres")
        run(url, "create table words as select 'one' as word")

        server.restart()
        run(url, "insert into words values ('two')")
        server.crash()

        assert run(url, "select word from words") == [("one",), ("two",)]


def test_a_server_that_is_paused_does_not_answer() -> None:
    with running_own_postgresql() as server:
        url = server.url_of("postgres")

        with server.paused(), pytest.raises(TimeoutError):
            asyncio.run(asyncpg.connect(url, timeout=0.5))

        assert run(url, "select 1") == [(1,)]
