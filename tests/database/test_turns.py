"""Statements on SQLite take turns, unless one is long."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from todo_gql.database import Connection, Database, create_engine, parse_database_url
from todo_gql.database.turns import Turns

# Minutes.
COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"


async def test_one_begins_when_the_one_before_has_ended() -> None:
    turns = Turns()
    at_work: list[int] = []
    most = 0

    async def work(number: int) -> None:
        nonlocal most
        async with turns.next():
            at_work.append(number)
            most = max(most, len(at_work))
            await asyncio.sleep(0)
            at_work.remove(number)

    await asyncio.gather(*map(work, range(20)))

    assert most == 1


async def test_nobody_waits_for_a_long_one() -> None:
    turns = Turns()
    async with asyncio.timeout(20), turns.next(), turns.next(), turns.next():
        pass
    async with asyncio.timeout(20), turns.next():
        pass


async def test_who_gives_up_waiting_leaves_the_turn_to_others() -> None:
    turns = Turns()
    async with turns.next():
        waiting = asyncio.create_task(turns.next().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait((waiting,))

    async with asyncio.timeout(20), turns.next():
        pass


async def test_a_read_does_not_wait_for_a_long_statement(sqlite_path: Path) -> None:
    async def count(connection: Connection) -> None:
        await connection.execute(sa.text(COUNTING))

    database = Database(create_engine(parse_database_url(f"sqlite:///{sqlite_path}")))
    counting = asyncio.create_task(database.read(count))
    await asyncio.sleep(0.1)

    async with asyncio.timeout(20):
        found = await database.read(lambda connection: connection.scalar(sa.text("SELECT 1")))

    assert (found, counting.done()) == (1, False)
    counting.cancel()
    await asyncio.wait((counting,))
    await database.close()
