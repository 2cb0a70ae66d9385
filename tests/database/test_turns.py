"""Statements on SQLite take turns, unless one is long."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.statements import COUNTING
from todo_gql.database import Connection, Database, create_engine, parse_database_url
from todo_gql.database import turns as turns_module
from todo_gql.database.turns import Turns


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


async def test_a_statement_is_not_watched_before_its_turn(sqlite_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "LONGEST_S", 60)
    watched, most = 0, 0

    @contextmanager
    def watch(_: str) -> Iterator[None]:
        nonlocal watched, most
        watched += 1
        most = max(most, watched)
        yield
        watched -= 1

    database = Database(create_engine(parse_database_url(f"sqlite:///{sqlite_path}")), watch=watch)
    # Longer than it takes to open a connection, so that all are there at once.
    text = sa.text(COUNTING.replace("1000000000", "300000"))
    await asyncio.gather(*(database.read(lambda connection: connection.scalar(text)) for _ in range(5)))
    await database.close()

    assert most == 1


async def test_a_read_does_not_wait_for_a_long_statement(sqlite_path: Path) -> None:
    begun = asyncio.Event()

    @contextmanager
    def watch(_: str) -> Iterator[None]:
        begun.set()
        yield

    database = Database(create_engine(parse_database_url(f"sqlite:///{sqlite_path}")), watch=watch)
    counting = asyncio.create_task(database.read(lambda connection: connection.scalar(sa.text(COUNTING))))
    await begun.wait()

    async with asyncio.timeout(20):
        found = await database.read(_one)

    assert (found, counting.done()) == (1, False)
    counting.cancel()
    await asyncio.wait((counting,))
    await database.close()


async def _one(connection: Connection) -> Any:
    return await connection.scalar(sa.text("SELECT 1"))
