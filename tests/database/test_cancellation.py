"""A unit of work that is cancelled: its statement ends too, and the database stays usable."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.statements import COUNTING
from tests.tools.proxy import proxy_to
from todo_gql.database import Connection, Database, create_engine, parse_database_url


async def count(connection: Connection) -> None:
    await connection.execute(sa.text(COUNTING))


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_its_statement_ends_and_the_database_stays_usable(database: Database, kind: str) -> None:
    unit = asyncio.create_task(database.read(count) if kind == "read" else database.write(count))
    await asyncio.sleep(0.5)

    unit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(unit, 30)

    await database.write(lambda connection: connection.execute(sa.text("CREATE TABLE still_usable (id int)")))
    await database.ping()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_is_told(database: Database) -> None:
    unit = asyncio.create_task(database.read(count))
    await asyncio.sleep(0.5)

    unit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(unit, 30)

    async def running(connection: Connection) -> int:
        counted = await connection.execute(
            sa.text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'WITH RECURSIVE%' AND state = 'active'")
        )
        return int(counted.scalar_one())

    async with asyncio.timeout(30):
        while await database.read(running):  # noqa: ASYNC110  # PostgreSQL sets no event.
            await asyncio.sleep(0.01)


async def test_it_ends_although_the_database_confirms_nothing(empty_postgresql_url: str) -> None:
    async with proxy_to(empty_postgresql_url) as (proxy, url):
        database = Database(create_engine(parse_database_url(url)))
        await database.ping()
        unit = asyncio.create_task(database.write(count))
        await asyncio.sleep(0.5)
        proxy.hold()

        unit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(unit), 10)

        proxy.release()
        await database.ping()
        await database.close()


async def test_a_connection_that_was_being_opened_is_there_for_the_next_one(empty_postgresql_url: str) -> None:
    async with proxy_to(empty_postgresql_url) as (proxy, url):
        database = Database(create_engine(parse_database_url(url)))
        proxy.hold()
        unit = asyncio.create_task(database.ping())
        await asyncio.sleep(0.2)

        unit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await unit
        proxy.release()

        async with asyncio.timeout(30):
            while not database.pool_state().idle:  # noqa: ASYNC110  # The pool sets no event.
                await asyncio.sleep(0.01)
        await database.close()


async def test_a_file_that_was_being_opened_is_there_for_the_next_one(sqlite_path: Path) -> None:
    database = Database(create_engine(parse_database_url(f"sqlite:///{sqlite_path}")))
    unit = asyncio.create_task(database.ping())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    unit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await unit

    async with asyncio.timeout(30):
        while not database.pool_state().idle:  # noqa: ASYNC110  # The pool sets no event.
            await asyncio.sleep(0.01)
    await database.close()
