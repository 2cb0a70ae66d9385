from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.todos.world import World, ids
from todo_gql.todos.commands import Create, Delete, TodoDraft, TodoPatch, Update
from todo_gql.todos.model import Created, Due, Todo, TodoPriority, TodoStatus
from todo_gql.todos.problems import Blocked, IdConflict, Invalid, ViolationRule
from todo_gql.todos.queries import TodoFilter

ID = "01890000-0000-7000-8000-00000000abcd"


async def test_a_todo_is_stored_as_drafted(world: World) -> None:
    milk = await world.create("Buy milk")
    draft = TodoDraft(
        id=ID.upper(),
        title="Bake a cake",
        description="With *chocolate*",
        status=TodoStatus.IN_PROGRESS,
        priority=TodoPriority.HIGH,
        due=Due(date=date(2026, 11, 24), at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC), time_zone="Europe/Berlin"),
        dependencies=[str(milk.id)],
    )

    created = await world.todos().execute(Create(draft=draft))

    stored = await world.get(ID)
    assert created == Created(todo=stored)
    assert stored == Todo(
        id=stored.id,
        title="Bake a cake",
        description="With *chocolate*",
        status=TodoStatus.IN_PROGRESS,
        priority=TodoPriority.HIGH,
        due=draft.due,
        version=1,
        created_at=world.clock.now,
        updated_at=world.clock.now,
        completed_at=None,
        trashed_at=None,
    )
    assert str(stored.id) == ID
    assert await world.todos().neighbours.dependencies([stored.id]) == {stored.id: (milk,)}


async def test_a_todo_created_completed_has_its_time(world: World) -> None:
    todo = await world.create(status=TodoStatus.COMPLETED)

    assert todo.completed_at == todo.created_at


async def test_a_todo_cannot_be_created_completed_before_its_dependencies(world: World) -> None:
    milk = await world.create("Buy milk")

    with pytest.raises(Blocked) as refusal:
        await world.create("Bake a cake", status=TodoStatus.COMPLETED, dependencies=ids([milk]))

    assert refusal.value.blocked_by == (milk,)
    assert await world.todos().count(TodoFilter()) == 1


async def test_the_same_input_under_the_same_id_is_one_creation(world: World) -> None:
    first = await world.create("Buy milk", id=ID)

    again = await world.todos().execute(Create(draft=TodoDraft(title="Buy milk", id=ID.upper())))

    assert again == Created(todo=first, is_new=False)
    assert await world.todos().count(TodoFilter()) == 1


async def test_a_creation_is_found_again_after_the_todo_was_edited(world: World) -> None:
    await world.create("Buy milk", id=ID)
    edited = (await world.todos().execute(Update(id=ID, patch=TodoPatch(title="Buy oat milk")))).todo

    again = await world.todos().execute(Create(draft=TodoDraft(title="Buy milk", id=ID)))

    assert again == Created(todo=edited, is_new=False)


async def test_another_input_under_the_same_id_is_a_conflict(world: World) -> None:
    first = await world.create("Buy milk", id=ID)

    with pytest.raises(IdConflict) as refusal:
        await world.create("Buy bread", id=ID)

    assert refusal.value.existing == first


async def test_the_id_of_a_trashed_todo_stays_taken(world: World) -> None:
    await world.create("Buy milk", id=ID)
    await world.todos().execute(Delete(id=ID))

    with pytest.raises(IdConflict) as refusal:
        await world.create("Buy milk", id=ID)

    assert refusal.value.existing is None


async def test_dependencies_must_be_known_and_live(world: World) -> None:
    trashed = await world.create("Trashed")
    await world.todos().execute(Delete(id=str(trashed.id)))
    known = await world.create("Known")

    with pytest.raises(Invalid) as refusal:
        await world.create("New", dependencies=[ID, str(known.id), str(trashed.id)])

    assert [(broken.path, broken.rule) for broken in refusal.value.violations] == [
        (("dependencies", "0"), ViolationRule.UNKNOWN_REFERENCE),
        (("dependencies", "2"), ViolationRule.UNKNOWN_REFERENCE),
    ]
    assert await world.todos().count(TodoFilter()) == 1


async def test_a_dependency_given_twice_is_one(world: World) -> None:
    milk = await world.create("Buy milk")

    todo = await world.create("Bake", dependencies=[str(milk.id), milk.id.hex])

    assert await world.todos().neighbours.dependency_ids([todo.id]) == {todo.id: (milk.id,)}


async def test_a_todo_cannot_depend_on_itself_from_the_start(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        await world.create("Ouroboros", id=ID, dependencies=[ID])

    assert refusal.value.violations[0].rule is ViolationRule.UNKNOWN_REFERENCE


async def test_a_todo_without_a_due_date_equals_itself_after_storage(world: World) -> None:
    todo = await world.create("Straße")

    assert await world.get(str(todo.id)) == replace(todo, due=None)
