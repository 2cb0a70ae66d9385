"""An export that is imported makes another database the same, on another engine and in several attempts too."""

import json
from typing import Any

import pytest

from tests.statements import counted
from tests.todos.archive.world import ID, chain, exported, fill, imported, world_on
from tests.todos.test_changes import Replica, state
from tests.todos.world import World, ids
from tests.tools.proxy import proxy_to
from todo_gql.todos.archive.batches import Refused
from todo_gql.todos.archive.exporting import export
from todo_gql.todos.archive.importing import Imported
from todo_gql.todos.archive.lines import ArchivedTodo
from todo_gql.todos.commands import ChangeDependencies, Create, Restore, TodoDraft, TodoPatch, Update
from todo_gql.todos.model import ChangeKind
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import VersionConflict


async def test_it_makes_the_other_database_the_same(world: World, other: World) -> None:
    await fill(world)
    text = await exported(world)

    done = await imported(other, text)

    assert done == Imported(todos=20, dependencies=20)
    assert await exported(other) == text


async def test_everything_that_a_todo_has_comes_along(world: World, other: World) -> None:
    first, second, third = await chain(world, "first", "second", "third")
    await world.todos().execute(ChangeDependencies(id=str(third.id), add=ids([first])))
    draft = TodoDraft(id=str(second.id), title="second", dependencies=ids([first]))

    await imported(other, await exported(world))
    repeated = await other.todos().execute(Create(draft=draft))

    assert await state(other) == await state(world)
    assert await other.todos().neighbours.dependency_ids([third.id]) == {third.id: (second.id, first.id)}
    assert not repeated.is_new


async def test_it_is_written_alike_whatever_the_batches(world: World) -> None:
    await fill(world)

    texts = {await exported(world, batch=batch) for batch in (1, 2, 500)}

    assert len(texts) == 1


async def test_what_leads_nowhere_back_is_not_walked_through_again(world: World, other: World) -> None:
    await chain(world, "first", "second", "third")
    text = await exported(world)

    with counted() as statements:
        await imported(other, text)

    assert any("INSERT INTO todo_dependencies" in statement for statement in statements)
    assert not any("RECURSIVE" in statement for statement in statements)


async def test_an_empty_database_is_one_line(world: World, other: World) -> None:
    text = await exported(world)

    done = await imported(other, text)

    assert text == b'{"export":{"version":1,"todos":0,"dependencies":0}}\n'
    assert done == Imported()


async def test_an_export_shows_one_moment(world: World) -> None:
    first, second = await world.create("first", id=ID.format(1)), await world.create("second", id=ID.format(2))

    batches = export(world.database, batch=1)
    seen = [*await anext(batches), *await anext(batches)]
    await world.todos().execute(Update(id=str(second.id), patch=TodoPatch(title="renamed")))
    await world.todos().execute(ChangeDependencies(id=str(first.id), add=ids([second])))
    await world.create("third")
    seen += [line async for lines in batches for line in lines]

    assert [line.todo.title for line in seen if isinstance(line, ArchivedTodo)] == ["first", "second"]
    assert len(seen) == 3


async def test_what_was_imported_is_not_imported_again(world: World, other: World) -> None:
    await fill(world)
    text = await exported(world)
    await imported(other, text)
    token = await other.todos().log.token()

    again = await imported(other, text)

    assert again == Imported(present=20)
    assert await exported(other) == text
    assert (await other.todos().log.changes(token, 100)).todos == ()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
async def test_an_import_that_was_cut_short_is_resumed(world: World, other: World, share: float) -> None:
    await fill(world)
    text = await exported(world)

    with pytest.raises(Refused):
        await imported(other, text[: int(share * len(text))])
    await imported(other, text)

    assert await exported(other) == text


async def test_what_was_changed_meanwhile_stays(world: World, other: World) -> None:
    first, second, third = await chain(world, "first", "second", "third")
    text = await exported(world)
    without_dependencies = text[: text.index(b'{"dependencies"')]

    # Cut short before the dependencies; then one todo is renamed, and another is told what it depends on.
    with pytest.raises(Refused):
        await imported(other, without_dependencies)
    await other.todos().execute(Update(id=str(second.id), patch=TodoPatch(title="renamed")))
    await other.todos().execute(ChangeDependencies(id=str(third.id), add=ids([first])))
    done = await imported(other, text)

    assert done == Imported(dependencies=1, present=1, others=3, first_other=3)
    assert (await other.get(str(second.id))).title == "renamed"
    assert await other.todos().neighbours.dependency_ids([second.id, third.id]) == {
        second.id: (first.id,),
        third.id: (first.id,),
    }


async def test_a_dependency_that_was_removed_since_does_not_come_back(world: World, other: World) -> None:
    first, second = await chain(world, "first", "second")
    text = await exported(world)
    await imported(other, text)

    await other.todos().execute(ChangeDependencies(id=str(second.id), remove=ids([first])))
    done = await imported(other, text)

    assert done == Imported(present=1, others=2, first_other=3)
    assert await other.todos().neighbours.dependency_ids([second.id]) == {second.id: ()}


async def test_another_todo_of_the_same_id_stays(world: World, other: World) -> None:
    _, second = await chain(world, "first", "second")
    await other.create("mine", id=str(second.id))

    done = await imported(other, await exported(world))

    assert done == Imported(todos=1, others=2, first_other=3)
    assert (await other.get(str(second.id))).title == "mine"
    assert await other.todos().neighbours.dependency_ids([second.id]) == {second.id: ()}


async def test_who_follows_the_changes_sees_it(world: World, other: World) -> None:
    await fill(world)
    replica = Replica(other, "alice")
    await replica.catch_up()

    await imported(other, await exported(world))
    steps = await replica.catch_up()

    assert not any(step.reset for step in steps)
    assert replica.todos == await state(world, "alice")


async def test_the_history_begins_with_the_import(world: World, other: World) -> None:
    _, second = await chain(world, "first", "second")
    await world.todos().execute(Update(id=str(second.id), patch=TodoPatch(title="renamed")))

    await imported(other, await exported(world))
    history = (await other.todos().log.history([second.id], PageRequest()))[second.id]

    assert [(event.change.kind, event.change.version) for event in history.events] == [
        (ChangeKind.CREATED, 2),
        (ChangeKind.UPDATED, 2),
    ]
    assert history.events[1].change.changed_fields == ("dependencies",)


async def test_a_todo_in_the_trash_can_be_restored(world: World, other: World) -> None:
    await fill(world)
    await imported(other, await exported(world))
    trashed = [line for line in (await exported(other)).splitlines() if b'"trashed_at":"' in line]
    members: dict[str, Any] = json.loads(trashed[0])["todo"]

    other.clock.advance(world.clock.now - other.clock.now)
    restored = await other.todos(members["owner"]).execute(Restore(id=members["id"]))

    assert restored.todo.title == "gone"


async def test_who_knows_an_earlier_version_is_told_what_may_be_another(world: World, other: World) -> None:
    todo = await world.create()
    await world.todos().execute(Update(id=str(todo.id), patch=TodoPatch(title="renamed")))
    await imported(other, await exported(world))

    with pytest.raises(VersionConflict) as conflict:
        await other.todos().execute(Update(id=str(todo.id), if_version=1, patch=TodoPatch(title="mine")))

    assert conflict.value.conflicting_fields == ("title",)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_commit_of_which_nothing_was_heard_is_counted_once(world: World, other_url: str) -> None:
    await chain(world, "first", "second", "third")

    async with proxy_to(other_url) as (proxy, url), world_on(url) as other:
        proxy.cut_once_after(b"COMMIT;")
        done = await imported(other, await exported(world))
        text = await exported(other)

    assert done == Imported(todos=3, dependencies=2)
    assert text == await exported(world)
