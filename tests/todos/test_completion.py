import pytest

from tests.todos.world import World, ids, titles
from todo_gql.todos.commands import Complete, Delete, TodoPatch, Update
from todo_gql.todos.model import TodoStatus
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.problems import Blocked, LimitExceeded


async def test_a_blocked_todo_cannot_be_completed(world: World) -> None:
    first, second = [await world.create(title) for title in ("first", "second")]
    todo = await world.create("todo", dependencies=ids([second, first]))

    with pytest.raises(Blocked) as refusal:
        await world.todos().execute(Complete(id=str(todo.id)))

    assert titles(refusal.value.blocked_by) == ["second", "first"]


async def test_nor_can_it_by_an_update(world: World) -> None:
    first = await world.create("first")
    todo = await world.create("todo", dependencies=ids([first]))

    with pytest.raises(Blocked):
        await world.todos().execute(Update(id=str(todo.id), patch=TodoPatch(status=TodoStatus.COMPLETED)))


async def test_an_update_that_removes_what_blocks_can_complete(world: World) -> None:
    first = await world.create("first")
    todo = await world.create("todo", dependencies=ids([first]))

    updated = await world.todos().execute(
        Update(id=str(todo.id), patch=TodoPatch(status=TodoStatus.COMPLETED, dependencies=[]))
    )

    assert (updated.todo.status, updated.todo.version) == (TodoStatus.COMPLETED, 2)


async def test_completing_a_completed_todo_changes_nothing(world: World) -> None:
    todo = await world.create(status=TodoStatus.COMPLETED)

    updated = await world.todos().execute(Complete(id=str(todo.id)))

    assert (updated.todo, updated.changed) == (todo, False)


async def test_cascade_completes_what_is_before_dependencies_first(world: World) -> None:
    flour, dough, cake = await world.chain("flour", "dough", "cake")
    candles = await world.create("candles", status=TodoStatus.IN_PROGRESS)
    party = await world.create("party", dependencies=ids([cake, flour, candles]))

    updated = await world.todos().execute(Complete(id=str(party.id), cascade=True))

    assert titles(updated.also_completed) == ["flour", "dough", "cake", "candles"]
    assert {(await world.get(str(todo.id))).status for todo in (flour, dough, cake, candles, party)} == {
        TodoStatus.COMPLETED
    }


async def test_cascade_leaves_alone_what_does_not_block(world: World) -> None:
    behind_done = await world.create("behind done")
    done = await world.create("done", dependencies=ids([behind_done]))
    await world.todos().execute(Update(id=str(done.id), patch=TodoPatch(status=TodoStatus.CANCELLED)))
    trashed = await world.create("trashed")
    todo = await world.create("todo", dependencies=ids([done, trashed]))
    await world.todos().execute(Delete(id=str(trashed.id)))

    updated = await world.todos().execute(Complete(id=str(todo.id), cascade=True))

    assert updated.also_completed == ()
    assert (await world.get(str(behind_done.id))).status is TodoStatus.OPEN


async def test_a_cascade_beyond_the_bound_is_refused_whole(world: World) -> None:
    chain = await world.chain("one", "two", "three", "four")
    todos = world.todos(policy=Policy(max_bulk_size=2))

    with pytest.raises(LimitExceeded) as refusal:
        await todos.execute(Complete(id=str(chain[-1].id), cascade=True))

    assert (refusal.value.limit, refusal.value.actual) == (2, 3)
    assert (await world.get(str(chain[0].id))).status is TodoStatus.OPEN
