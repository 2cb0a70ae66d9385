"""What PostgreSQL itself keeps from an owner, whatever a statement asks for."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import pytest
import sqlalchemy as sa

from tests.tools.postgres import PostgreSQL, find_binary
from todo_gql.database import Connection, Database, DatabaseUnavailable, create_engine, parse_database_url
from todo_gql.database.migrations import MigrationError, check_rows, downgrade, guard_rows, upgrade

TABLES: Final = ("todos", "todo_dependencies", "todo_changes", "idempotency_keys")
FIRST, SECOND = "01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"
WHO: Final = sa.text("SELECT CAST(current_user AS text), current_setting('todo_gql.owner', true)")


def rows_of(owner: str) -> str:
    return f"""
    INSERT INTO todos (owner, id, title, title_folded, status, priority, overdue_at, version, created_at, updated_at)
    SELECT '{owner}', id, 'Milk', 'milk', 'OPEN', 0, '9999-12-31', 1, now(), now()
    FROM unnest('{{{FIRST}, {SECOND}}}'::uuid[]) AS id;
    INSERT INTO todo_dependencies VALUES ('{owner}', '{SECOND}', '{FIRST}', 0);
    INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at)
    VALUES ('{owner}', '{FIRST}', 'CREATED', 1, '[]', now());
    INSERT INTO idempotency_keys VALUES ('{owner}', 'key', '', '', now());
    """


async def as_administrator(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


@asynccontextmanager
async def opened(url: str, role: str | None) -> AsyncIterator[Database]:
    database = Database(create_engine(parse_database_url(url)), owners_role=role, retry_s=0)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def guarded(guarded_url: str, owners_role: str) -> AsyncIterator[Database]:
    """A guarded database in which Alice, Bob and nobody have the same rows."""
    await as_administrator(guarded_url, rows_of("alice") + rows_of("bob") + rows_of(""))
    async with opened(guarded_url, owners_role) as database:
        yield database


@pytest.fixture
def user(owners_role: str, request: pytest.FixtureRequest, postgresql: PostgreSQL) -> Iterator[str]:  # noqa: ARG001  # Dropped after what depends on it.
    """A user that owns a database and is no superuser, as Azure's administrators are none."""
    name = postgresql.create_user(request.param)
    yield name
    postgresql.drop_database(name)
    postgresql.drop_role(name)


async def owners_in(database: Database, table: str) -> list[str]:
    return sorted(await database.read(lambda connection: connection.scalars(sa.text(f"SELECT owner FROM {table}"))))


async def run(database: Database, statement: str) -> Any:
    return await database.write(lambda connection: connection.execute(sa.text(statement)))


@pytest.mark.parametrize("table", TABLES)
async def test_an_owner_sees_no_other_rows(guarded: Database, table: str) -> None:
    everyone = await owners_in(guarded, table)

    assert set(await owners_in(guarded.of("alice"), table)) == {"alice"}
    assert await owners_in(guarded.of("carol"), table) == []
    assert set(everyone) == {"", "alice", "bob"}


@pytest.mark.parametrize("table", TABLES)
async def test_without_an_owner_there_is_nothing(guarded: Database, table: str) -> None:
    await owners_in(guarded.of("alice"), table)

    assert await owners_in(guarded.of(""), table) == []


async def test_a_snapshot_has_no_other_rows(guarded: Database) -> None:
    async with guarded.of("alice").snapshot() as connection:
        owners = set(await connection.scalars(sa.text("SELECT owner FROM todos")))

    assert owners == {"alice"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE todos SET title = 'Mine'",
        "DELETE FROM todo_dependencies",
        "UPDATE idempotency_keys SET answer = 'Mine'",
        f"INSERT INTO todos SELECT 'alice', gen_random_uuid(), title FROM todos WHERE id = '{FIRST}' AND owner = 'bob'",
    ],
)
async def test_an_owner_changes_no_other_rows(guarded: Database, statement: str) -> None:
    async def theirs() -> list[Any]:
        asked = "SELECT todos, d, k FROM todos LEFT JOIN todo_dependencies d USING (owner) JOIN idempotency_keys k "
        found = await guarded.read(lambda connection: connection.execute(sa.text(asked + "USING (owner) ORDER BY 1")))
        return [row for row in found if "alice" not in str(row)]

    before = await theirs()
    await run(guarded.of("alice"), statement)

    assert await theirs() == before
    assert len(before) == 4


@pytest.mark.parametrize(
    "statement",
    [
        rows_of("carol").split(";")[0],
        f"INSERT INTO todo_dependencies VALUES ('bob', '{FIRST}', '{SECOND}', 0)",
        rows_of("bob").split(";")[2],
        "INSERT INTO idempotency_keys VALUES ('bob', 'another', '', '', now())",
        "UPDATE todos SET owner = 'bob'",
        # These are the purge's.
        "DELETE FROM todos",
        "DELETE FROM todo_changes",
        "DELETE FROM idempotency_keys",
    ],
)
async def test_an_owner_has_no_right_to_others_rows_nor_to_purge(guarded: Database, statement: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="lacks rights"):
        await run(guarded.of("alice"), statement)


OWNERS: Final = [
    "alice",
    "o'hara",
    "'; RESET ROLE; --",
    "\\'; RESET ROLE; --",
    "\\",
    "\\047",
    "E'x'",
    "a,b",
    '"quoted"',
    "$1 :name %s",
    "line\nbreak",
    "𝒶lice é",
    "x" * 10_000,
]


@pytest.mark.parametrize("options", ["", "?options=-c%20standard_conforming_strings%3Doff"])
@pytest.mark.parametrize("owner", OWNERS, ids=range(len(OWNERS)))
async def test_any_text_can_be_an_owner(guarded_url: str, owners_role: str, owner: str, options: str) -> None:
    async with opened(guarded_url + options, owners_role) as database:
        who = await database.of(owner).read(lambda connection: connection.execute(WHO))

    assert who.one() == (owners_role, owner)


async def fails(_: Connection) -> None:
    raise LookupError


async def stays(connection: Connection) -> None:
    await connection.execute(sa.text("SELECT pg_sleep(60)"))


@pytest.mark.parametrize("way", ["read", "write", "failed", "refused", "cancelled", "snapshot"])
async def test_a_connection_forgets_whom_it_served(guarded: Database, way: str) -> None:
    before = (await guarded.read(lambda connection: connection.execute(WHO))).one()
    alice = guarded.of("alice")
    match way:
        case "read":
            await alice.read(lambda connection: connection.execute(WHO))
        case "write":
            await run(alice, "UPDATE todos SET title = 'Mine'")
        case "failed":
            with pytest.raises(LookupError):
                await alice.read(fails)
        case "refused":
            with pytest.raises(DatabaseUnavailable):
                await run(alice, "DELETE FROM todos")
        case "cancelled":
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await alice.read(stays)
        case _:
            async with alice.snapshot() as connection:
                await connection.execute(WHO)
    after = (await guarded.read(lambda connection: connection.execute(WHO))).one()

    assert guarded.pool_state().idle == 1
    assert before == (guarded.engine.url.username, None)
    assert after[0] == before[0]
    assert not after[1]


async def test_what_nobody_owns_is_read_without_a_transaction(guarded_url: str) -> None:
    """Authentication may be turned off again: whoever owns the tables sees all of them as before."""
    await as_administrator(guarded_url, rows_of(""))

    async def look(connection: Connection) -> set[object]:
        # The same throughout a transaction.
        return {await connection.scalar(sa.text("SELECT now()")) for _ in range(2)}

    async with opened(guarded_url, None) as database:
        assert len(await database.of("").read(look)) == 2
        assert await owners_in(database.of(""), "todos") == ["", ""]


async def see_owners_kept_apart(url: str, role: str) -> None:
    await as_administrator(url, rows_of("alice") + rows_of("bob"))
    async with opened(url, role) as database:
        await check_rows(database, role)
        assert await owners_in(database.of("alice"), "todos") == ["alice", "alice"]
        assert await owners_in(database, "todos") == ["alice", "alice", "bob", "bob"]


@pytest.mark.parametrize("user", ["CREATEROLE"], indirect=True)
async def test_a_user_that_may_make_roles_needs_nobody(owners_role: str, user: str, postgresql: PostgreSQL) -> None:
    url = postgresql.url_of(user, user)
    await upgrade(parse_database_url(url))

    await guard_rows(parse_database_url(url), owners_role)

    await see_owners_kept_apart(url, owners_role)


@pytest.mark.parametrize("user", [""], indirect=True)
async def test_a_user_that_may_not_says_what_an_administrator_does(
    owners_role: str, user: str, postgresql: PostgreSQL
) -> None:
    url = postgresql.url_of(user, user)
    await upgrade(parse_database_url(url))

    with pytest.raises(MigrationError) as refused:
        await guard_rows(parse_database_url(url), owners_role)
    await as_administrator(postgresql.url_of(user), str(refused.value).split("`")[1])
    await guard_rows(parse_database_url(url), owners_role)

    assert str(refused.value) == (
        f"The user {user} may not make the role {owners_role}, by which owners are kept apart: "
        f'let an administrator run `CREATE ROLE "{owners_role}" NOLOGIN; GRANT "{owners_role}" TO "{user}"`, '
        "and migrate again."
    )
    await see_owners_kept_apart(url, owners_role)


@pytest.mark.parametrize("user", ["CREATEROLE"], indirect=True)
async def test_a_backup_by_the_tables_owner_is_whole_or_refused(
    owners_role: str, user: str, postgresql: PostgreSQL
) -> None:
    url = postgresql.url_of(user, user)
    await upgrade(parse_database_url(url))
    await guard_rows(parse_database_url(url), owners_role)
    await as_administrator(url, rows_of("alice") + rows_of("bob"))

    async def dump(*options: str) -> tuple[int | None, str]:
        program = await asyncio.create_subprocess_exec(
            find_binary("pg_dump"), *options, "--data-only", url, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        said, _ = await program.communicate()
        return program.returncode, said.decode()

    refused, _ = await dump()
    done, text = await dump("--enable-row-security")

    assert refused == 1
    assert done == 0
    assert (text.count("\nalice\t"), text.count("\nbob\t")) == (5, 5)


BROKEN: Final = {
    'ALTER ROLE "{role}" BYPASSRLS': 'The role {role} may bypass row-level security: ALTER ROLE "{role}" NOSUPERUSER '
    "NOBYPASSRLS.",
    'ALTER ROLE "{role}" SUPERUSER': 'The role {role} may bypass row-level security: ALTER ROLE "{role}" NOSUPERUSER '
    "NOBYPASSRLS.",
    "ALTER TABLE todo_changes DISABLE ROW LEVEL SECURITY": "Row-level security is off, by which owners are kept apart: "
    "run `todo-gql migrate`.",
    "CREATE POLICY anyone ON todos FOR SELECT USING (true)": "The role {role} sees the rows of every owner in todos: "
    "drop the policy that lets it.",
    'REVOKE UPDATE ON todos FROM "{role}"': "The role {role} lacks UPDATE on todos: run `todo-gql migrate`.",
}


@pytest.mark.parametrize("statement", BROKEN)
async def test_what_does_not_keep_owners_apart_is_named(guarded: Database, owners_role: str, statement: str) -> None:
    await check_rows(guarded, owners_role)
    await run(guarded, statement.format(role=owners_role))

    with pytest.raises(MigrationError) as refused:
        await check_rows(guarded, owners_role)

    assert str(refused.value) == BROKEN[statement].format(role=owners_role)


@pytest.mark.parametrize("statement", [each for each in BROKEN if "ALTER ROLE" not in each and "POLICY" not in each])
async def test_to_migrate_again_mends_it(guarded: Database, guarded_url: str, owners_role: str, statement: str) -> None:
    await run(guarded, statement.format(role=owners_role))

    await guard_rows(parse_database_url(guarded_url), owners_role)

    await check_rows(guarded, owners_role)


async def test_a_role_that_is_not_there_is_named(database_url: str, owners_role: str) -> None:
    async with opened(database_url, owners_role) as database:
        if database.engine.dialect.name == "sqlite":
            await check_rows(database, owners_role)
            return
        with pytest.raises(MigrationError, match=f"cannot take the role {owners_role}.*run `todo-gql migrate`"):
            await check_rows(database, owners_role)


@pytest.mark.parametrize("has_authentication", [True, False])
@pytest.mark.parametrize("user", [""], indirect=True)
async def test_a_user_from_whom_rows_are_kept_is_named(
    guarded_url: str, owners_role: str, postgresql: PostgreSQL, user: str, has_authentication: bool
) -> None:
    await as_administrator(guarded_url, f'GRANT "{owners_role}" TO "{user}"')

    async with opened(postgresql.url_of(guarded_url.rpartition("/")[2], user), None) as database:
        with pytest.raises(MigrationError) as refused:
            await check_rows(database, owners_role if has_authentication else None)

    assert str(refused.value) == (
        f"The user {user} does not see the rows of every owner, as migrations, purge and feed must: "
        "use the one that owns the tables."
    )


async def test_what_is_guarded_is_not_locked_again(guarded_url: str, owners_role: str) -> None:
    reader = await asyncpg.connect(guarded_url)
    async with reader.transaction():
        await reader.fetch("SELECT FROM todos, todo_dependencies, todo_changes, idempotency_keys")

        async with asyncio.timeout(4):
            await guard_rows(parse_database_url(guarded_url), owners_role)
    await reader.close()


async def test_the_release_before_finds_the_tables_as_they_were(guarded: Database, guarded_url: str) -> None:
    await downgrade(parse_database_url(guarded_url), "0004")

    policies = await guarded.read(
        lambda connection: connection.scalars(
            sa.text("SELECT polname FROM pg_policy UNION SELECT relname FROM pg_class WHERE relrowsecurity")
        )
    )

    assert list(policies) == []
