"""Connections to the database that are ended while todos are created through every door."""

from typing import Final

import asyncpg
import httpx
import pytest

from tests.faults.ledger import WRITERS, Audit, writing
from tests.server import running, settings_for

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

TERMINATIONS: Final = 20


async def terminate_others(database_url: str) -> int:
    """End every other connection to the database, and give their number."""
    connection = await asyncpg.connect(database_url)
    ended = await connection.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    return len(ended)


async def test_no_request_fails_and_none_is_lost_or_doubled(database_url: str) -> None:
    async with running(settings_for(database_url)) as client:
        client.timeout = httpx.Timeout(30)
        async with writing(client) as ledger:
            ended = 0
            for _ in range(TERMINATIONS):
                await ledger.grow_by(WRITERS)
                ended += await terminate_others(database_url)
            await ledger.grow_by(WRITERS)
        audit = await ledger.audit(client)

    assert ended >= TERMINATIONS
    assert audit == Audit(lost=(), doubled=(), failed=())


async def test_the_audit_finds_what_is_lost_doubled_and_failed(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    async with running(settings_for(database_url)) as client:
        async with writing(client) as ledger:
            await ledger.grow_by(10)
        ledger.failed.append("503")
        await connection.execute("DELETE FROM todos WHERE title = 'Todo 0'")
        await client.post("/todos", json={"title": "Todo 1"})

        audit = await ledger.audit(client)
    await connection.close()

    assert audit == Audit(lost=("Todo 0",), doubled=("Todo 1",), failed=("503",))
