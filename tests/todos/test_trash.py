from dataclasses import replace
from datetime import timedelta

import pytest

from tests.todos.world import World, titles
from todo_gql.todos.commands import Delete, Restore, TodoPatch, Update
from todo_gql.todos.model import Deleted, Updated
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import NotFound, VersionConflict
from todo_gql.todos.queries import TodoFilter

ID = "01890000-0000-7000-8000-00000000abcd"


async def test_a_deleted_todo_is_only_in_the_trash(world: World) -> None:
    todo = await world.create("Buy milk", id=ID)

    deleted = await world.todos().execute(Delete(id=ID))

    trashed = replace(todo, version=2, updated_at=world.clock.now, trashed_at=world.clock.now)
    assert deleted == Deleted(id=todo.id, restorable_until=world.clock.now + timedelta(days=30))
    assert await world.todos().find(ID) is None
    assert await world.todos().find(ID, trashed=True) == trashed
    assert titles((await world.todos().page(PageRequest())).todos) == []
    assert titles((await world.todos().page(PageRequest(), todo_filter=TodoFilter(trashed=True))).todos) == ["Buy milk"]


async def test_a_live_todo_is_not_in_the_trash(world: World) -> None:
    await world.create(id=ID)

    assert await world.todos().find(ID, trashed=True) is None


async def test_a_trashed_todo_cannot_be_deleted_again_or_changed(world: World) -> None:
    await world.create(id=ID)
    await world.todos().execute(Delete(id=ID))

    with pytest.raises(NotFound):
        await world.todos().execute(Delete(id=ID))
    with pytest.raises(NotFound):
        await world.todos().execute(Update(id=ID, patch=TodoPatch(title="New")))


async def test_a_restored_todo_is_as_it_was(world: World) -> None:
    todo = await world.create(id=ID)
    await world.todos().execute(Delete(id=ID))

    restored = await world.todos().execute(Restore(id=ID))

    assert restored == Updated(todo=replace(todo, version=3, updated_at=world.clock.now), changed=True)


async def test_restoring_a_live_todo_changes_nothing(world: World) -> None:
    todo = await world.create(id=ID)

    assert await world.todos().execute(Restore(id=ID)) == Updated(todo=todo, changed=False)


async def test_a_todo_can_be_restored_until_its_time_is_over(world: World) -> None:
    await world.create(id=ID)
    await world.todos().execute(Delete(id=ID))
    world.clock.advance(timedelta(days=30))

    with pytest.raises(NotFound):
        await world.todos().execute(Restore(id=ID))


async def test_deleting_and_restoring_respect_versions(world: World) -> None:
    await world.create(id=ID)

    with pytest.raises(VersionConflict):
        await world.todos().execute(Delete(id=ID, if_version=2))
    await world.todos().execute(Delete(id=ID, if_version=1))
    with pytest.raises(VersionConflict):
        await world.todos().execute(Restore(id=ID, if_version=1))
