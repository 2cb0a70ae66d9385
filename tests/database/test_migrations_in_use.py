"""Migrations of a PostgreSQL in use: none locks it for long, and the release before serves on through the newest."""

import asyncio
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.server import running, settings_for
from tests.tools.locks import complaints
from todo_gql.database import DatabaseURL, migrations, parse_database_url
from todo_gql.database.engine import create_migration_engine
from todo_gql.database.migrations import downgrade, upgrade
from todo_gql.database.migrations.scripts import known_revisions

# Nothing was released before 0003: no database that is in use goes through these.
KNOWN: Final = {
    "0002": [
        "CREATE INDEX todo_changes_transaction_id_index ON todo_changes (owner, transaction_id, position): "
        "It stops writers while it is built: build it concurrently.",
        "CREATE INDEX todo_changes_feed_index ON todo_changes (transaction_id, position): "
        "It stops writers while it is built: build it concurrently.",
    ],
}

CREATION: Final = (
    "INSERT INTO todos (owner, id, title, title_folded, status, priority, overdue_at, version, created_at, updated_at) "
    "VALUES ('', $1, 'Milk', 'milk', 'OPEN', 0, '9999-12-31T23:59:59.999999Z', 1, now(), now())",
    "INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at) "
    "VALUES ('', $1, 'CREATED', 1, '[\"title\"]', now())",
)


async def emitted(url: DatabaseURL, revision: str) -> list[str]:
    """Upgrade by one revision, and give the statements that it sent."""
    statements: list[str] = []
    engine = create_migration_engine(url)

    def run(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
        config.attributes["connection"] = connection

        @sa.event.listens_for(connection, "before_cursor_execute")
        def note(_c: object, _cursor: object, statement: str, _p: object, _context: object, _many: bool) -> None:
            statements.append(statement)

        command.upgrade(config, revision)

    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()
    return statements


async def test_no_migration_locks_or_writes_a_table_anew(empty_postgresql_url: str) -> None:
    url = parse_database_url(empty_postgresql_url)

    told = {}
    for revision in reversed(known_revisions()):
        statements = await emitted(url, revision)
        assert any("CREATE" in statement or "ALTER" in statement for statement in statements)
        told[revision] = list(complaints(statements))

    assert {revision: sentences for revision, sentences in told.items() if sentences} == KNOWN


async def write_as_before(url: str, written: list[UUID], is_over: asyncio.Event) -> None:
    """Create todos as the release before does, which knows nothing of what the newest migration adds."""
    connection = await asyncpg.connect(url)
    try:
        while not is_over.is_set():
            todo_id = uuid4()
            async with connection.transaction():
                for statement in CREATION:
                    await connection.execute(statement, todo_id)
            written.append(todo_id)
    finally:
        await connection.close()


async def grow_to(written: list[UUID], count: int) -> None:
    async with asyncio.timeout(60):
        while len(written) < count:  # noqa: ASYNC110  # A list sets no event.
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_release_before_writes_on_through_the_newest_migration_and_beside_the_new_one(
    database_url: str,
) -> None:
    url = parse_database_url(database_url)
    newest, before, *_ = known_revisions()
    written: list[UUID] = []
    is_over = asyncio.Event()
    await downgrade(url, before)
    async with asyncio.TaskGroup() as writers:
        for _ in range(4):
            writers.create_task(write_as_before(database_url, written, is_over))
        await grow_to(written, 20)
        await upgrade(url)
        async with running(settings_for(database_url)) as new:
            created = await new.post("/todos", json={"title": "Milk"})
            await grow_to(written, len(written) + 40)
            is_over.set()
    async with running(settings_for(database_url)) as new:
        found = {todo["id"] for todo in (await new.get("/todos")).json()}

    assert newest != before
    assert found == {created.json()["id"], *map(str, written)}
