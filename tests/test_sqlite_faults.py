"""SQLite on a full disk, and with its process killed: what was acknowledged is there, and the file is sound."""

import asyncio
import shutil
import signal
import threading
from pathlib import Path
from typing import Final

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from tests import loopback
from tests.process import serving
from todo_gql.database import Database, DatabaseUnavailable, create_engine, parse_database_url, tables
from todo_gql.todos.commands import Create, TodoDraft
from todo_gql.todos.model import Caller
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.service import Todos

pytestmark = pytest.mark.process

WRITERS: Final = 16


def open_database(path: Path, *, may_grow: bool) -> Database:
    database = Database(create_engine(parse_database_url(f"sqlite:///{path}")))
    if not may_grow:

        @sa.event.listens_for(database.engine.sync_engine, "connect")
        def limit(connection: DBAPIConnection, _record: object) -> None:
            # SQLite raises it to the size that the file has.
            connection.cursor().execute("PRAGMA max_page_count = 1")

    return database


async def write_until_refused(database: Database, kept: set[str]) -> str:
    """Create todos, note each that was acknowledged, and give what the refusal says."""
    todos = Todos(database, Caller(), Policy())
    while True:
        try:
            created = await todos.execute(Create(draft=TodoDraft(title="Milk", description="x" * 1000)))
        except DatabaseUnavailable as error:
            return str(error)
        kept.add(str(created.todo.id))


async def ids_in(database: Database) -> set[str]:
    return set(map(str, await database.read(lambda connection: connection.scalars(sa.select(tables.todos.c.id)))))


async def soundness(database: Database) -> str:
    answer = await database.read(lambda connection: connection.execute(sa.text("PRAGMA integrity_check")))
    return str(answer.scalar_one())


async def test_a_full_disk_is_told_and_loses_nothing(sqlite_template: Path, sqlite_path: Path) -> None:
    shutil.copy(sqlite_template, sqlite_path)
    kept: set[str] = set()

    full = open_database(sqlite_path, may_grow=False)
    told = await asyncio.gather(*(write_until_refused(full, kept) for _ in range(WRITERS)))
    read_on_full = await ids_in(full)
    await full.close()

    assert set(told) == {"The database cannot answer now (database or disk is full)."}
    assert kept
    assert read_on_full == kept

    roomy = open_database(sqlite_path, may_grow=True)
    created = await Todos(roomy, Caller(), Policy()).execute(Create(draft=TodoDraft(title="Bread")))
    assert await ids_in(roomy) == kept | {str(created.todo.id)}
    assert await soundness(roomy) == "ok"
    await roomy.close()


async def test_what_was_acknowledged_outlives_the_process(tmp_path: Path) -> None:
    kept: set[str] = set()
    many_are_kept = threading.Event()

    def write(url: str) -> None:
        with loopback.client(url, timeout=30) as client:
            while True:
                try:
                    answer = client.post("/todos", json={"title": "Milk"})
                except httpx.TransportError:
                    return  # It was killed.
                kept.add(answer.raise_for_status().json()["id"])
                if len(kept) > 5 * WRITERS:
                    many_are_kept.set()

    with serving(tmp_path) as service:
        writers = [threading.Thread(target=write, args=(service.url,)) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        assert many_are_kept.wait(60)
        service.signal(signal.SIGKILL)
        for writer in writers:
            writer.join()

    database = open_database(tmp_path / "todo.db", may_grow=True)
    found = await ids_in(database)
    assert found >= kept
    # What was written and not acknowledged when it was killed: one request of each writer at most.
    assert len(found - kept) <= WRITERS
    assert await soundness(database) == "ok"
    await database.close()
