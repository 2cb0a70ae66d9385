"""Units of work: what is kept, what is undone, what runs again, and what is called unavailable."""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa

from todo_gql.database import Connection, Database, DatabaseUnavailable, create_engine, parse_database_url

counters = sa.Table(
    "counters", sa.MetaData(), sa.Column("name", sa.Text, primary_key=True), sa.Column("count", sa.Integer)
)


class Refused(Exception):
    pass


@pytest.fixture
async def counting(database: Database) -> Database:
    """A database with two counters, `a` and `b`, at 0."""

    async def make(connection: Connection) -> None:
        await connection.execute(counters.insert(), [{"name": "a", "count": 0}, {"name": "b", "count": 0}])

    await database.alter(counters.metadata.create_all)
    await database.write(make)
    return database


async def increment(connection: Connection, name: str) -> None:
    row = counters.c.name == name
    count = (await connection.execute(sa.select(counters.c.count).where(row).with_for_update())).scalar_one()
    await connection.execute(counters.update().where(row).values(count=count + 1))


async def counts(database: Database) -> dict[str, int]:
    result = await database.read(lambda connection: connection.execute(sa.select(counters)))
    return {row.name: row.count for row in result}


async def test_a_write_is_kept_when_its_work_returns(counting: Database) -> None:
    async def work(connection: Connection) -> str:
        await increment(connection, "a")
        return "done"

    answer = await counting.write(work)

    assert answer == "done"
    assert await counts(counting) == {"a": 1, "b": 0}


async def test_a_write_is_undone_when_its_work_raises(counting: Database) -> None:
    async def work(connection: Connection) -> None:
        await increment(connection, "a")
        raise Refused

    with pytest.raises(Refused):
        await counting.write(work)

    assert await counts(counting) == {"a": 0, "b": 0}


async def test_a_write_is_undone_when_it_is_cancelled(counting: Database) -> None:
    incremented = asyncio.Event()

    async def work(connection: Connection) -> None:
        await increment(connection, "a")
        incremented.set()
        await asyncio.Event().wait()

    writing = asyncio.create_task(counting.write(work))
    await incremented.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await counting.write(lambda connection: increment(connection, "b"))

    assert await counts(counting) == {"a": 0, "b": 1}


async def test_a_savepoint_is_undone_alone(counting: Database) -> None:
    async def work(connection: Connection) -> None:
        async with connection.begin_nested():
            await increment(connection, "a")
        with suppress(sqlite3.IntegrityError, asyncpg.UniqueViolationError):
            async with connection.begin_nested():
                await increment(connection, "a")
                await connection.execute(counters.insert().values(name="b", count=9))
        async with connection.begin_nested():
            await increment(connection, "b")

    await counting.write(work)

    assert await counts(counting) == {"a": 1, "b": 1}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # On PostgreSQL nothing follows a failure.
async def test_what_follows_a_first_statement_that_failed_is_undone_with_its_transaction(counting: Database) -> None:
    async def work(connection: Connection) -> None:
        with suppress(sqlite3.IntegrityError):
            await connection.execute(counters.insert().values(name="b", count=9))
        await increment(connection, "a")
        raise Refused

    with pytest.raises(Refused):
        await counting.write(work)

    assert await counts(counting) == {"a": 0, "b": 0}


async def test_savepoints_are_undone_with_their_transaction(counting: Database) -> None:
    async def work(connection: Connection) -> None:
        async with connection.begin_nested():
            await increment(connection, "a")
        raise Refused

    with pytest.raises(Refused):
        await counting.write(work)

    assert await counts(counting) == {"a": 0, "b": 0}


async def test_sixteen_writers_lose_no_update(counting: Database, database_url: str) -> None:
    # As if the other eight were another process.
    other = Database(create_engine(parse_database_url(database_url)))

    async def write(database: Database) -> None:
        for _ in range(10):
            await database.write(lambda connection: increment(connection, "a"))

    async with asyncio.TaskGroup() as writers:
        for _ in range(8):
            writers.create_task(write(counting))
            writers.create_task(write(other))
    await other.close()

    assert await counts(counting) == {"a": 160, "b": 0}


async def test_each_statement_of_a_read_sees_what_was_written_before_it(counting: Database) -> None:
    async def work(connection: Connection) -> list[int]:
        count = sa.select(counters.c.count).where(counters.c.name == "a")
        before = (await connection.execute(count)).scalar_one()
        await counting.write(lambda connection: increment(connection, "a"))
        return [before, (await connection.execute(count)).scalar_one()]

    assert await counting.read(work) == [0, 1]


async def test_a_read_has_no_transaction_on_postgresql(postgresql_database: Database) -> None:
    async def work(connection: Connection) -> set[object]:
        return {(await connection.execute(sa.text("SELECT transaction_timestamp()"))).scalar_one() for _ in range(2)}

    assert len(await postgresql_database.read(work)) == 2


async def test_a_deadlocked_write_runs_again(postgresql_database: Database) -> None:
    async def make(connection: Connection) -> None:
        await connection.execute(counters.insert(), [{"name": "a", "count": 0}, {"name": "b", "count": 0}])

    await postgresql_database.alter(counters.metadata.create_all)
    await postgresql_database.write(make)
    both_hold_one = asyncio.Barrier(2)
    runs = 0

    async def in_order(connection: Connection, *, first: str, second: str) -> None:
        nonlocal runs
        runs += 1
        await increment(connection, first)
        if runs <= 2:
            await both_hold_one.wait()
        await increment(connection, second)

    await asyncio.gather(
        postgresql_database.write(lambda connection: in_order(connection, first="a", second="b")),
        postgresql_database.write(lambda connection: in_order(connection, first="b", second="a")),
    )

    assert runs == 3
    assert await counts(postgresql_database) == {"a": 2, "b": 2}


async def test_a_lost_connection_is_unavailable_and_then_replaced(postgresql_database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        await postgresql_database.read(
            lambda connection: connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        )

    await postgresql_database.ping()


async def test_a_statement_that_takes_too_long_is_unavailable(empty_postgresql_url: str) -> None:
    url = parse_database_url(f"{empty_postgresql_url}?options=-c%20statement_timeout%3D10ms")
    database = Database(create_engine(url))

    with pytest.raises(DatabaseUnavailable) as failure:
        await database.read(lambda connection: connection.execute(sa.text("SELECT pg_sleep(60)")))
    await database.close()

    assert str(failure.value) == "The database cannot answer now (57014)."


async def test_waiting_for_a_connection_ends(database: Database) -> None:
    all_taken = asyncio.Barrier(11)
    done = asyncio.Event()

    async def hold(_: Connection) -> None:
        await all_taken.wait()
        await done.wait()

    async with asyncio.TaskGroup() as readers:
        for _ in range(10):
            readers.create_task(database.read(hold))
        await all_taken.wait()
        with pytest.raises(DatabaseUnavailable) as failure:
            await database.ping()
        done.set()

    assert str(failure.value) == "All connections to the database are in use."


async def test_tables_that_the_user_may_not_read_are_unavailable(postgresql_database: Database) -> None:
    async def read_as_another(connection: Connection) -> None:
        await connection.execute(sa.text("CREATE TABLE private (id int)"))
        await connection.execute(sa.text("SET LOCAL ROLE pg_monitor"))
        await connection.execute(sa.text("SELECT * FROM private"))

    with pytest.raises(DatabaseUnavailable) as failure:
        await postgresql_database.write(read_as_another)

    assert str(failure.value) == "The user of the database lacks rights on its tables."


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "todo.db").write_text("Dear diary, " * 1000)
    database = Database(create_engine(parse_database_url(f"sqlite:///{tmp_path}/todo.db")))

    with pytest.raises(DatabaseUnavailable) as failure:
        await database.ping()
    await database.close()

    assert str(failure.value) == "The database cannot be used: file is not a database."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_cannot_be_written_is_unavailable(database: Database) -> None:
    async def write(connection: Connection) -> None:
        await connection.execute(sa.text("PRAGMA query_only = ON"))
        await connection.execute(sa.text("CREATE TABLE unwritten (number integer)"))

    with pytest.raises(DatabaseUnavailable, match="readonly database"):
        await database.write(write)


async def test_a_wrong_statement_is_not_called_unavailable(database: Database) -> None:
    with pytest.raises((sqlite3.OperationalError, asyncpg.UndefinedTableError)) as failure:
        await database.read(
            lambda connection: connection.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "hunter2"})
        )

    assert "hunter2" not in str(failure.value)
