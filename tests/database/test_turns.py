"""Statements on SQLite take turns, unless one is long."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from todo_gql.database import Connection, Database, create_engine, parse_database_url
from todo_gql.database import turns as turns_module
from todo_gql.database.sqlite_driver import SQLiteDriver
from todo_gql.database.turns import Turns

# Minutes.
COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"


@pytest.fixture
async def database(sqlite_path: Path) -> AsyncIterator[Database]:
    database = Database(create_engine(parse_database_url(f"sqlite:///{sqlite_path}")))
    yield database
    await database.close()


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


async def test_a_long_one_is_waited_for_as_long_as_its_turn_lasts() -> None:
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


async def test_short_statements_run_one_after_another(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "LONGEST_S", 60)
    at_once, most = 0, 0
    fetch = SQLiteDriver.fetch

    async def counting(*arguments: Any, **options: Any) -> list[Any]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            return await fetch(*arguments, **options)
        finally:
            at_once -= 1

    monkeypatch.setattr(SQLiteDriver, "fetch", counting)

    await asyncio.gather(*(database.read(_one) for _ in range(10)))

    assert most == 1


async def test_a_read_does_not_wait_for_a_long_statement(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()
    fetch = SQLiteDriver.fetch

    async def telling(*arguments: Any, **options: Any) -> list[Any]:
        begun.set()
        return await fetch(*arguments, **options)

    monkeypatch.setattr(SQLiteDriver, "fetch", telling)
    counting = asyncio.create_task(database.read(lambda connection: connection.scalar(sa.text(COUNTING))))
    await begun.wait()

    async with asyncio.timeout(20):
        found = await database.read(_one)

    assert (found, counting.done()) == (1, False)
    counting.cancel()
    await asyncio.wait((counting,))


async def _one(connection: Connection) -> Any:
    return await connection.scalar(sa.text("SELECT 1"))
