"""The feed of changes ends when it is told to."""

import asyncio
from typing import Any

import asyncpg
import pytest

from todo_gql.database import Database, create_engine, parse_database_url
from todo_gql.todos.feed import Feed, following

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
