"""The feed of changes: how far it is behind the change log, and that it ends when it is told to."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from tests.todos.world import World
from tests.tools.clock import Clock
from todo_gql.database import Database, create_engine, parse_database_url
from todo_gql.todos import feed as feed_module
from todo_gql.todos.feed import Feed, following
from todo_gql.todos.model import Event, Owner

LISTENING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listen'"
)


async def test_it_ends_although_the_driver_goes_on_connecting(
    empty_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, connect, is_connecting = parse_database_url(empty_postgresql_url), asyncpg.connect, asyncio.Event()

    async def connect_all_the_same(*arguments: Any, **options: Any) -> Any:
        is_connecting.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await connect(*arguments, **options)

    database = Database(create_engine(url))
    monkeypatch.setattr(asyncpg, "connect", connect_all_the_same)
    async with asyncio.timeout(10):
        async with following(Feed(database), database, url):
            await is_connecting.wait()
    monkeypatch.undo()
    connection = await connect(empty_postgresql_url)
    try:
        async with asyncio.timeout(10):
            while await connection.fetchval(LISTENING):
                pass
    finally:
        await connection.close()
        await database.close()


async def test_a_feed_is_behind_since_it_last_saw_the_whole_log(world: World) -> None:
    clock = Clock()
    feed = Feed(world.database, clock)
    arrived = asyncio.Event()

    def deliver(_: Sequence[Event]) -> None:
        arrived.set()

    unheard = feed.behind_s()
    await feed.join(Owner(""), deliver, lambda _: None)
    joined = feed.behind_s()
    await world.create()
    clock.now += 7
    late = feed.behind_s()
    running = asyncio.create_task(feed.run())
    feed.wake()
    async with asyncio.timeout(20):
        await arrived.wait()
    read = feed.behind_s()
    running.cancel()
    await asyncio.wait([running])

    assert (unheard, joined, late, read) == (0, 0, 7, 0)


async def test_a_feed_that_has_read_a_part_is_still_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(feed_module, "_STRETCH", 2)
    feed = Feed(world.database, clock)
    behind: list[float] = []
    complete = asyncio.Event()

    def deliver(events: Sequence[Event]) -> None:
        behind.extend(feed.behind_s() for _ in events)
        if len(behind) == 5:
            complete.set()

    await feed.join(Owner(""), deliver, lambda _: None)
    for number in range(5):
        await world.create(f"todo {number}")
    clock.now += 7
    running = asyncio.create_task(feed.run())
    feed.wake()
    async with asyncio.timeout(20):
        await complete.wait()
    running.cancel()
    await asyncio.wait([running])

    assert behind == [7] * 5
    assert feed.behind_s() == 0
