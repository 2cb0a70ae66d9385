import asyncio
from dataclasses import replace
from datetime import date

import pytest

from tests.todos.world import World
from todo_gql.todos.commands import Create, Delete, Reopen, TodoDraft, TodoPatch, Update
from todo_gql.todos.model import Due, Todo, TodoId, TodoPriority, TodoStatus, Updated
from todo_gql.todos.problems import Invalid, NotFound, VersionConflict

ID = "01890000-0000-7000-8000-00000000abcd"


async def test_only_what_the_patch_mentions_changes(world: World) -> None:
    todo = await world.create("Buy milk", id=ID, description="Two litres", priority=TodoPriority.LOW)

    updated = await world.todos().execute(Update(id=ID, patch=TodoPatch(title="Buy oat milk")))

    assert updated == Updated(
        todo=replace(todo, title="Buy oat milk", version=2, updated_at=world.clock.now), changed=True
    )
    assert await world.get(ID) == updated.todo


async def test_null_clears_what_can_be_empty(world: World) -> None:
    milk = await world.create("Buy milk")
    due = Due(date=date(2026, 12, 24))
    await world.create("Bake", id=ID, description="Soon", due=due, dependencies=[str(milk.id)])

    updated = await world.todos().execute(Update(id=ID, patch=TodoPatch(description=None, due=None, dependencies=None)))

    assert (updated.todo.description, updated.todo.due) == (None, None)
    assert await world.todos().neighbours.dependency_ids([updated.todo.id]) == {updated.todo.id: ()}


async def test_what_already_is_so_changes_nothing(world: World) -> None:
    milk = await world.create("Buy milk")
    todo = await world.create("Bake", id=ID, dependencies=[str(milk.id)])

    updated = await world.todos().execute(
        Update(id=ID, patch=TodoPatch(title="Bake", status=TodoStatus.OPEN, dependencies=[milk.id.hex]))
    )

    assert updated == Updated(todo=todo, changed=False)


async def test_completing_sets_the_time_and_leaving_clears_it(world: World) -> None:
    await world.create(id=ID)

    completed = await world.todos().execute(Update(id=ID, patch=TodoPatch(status=TodoStatus.COMPLETED)))
    cancelled = await world.todos().execute(Update(id=ID, patch=TodoPatch(status=TodoStatus.CANCELLED)))

    assert completed.todo.completed_at == completed.todo.updated_at
    assert cancelled.todo.completed_at is None


@pytest.mark.parametrize("status", [TodoStatus.COMPLETED, TodoStatus.CANCELLED])
async def test_a_finished_todo_is_reopened(world: World, status: TodoStatus) -> None:
    await world.create(id=ID, status=status)

    updated = await world.todos().execute(Reopen(id=ID))

    assert (updated.todo.status, updated.todo.completed_at, updated.changed) == (TodoStatus.OPEN, None, True)


@pytest.mark.parametrize("status", [TodoStatus.OPEN, TodoStatus.IN_PROGRESS])
async def test_an_unfinished_todo_stays_as_it_is_when_reopened(world: World, status: TodoStatus) -> None:
    todo = await world.create(id=ID, status=status)

    assert await world.todos().execute(Reopen(id=ID)) == Updated(todo=todo, changed=False)


async def test_the_expected_version_lets_a_change_through(world: World) -> None:
    await world.create(id=ID)

    updated = await world.todos().execute(Update(id=ID, if_version=1, patch=TodoPatch(title="New")))

    assert updated.todo.version == 2


async def test_another_version_is_a_conflict_that_names_the_fields_of_both(world: World) -> None:
    await world.create(id=ID)
    await world.todos().execute(Update(id=ID, patch=TodoPatch(description="Theirs")))
    current = await world.todos().execute(Update(id=ID, patch=TodoPatch(title="Theirs", priority=TodoPriority.LOW)))

    with pytest.raises(VersionConflict) as refusal:
        await world.todos().execute(
            Update(id=ID, if_version=2, patch=TodoPatch(description="Mine", title="Mine", priority=TodoPriority.HIGH))
        )

    assert refusal.value.expected == 2
    assert refusal.value.current == current.todo
    assert refusal.value.conflicting_fields == ("title", "priority")


@pytest.mark.parametrize("if_version", [0, -1, 2, 2**31 - 1])
async def test_a_version_that_never_was_is_a_conflict(world: World, if_version: int) -> None:
    await world.create(id=ID)

    with pytest.raises(VersionConflict):
        await world.todos().execute(Update(id=ID, if_version=if_version, patch=TodoPatch(title="New")))


@pytest.mark.parametrize("todo_id", [ID, "42", "", "\0", "\ud800"])
async def test_an_unknown_todo_cannot_be_changed(world: World, todo_id: str) -> None:
    with pytest.raises(NotFound) as refusal:
        await world.todos().execute(Update(id=todo_id, patch=TodoPatch(title="New")))

    assert refusal.value.id == todo_id


async def test_a_refused_change_leaves_nothing_behind(world: World) -> None:
    todo = await world.create("Bake", id=ID)

    with pytest.raises(Invalid):
        await world.todos().execute(Update(id=ID, patch=TodoPatch(title="New", dependencies=[str(todo.id)[:-1] + "0"])))

    assert await world.get(ID) == todo


async def test_of_many_writers_at_one_version_one_wins(world: World) -> None:
    await world.create(id=ID)

    async def write(title: str) -> bool:
        try:
            await world.todos().execute(Update(id=ID, if_version=1, patch=TodoPatch(title=title)))
        except VersionConflict:
            return False
        return True

    outcomes = await asyncio.gather(*(write(f"Writer {number}") for number in range(16)))

    assert sum(outcomes) == 1
    assert (await world.get(ID)).version == 2


async def test_no_update_of_sixteen_writers_is_lost(world: World) -> None:
    await world.create("Count: 0", id=ID)

    def count_up(todo: Todo, _: tuple[TodoId, ...]) -> TodoPatch:
        return TodoPatch(title=f"Count: {int(todo.title.removeprefix('Count: ')) + 1}")

    await asyncio.gather(*(world.todos().revise(ID, count_up) for _ in range(16)))

    todo = await world.get(ID)
    assert (todo.title, todo.version) == ("Count: 16", 17)


async def test_put_creates_what_is_not_there_and_revises_what_is(world: World) -> None:
    def rename(_: Todo, __: tuple[TodoId, ...]) -> TodoPatch:
        return TodoPatch(title="Revised")

    created = await world.todos().put(ID, TodoDraft(title="Created"), rename)
    revised = await world.todos().put(ID, TodoDraft(title="Other"), rename)

    assert created.todo.title == "Created"
    assert revised == Updated(
        todo=replace(created.todo, title="Revised", version=2, updated_at=world.clock.now), changed=True
    )


async def test_put_leaves_the_trash_alone(world: World) -> None:
    await world.create(id=ID)
    await world.todos().execute(Delete(id=ID))

    with pytest.raises(NotFound):
        await world.todos().put(ID, TodoDraft(title="New"), lambda _, __: TodoPatch(title="New"))


async def test_of_many_puts_under_a_new_id_one_creates(world: World) -> None:
    def rename(_: Todo, __: tuple[TodoId, ...]) -> TodoPatch:
        return TodoPatch(title="Revised")

    outcomes = await asyncio.gather(
        *(world.todos().put(ID, TodoDraft(title=f"Writer {number}"), rename) for number in range(8)),
        world.todos().execute(Create(draft=TodoDraft(title="Revised", id=ID))),
        return_exceptions=True,
    )

    assert not [outcome for outcome in outcomes[:8] if isinstance(outcome, BaseException)]
    assert (await world.get(ID)).title == "Revised"
