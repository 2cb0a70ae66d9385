"""Migrations of a PostgreSQL in use: none locks it for long, and the release before serves on through the newest."""

import asyncio
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests.faults.ledger import WRITERS_PER_DOOR, Audit, Ledger, by_graphql, by_rest
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


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_releases_serve_beside_each_other_through_the_newest_migration(database_url: str) -> None:
    url = parse_database_url(database_url)
    newest, before, *_ = known_revisions()
    ledger = Ledger()
    async with running(settings_for(database_url)) as old:
        # What it uses from here on is there before the newest migration: it stands for the release before.
        await downgrade(url, before)
        async with asyncio.TaskGroup() as writers:
            for door in (by_rest, by_graphql) * WRITERS_PER_DOOR:
                writers.create_task(ledger.write(door, old))
            await ledger.grow_by(20)
            await upgrade(url)
            async with running(settings_for(database_url)) as new, asyncio.TaskGroup() as more:
                for door in (by_rest, by_graphql):
                    more.create_task(ledger.write(door, new))
                await ledger.grow_by(40)
                keyed = await new.post("/todos", json={"title": "Milk"}, headers={"Idempotency-Key": '"key"'})
                seen = await old.get(f"/todos/{keyed.json()['id']}")
                ledger.is_over.set()
        audit = await ledger.audit(old)

    assert newest != before
    assert (keyed.status_code, seen.status_code) == (201, 200)
    assert audit == Audit(lost=(), doubled=(), failed=())
