"""Migrations of empty databases, of several migrators, and of databases that are refused."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.database.old_service import MILK, make_old_table, old_rows, run_on
from todo_gql.database import Connection, Database, DatabaseURL, create_engine, parse_database_url
from todo_gql.database.migrations import (
    MigrationError,
    RevisionState,
    RevisionStatus,
    downgrade,
    revision_status,
    upgrade,
)
from todo_gql.database.migrations.scripts import known_revisions
from todo_gql.database.tables import metadata

POSTGRESQL_ONLY = {"transaction_id", "oldest_running"}
ONE_ENGINE_ONLY = {
    "todos_search_index",
    "todo_changes_position_index",
    "todo_changes_transaction_id_index",
    "todo_changes_feed_index",
}


async def status_of(url: DatabaseURL) -> RevisionStatus:
    database = Database(create_engine(url))
    try:
        return await revision_status(database)
    finally:
        await database.close()


def differences(connection: sa.Connection) -> Iterable[object]:
    """Compare the tables with the metadata, but for what only the migrations know."""

    def is_compared(_: object, name: str | None, kind: str, reflected: bool, __: object) -> bool:
        return not (reflected and (kind == "index" or name in POSTGRESQL_ONLY | {"alembic_version"}))

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_compared})
    return list(compare_metadata(context, metadata))


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
@pytest.mark.parametrize("adopted", [False, True], ids=["fresh", "adopted"])
async def test_the_tables_are_as_the_code_sees_them(empty_url: DatabaseURL, adopted: bool) -> None:
    if adopted:
        await make_old_table(empty_url, MILK)

    await upgrade(empty_url)

    assert await run_on(empty_url, lambda connection: connection.run_sync(differences)) == []


@pytest.mark.parametrize("adopted", [False, True], ids=["fresh", "adopted"])
async def test_every_index_for_requests_begins_with_the_owner(empty_url: DatabaseURL, adopted: bool) -> None:
    def first_columns(connection: sa.Connection) -> dict[str | None, str | None]:
        inspector = sa.inspect(connection)
        tables = ("todos", "todo_dependencies", "todo_changes", "idempotency_keys")
        return {index["name"]: index["column_names"][0] for table in tables for index in inspector.get_indexes(table)}

    if adopted:
        await make_old_table(empty_url, MILK)

    await upgrade(empty_url)
    columns = await run_on(empty_url, lambda connection: connection.run_sync(first_columns))

    expected = {
        "idempotency_keys_expires_at_index",
        "todo_changes_todo_id_index",
        "todo_dependencies_depends_on_id_index",
        "todos_created_at_index",
        "todos_due_date_index",
        "todos_next_index",
        "todos_overdue_at_index",
        "todos_priority_index",
        "todos_status_index",
        "todos_title_index",
        "todos_trash_index",
        "todos_updated_at_index",
    }
    assert columns.keys() - ONE_ENGINE_ONLY == expected
    # The feed follows the changes of all owners, and expired keys are purged whoever's they are.
    assert {name for name, column in columns.items() if column != "owner"} <= {
        "todo_changes_feed_index",
        "idempotency_keys_expires_at_index",
    }


async def test_the_status_follows_the_tables(empty_url: DatabaseURL) -> None:
    empty = await status_of(empty_url)
    await make_old_table(empty_url)
    behind = await status_of(empty_url)
    upgraded = await upgrade(empty_url)
    up_to_date = await status_of(empty_url)
    upgraded_again = await upgrade(empty_url)

    assert empty == RevisionStatus(state=RevisionState.EMPTY, current=None, expected="0005")
    assert behind == RevisionStatus(state=RevisionState.BEHIND, current=None, expected="0005")
    assert up_to_date == RevisionStatus(state=RevisionState.UP_TO_DATE, current="0005", expected="0005")
    assert (upgraded, upgraded_again) == (True, False)


async def test_tables_of_a_newer_version_are_left_alone(empty_url: DatabaseURL) -> None:
    await upgrade(empty_url)
    await run_on(
        empty_url, lambda connection: connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    )

    status = await status_of(empty_url)
    with pytest.raises(MigrationError) as upgrading:
        await upgrade(empty_url)
    with pytest.raises(MigrationError) as downgrading:
        await downgrade(empty_url, "base")

    sentence = "The tables were made by a newer version (revision 9999); this one works with revision 0005."
    assert status.state is RevisionState.AHEAD
    assert [str(status), str(upgrading.value), str(downgrading.value)] == [sentence] * 3


async def test_a_table_of_someone_else_is_refused(empty_url: DatabaseURL) -> None:
    await run_on(
        empty_url, lambda connection: connection.execute(sa.text("CREATE TABLE todos (id integer PRIMARY KEY)"))
    )

    with pytest.raises(MigrationError) as failure:
        await upgrade(empty_url)

    assert str(failure.value) == (
        "The database has a table todos that is neither this service's nor its predecessor's."
    )
    assert (await status_of(empty_url)).current is None


async def test_a_migration_that_fails_changes_nothing(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url, MILK)
    await run_on(empty_url, lambda connection: connection.execute(sa.text("CREATE TABLE todo_changes (mine integer)")))

    with pytest.raises(MigrationError, match=r"^The migration failed and changed nothing: .*already exists\.$"):
        await upgrade(empty_url)

    assert await old_rows(empty_url) == [MILK]


async def test_of_two_migrators_the_second_finds_nothing_to_do(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url, MILK)

    upgraded = await asyncio.gather(upgrade(empty_url), upgrade(empty_url))

    assert sorted(upgraded) == [False, True]


async def test_an_unknown_revision_is_refused(empty_url: DatabaseURL) -> None:
    with pytest.raises(MigrationError) as failure:
        await downgrade(empty_url, "0815")

    assert str(failure.value) == "The revision '0815' is not known."


async def test_a_table_in_use_stops_the_migration_with_a_sentence(
    empty_postgresql_url: str, postgresql_database: Database
) -> None:
    url = parse_database_url(empty_postgresql_url)
    await make_old_table(url, MILK)

    async def use(connection: Connection) -> str:
        await connection.execute(sa.text("SELECT FROM todos"))
        with pytest.raises(MigrationError) as failure:
            await upgrade(url)
        return str(failure.value)

    assert await postgresql_database.write(use) == (
        "The tables are in use, and could not be locked: stop the service that uses them, and migrate again."
    )


async def test_the_servers_limits_do_not_end_a_migration(
    empty_postgresql_url: str, postgresql_database: Database
) -> None:
    limited_url = parse_database_url(f"{empty_postgresql_url}?options=-c%20statement_timeout%3D300ms")

    waits_too_long = sa.text("""
        SELECT pid FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event = 'advisory' AND query_start < clock_timestamp() - interval '400 ms'
    """)

    async def lock_migrators_out(connection: Connection) -> asyncio.Task[bool]:
        await connection.execute(sa.text("SELECT pg_advisory_xact_lock(1953457263)"))
        upgrading = asyncio.create_task(upgrade(limited_url))
        while (await connection.execute(waits_too_long)).first() is None:
            assert not upgrading.done()
            # The view is a snapshot for as long as the transaction lasts.
            await connection.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
        return upgrading

    upgrading = await postgresql_database.write(lock_migrators_out)

    assert await upgrading


@asynccontextmanager
async def role_without_rights_on_the_database(database: Database) -> AsyncIterator[str]:
    role = f"role_{uuid4().hex}"
    for statement in (f"CREATE ROLE {role}", f"GRANT ALL ON SCHEMA public TO {role}"):
        await run_statement(database, statement)
    yield role
    for statement in (f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}"):
        await run_statement(database, statement)


async def run_statement(database: Database, statement: str) -> None:
    await database.write(lambda connection: connection.execute(sa.text(statement)))


async def test_without_the_right_to_make_extensions_there_is_no_search_index(
    empty_postgresql_url: str, postgresql_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with role_without_rights_on_the_database(postgresql_database) as role:
        url = parse_database_url(f"{empty_postgresql_url}?options=-c%20role%3D{role}")

        await upgrade(url)
        status = await status_of(url)

    assert status.state is RevisionState.UP_TO_DATE
    assert [record.levelno for record in caplog.records if record.levelno >= logging.WARNING] == [logging.WARNING]
    assert "permission denied to create extension" in caplog.text


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
async def test_the_first_revision_comes_back_with_its_changes(empty_url: DatabaseURL) -> None:
    await upgrade(empty_url)
    await run_on(
        empty_url,
        lambda connection: connection.execute(
            sa.text(
                "INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at) "
                "VALUES ('', '01890000-0000-7000-8000-00000000abcd', 'CREATED', 1, '[]', '2026-11-23T08:00:00+00:00')"
            )
        ),
    )

    await downgrade(empty_url, "0001")
    behind = await status_of(empty_url)
    await upgrade(empty_url)

    assert (behind.state, behind.current) == (RevisionState.BEHIND, "0001")
    changes = await run_on(
        empty_url, lambda connection: connection.scalar(sa.text("SELECT count(*) FROM todo_changes"))
    )
    assert changes == 1
    assert await run_on(empty_url, lambda connection: connection.run_sync(differences)) == []


def test_the_revisions_are_those_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", "todo_gql:database/migrations")

    scripts = ScriptDirectory.from_config(config)

    assert known_revisions() == tuple(script.revision for script in scripts.walk_revisions())


@pytest.mark.process
def test_a_service_that_has_nothing_to_migrate_loads_no_alembic() -> None:
    check = "import sys, todo_gql.app; sys.exit('alembic' in sys.modules or 'todo_gql.telemetry.server' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
