"""Units of work whose connection is lost: what runs again, what was done, and what nobody knows."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from tests.tools.proxy import Proxy, proxy_to
from todo_gql.database import (
    Connection,
    Database,
    DatabaseUnavailable,
    OutcomeUnknown,
    create_engine,
    parse_database_url,
)
from todo_gql.database.failures import Interrupted
from todo_gql.database.retry import Retry


@pytest.fixture
async def proxy_and_database(empty_postgresql_url: str) -> AsyncIterator[tuple[Proxy, Database]]:
    """A database with a counter, and the proxy through which it is reached."""
    async with proxy_to(empty_postgresql_url) as (proxy, url):
        database = Database(create_engine(parse_database_url(url)))
        await database.write(make)
        yield proxy, database
        await database.close()


async def make(connection: Connection) -> None:
    await connection.execute(sa.text("CREATE TABLE counter AS SELECT 0 AS count"))


async def increment(connection: Connection) -> None:
    await connection.execute(sa.text("UPDATE counter SET count = count + 1"))


async def count(connection: Connection) -> int:
    return int((await connection.execute(sa.text("SELECT count FROM counter"))).scalar_one())


async def test_a_read_runs_again(proxy_and_database: tuple[Proxy, Database]) -> None:
    proxy, database = proxy_and_database
    proxy.cut_once_after(b"SELECT count")

    assert await database.read(count) == 0


async def test_a_write_runs_again_and_is_done_once(proxy_and_database: tuple[Proxy, Database]) -> None:
    proxy, database = proxy_and_database
    runs = 0

    async def increment_and_lose(connection: Connection) -> None:
        nonlocal runs
        runs += 1
        await increment(connection)
        if runs == 1:
            proxy.cut()
        await count(connection)

    await database.write(increment_and_lose)

    assert runs == 2
    assert await database.read(count) == 1


async def test_idle_connections_that_were_lost_are_no_failure(proxy_and_database: tuple[Proxy, Database]) -> None:
    proxy, database = proxy_and_database
    all_taken = asyncio.Barrier(10)

    async def hold(_: Connection) -> None:
        await all_taken.wait()

    await asyncio.gather(*(database.read(hold) for _ in range(10)))
    proxy.cut()

    await asyncio.gather(*(database.write(increment) for _ in range(10)))

    assert await database.read(count) == 10


async def test_a_connection_that_the_server_has_closed_is_given_to_nobody(
    proxy_and_database: tuple[Proxy, Database],
) -> None:
    proxy, database = proxy_and_database
    without_retry = Database(database.engine, retry_s=0)
    await without_retry.ping()
    proxy.cut()
    await asyncio.sleep(0.2)

    assert await without_retry.read(count) == 0


async def test_a_server_that_comes_back_is_waited_for(proxy_and_database: tuple[Proxy, Database]) -> None:
    proxy, database = proxy_and_database
    await proxy.refuse()

    writing = asyncio.create_task(database.write(increment))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(writing), 0.3)
    await proxy.listen()
    await writing

    assert await database.read(count) == 1


async def test_a_server_that_stays_away_is_told_in_time(proxy_and_database: tuple[Proxy, Database]) -> None:
    proxy, database = proxy_and_database
    impatient = Database(database.engine, retry_s=0.2)
    await proxy.refuse()

    with pytest.raises(DatabaseUnavailable):
        await asyncio.wait_for(impatient.read(count), 5)


async def test_nobody_knows_what_became_of_a_commit_without_an_answer(
    proxy_and_database: tuple[Proxy, Database],
) -> None:
    proxy, database = proxy_and_database
    proxy.cut_once_after(b"COMMIT")

    with pytest.raises(OutcomeUnknown):
        await database.write(increment)

    assert await database.read(count) == 1


async def test_what_is_repeatable_runs_again_after_such_a_commit(proxy_and_database: tuple[Proxy, Database]) -> None:
    proxy, database = proxy_and_database

    async def set_to_one(connection: Connection) -> None:
        await connection.execute(sa.text("UPDATE counter SET count = 1"))

    proxy.cut_once_after(b"COMMIT")
    await database.write(set_to_one, repeatable=True)

    assert await database.read(count) == 1


async def test_a_conflict_at_the_commit_is_no_unknown_outcome(proxy_and_database: tuple[Proxy, Database]) -> None:
    _, database = proxy_and_database
    both_have_read = asyncio.Barrier(2)
    runs = 0

    async def count_up(connection: Connection) -> None:
        nonlocal runs
        runs += 1
        await connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
        counted = await connection.execute(sa.text("SELECT count(*) FROM counter"))
        if runs <= 2:
            await both_have_read.wait()
        await connection.execute(sa.text(f"INSERT INTO counter VALUES ({counted.scalar_one()})"))

    await asyncio.gather(database.write(count_up), database.write(count_up))

    assert runs == 3


async def attempts_of(units: int, *, within_s: float) -> int:
    """Count how often units that always fail are tried, all at once."""
    retry = Retry(within_s)
    attempts = 0

    async def fail() -> None:
        nonlocal attempts
        attempts += 1
        raise Interrupted("The connection to the database was lost.")

    async def run() -> None:
        with pytest.raises(Interrupted):
            await retry.run(fail)

    async with asyncio.timeout(30):
        await asyncio.gather(*(run() for _ in range(units)))
    return attempts


async def test_what_keeps_failing_is_soon_not_run_again() -> None:
    attempts = await attempts_of(600, within_s=60)

    # 501 units leave less than half of 1,000 tokens; the 500 that wait then have one attempt left.
    assert attempts == 1100


async def test_one_that_keeps_failing_takes_no_tokens_from_others() -> None:
    attempts = await attempts_of(400, within_s=1)

    assert attempts >= 3 * 400
