"""What is known of the pool of connections."""

import asyncio

import pytest

from todo_gql.database import Connection, Database, DatabaseUnavailable
from todo_gql.database.connection import Work


async def test_connections_that_are_used_and_work_that_waits_for_one_are_counted(database: Database) -> None:
    may_end = asyncio.Event()
    begun = [asyncio.Event() for _ in range(10)]

    async def hold(number: int) -> None:
        async def work(_: Connection) -> None:
            begun[number].set()
            await may_end.wait()

        await database.read(work)

    holding = [asyncio.create_task(hold(number)) for number in range(10)]
    await asyncio.gather(*(event.wait() for event in begun))
    waiting = asyncio.create_task(database.ping())
    async with asyncio.timeout(5):
        while not database.pool_state().waiting:  # noqa: ASYNC110  # The pool sets no event.
            await asyncio.sleep(0)
    state = database.pool_state()
    may_end.set()
    await asyncio.gather(*holding, waiting)
    after = database.pool_state()

    assert (state.used, state.idle, state.waiting, state.largest) == (10, 0, 1, 10)
    assert (after.used, after.idle, after.waiting, after.timeouts) == (0, 10, 0, 0)


async def test_work_that_waited_in_vain_is_counted(database: Database) -> None:
    may_end = asyncio.Event()

    async def hold(_: Connection) -> None:
        await may_end.wait()

    holding = [asyncio.create_task(database.read(hold)) for _ in range(10)]
    with pytest.raises(DatabaseUnavailable):
        await asyncio.gather(*(database.ping() for _ in range(5)))
    may_end.set()
    await asyncio.gather(*holding)

    assert database.pool_state().timeouts >= 1
    assert database.pool_state().waiting == 0


async def test_who_waits_for_a_connection_has_it_before_who_asks_later(database: Database) -> None:
    may_end, order = asyncio.Event(), list[str]()

    async def hold(_: Connection) -> None:
        await may_end.wait()

    async def hold_and_ask_again() -> None:
        await database.read(hold)
        # In the turn of the loop in which the connection came back.
        await database.read(note("later"))

    def note(name: str) -> Work[None]:
        async def work(_: Connection) -> None:
            order.append(name)

        return work

    asking = [asyncio.create_task(hold_and_ask_again()) for _ in range(10)]
    async with asyncio.timeout(30):
        while database.pool_state().used < 10:  # noqa: ASYNC110  # The pool sets no event.
            await asyncio.sleep(0)
        waiting = asyncio.create_task(database.read(note("first")))
        while not database.pool_state().waiting:  # noqa: ASYNC110
            await asyncio.sleep(0)
        may_end.set()
        await asyncio.gather(*asking, waiting)

    assert order == ["first", *["later"] * 10]
