"""What has become of single todos."""

from collections.abc import Callable, Sequence

import pytest

from tests.todos.world import World
from todo_gql.todos.change_log import encode_position
from todo_gql.todos.commands import Complete, Delete, Restore, TodoPatch, Update
from todo_gql.todos.model import ChangeKind, Event
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import BadArgument


async def told(world: World, *titles: str) -> list[Event]:
    """Create a todo, change its title so often, and give its history."""
    todo = await world.create()
    for title in titles:
        await world.todos().execute(Update(id=str(todo.id), patch=TodoPatch(title=title)))
    return list((await world.todos().log.history([todo.id], PageRequest()))[todo.id].events)


async def test_the_history_of_a_todo_has_each_change_in_order(world: World) -> None:
    todo = await world.create("todo")
    await world.create("other")
    for operation in (Complete(id=str(todo.id)), Delete(id=str(todo.id)), Restore(id=str(todo.id))):
        await world.todos().execute(operation)

    page = (await world.todos().log.history([todo.id], PageRequest()))[todo.id]

    assert [(event.change.kind, event.change.version) for event in page.events] == [
        (ChangeKind.CREATED, 1),
        (ChangeKind.COMPLETED, 2),
        (ChangeKind.TRASHED, 3),
        (ChangeKind.RESTORED, 4),
    ]
    assert {(event.change.actor, event.change.trace_id) for event in page.events} == {
        ("alice", "0123456789abcdef0123456789abcdef")
    }


@pytest.mark.parametrize(
    ("request_of", "versions", "has_next", "has_previous"),
    [
        (lambda _: PageRequest(first=2), [1, 2], True, False),
        (lambda at: PageRequest(first=2, after=at[1]), [3, 4], False, True),
        (lambda _: PageRequest(last=2), [3, 4], False, True),
        (lambda at: PageRequest(last=1, before=at[2]), [2], True, True),
        (lambda at: PageRequest(first=9, after=at[0], before=at[3]), [2, 3], True, True),
        (lambda at: PageRequest(after=at[3]), [], False, False),
    ],
    ids=["first", "first after", "last", "last before", "between", "beyond"],
)
async def test_a_page_is_cut_at_its_cursors(
    world: World,
    request_of: Callable[[Sequence[str]], PageRequest],
    versions: list[int],
    has_next: bool,
    has_previous: bool,
) -> None:
    events = await told(world, "two", "three", "four")
    cursors = [encode_position(event.change.position) for event in events]
    todo_id = events[0].change.todo_id

    page = (await world.todos().log.history([todo_id], request_of(cursors)))[todo_id]

    assert [event.change.version for event in page.events] == versions
    assert (page.has_next, page.has_previous) == (has_next, has_previous)


async def test_the_histories_of_several_todos_are_cut_each_by_itself(world: World) -> None:
    one, two = await told(world, "a", "b"), await told(world, "a")
    todo_ids = [events[0].change.todo_id for events in (one, two)]

    pages = await world.todos().log.history(todo_ids, PageRequest(last=1))

    assert [[event.change.version for event in pages[todo_id].events] for todo_id in todo_ids] == [[3], [2]]


async def test_the_token_of_an_event_misses_nothing_after_it(world: World) -> None:
    events = await told(world, "two", "three")

    for number, event in enumerate(events):
        changes = await world.todos().log.changes(event.sync_token, 100)
        assert bool(changes.todos) or number == len(events) - 1


async def test_another_owner_sees_no_history(world: World) -> None:
    todo = await world.create(owner="alice")

    assert (await world.todos("bob").log.history([todo.id], PageRequest()))[todo.id].events == ()


@pytest.mark.parametrize("cursor", ["", "x", "ä", "Y2hhbmdlOg", "W10", "Y2hhbmdlOi0x"])
async def test_a_cursor_of_something_else_is_refused(world: World, cursor: str) -> None:
    todo = await world.create()

    with pytest.raises(BadArgument):
        await world.todos().log.history([todo.id], PageRequest(after=cursor))
