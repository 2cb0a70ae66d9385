"""What is beyond retention is removed, and whoever followed the log is told."""

import asyncio
from datetime import timedelta

from tests.todos.test_changes import Replica, state
from tests.todos.world import World, titles
from todo_gql.database import Connection
from todo_gql.todos.commands import Complete, Delete, Restore
from todo_gql.todos.model import ChangeKind, Owner
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.purge import Purged, Retention, purge
from todo_gql.todos.queries import TodoFilter
from todo_gql.todos.store import keys

RETENTION = Retention(trash=timedelta(days=30), changes=timedelta(days=90))
DAY = timedelta(days=1)


async def run(world: World, *, batch: int = 2) -> Purged:
    return await purge(world.database, RETENTION, world.clock.now, batch=batch)


async def test_a_todo_is_removed_once_its_time_in_the_trash_is_over(world: World) -> None:
    first, second, kept = await world.chain("first", "second", "kept")
    for todo in (first, second):
        await world.todos().execute(Delete(id=str(todo.id)))
        world.clock.advance(DAY)

    world.clock.advance(29 * DAY)
    purged = await run(world)
    trash = await world.todos().page(PageRequest(), todo_filter=TodoFilter(trashed=True))

    assert purged == Purged(todos=1, changes=0, keys=0)
    assert titles(trash.todos) == ["second"]
    assert await world.todos().neighbours.dependency_ids([kept.id]) == {kept.id: ()}
    assert not await world.todos().find(str(first.id), trashed=True)


async def test_the_log_tells_what_was_purged_with_its_last_version(world: World) -> None:
    todo = await world.create()
    await world.todos().execute(Delete(id=str(todo.id)))
    replica = Replica(world)
    await replica.catch_up()
    world.clock.advance(31 * DAY)

    await run(world)
    changes = await replica.step()
    history = (await world.todos().log.history([todo.id], PageRequest(last=1)))[todo.id]

    assert [gone.id for gone in changes.deleted] == [todo.id]
    assert [(event.change.kind, event.change.version) for event in history.events] == [(ChangeKind.PURGED, 2)]


async def test_old_changes_are_removed_in_batches_and_their_tokens_start_over(world: World) -> None:
    replica = Replica(world)
    await replica.catch_up()
    todos = [await world.create(f"old {number}") for number in range(5)]
    late = await world.todos().log.token()
    world.clock.advance(91 * DAY)
    await world.todos().execute(Complete(id=str(todos[0].id)))

    purged = await run(world)
    followed = await world.todos().log.changes(late, 100)
    changes = await replica.step()

    assert purged == Purged(todos=0, changes=5, keys=0)
    assert (followed.reset, titles(followed.todos)) == (False, ["old 0"])
    assert changes.reset
    assert replica.todos == await state(world)


async def test_a_single_old_change_is_removed(world: World) -> None:
    await world.create()
    world.clock.advance(91 * DAY)

    assert await run(world, batch=500) == Purged(todos=0, changes=1, keys=0)


async def test_there_is_nothing_to_do_twice(world: World) -> None:
    todo = await world.create()
    await world.todos().execute(Delete(id=str(todo.id)))
    world.clock.advance(91 * DAY)

    first, second = await run(world), await run(world)

    assert first == Purged(todos=1, changes=2, keys=0)
    assert second == Purged(todos=0, changes=0, keys=0)


async def test_every_owners_trash_is_purged(world: World) -> None:
    for owner in ("alice", "bob"):
        todo = await world.create(owner=owner, id="01890000-0000-7000-8000-00000000abcd")
        await world.todos(owner).execute(Delete(id=str(todo.id)))
    world.clock.advance(31 * DAY)

    assert (await run(world)).todos == 2


async def test_two_purges_and_callers_do_not_disturb_each_other(world: World) -> None:
    todos = [await world.create(f"todo {number}") for number in range(20)]
    for todo in todos:
        await world.todos().execute(Delete(id=str(todo.id)))
    replica = Replica(world)
    await replica.catch_up()
    # The day before they go: some are restored while two jobs remove what else there is.
    world.clock.advance(30 * DAY - timedelta(seconds=1))
    restored = [await world.todos().execute(Restore(id=str(todo.id))) for todo in todos[:5]]
    world.clock.advance(DAY)

    purges = asyncio.gather(run(world), run(world))
    await asyncio.gather(*(world.todos().execute(Delete(id=str(done.todo.id))) for done in restored))
    one, two = await purges
    await replica.catch_up()

    assert one.todos + two.todos == 15
    assert replica.todos == await state(world) == {}


async def test_an_idempotency_key_is_removed_once_it_has_expired(world: World) -> None:
    expiries = [world.clock.now - timedelta(seconds=1)] * 3 + [world.clock.now + timedelta(hours=1)]

    async def put(connection: Connection) -> None:
        for number, expires_at in enumerate(expiries):
            await keys.put(connection, Owner(""), f"key {number}", request_hash=b"", answer="{}", expires_at=expires_at)

    await world.database.write(put)

    assert await run(world) == Purged(todos=0, changes=0, keys=3)
    assert await world.database.read(lambda c: keys.find(c, Owner(""), "key 3", world.clock.now)) is not None
