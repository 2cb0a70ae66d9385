import asyncio
from itertools import pairwise

import pytest

from tests.todos.world import World, ids, titles
from todo_gql.todos.commands import ChangeDependencies, Delete, Restore, TodoPatch, Update
from todo_gql.todos.model import Todo, TodoStatus
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import DependencyCycle, Invalid, LimitExceeded, ViolationRule
from todo_gql.todos.queries import TodoFilter

UNKNOWN = "01890000-0000-7000-8000-00000000abcd"


async def listed(world: World, todo: Todo) -> list[str]:
    return titles((await world.todos().neighbours.dependencies([todo.id]))[todo.id])


async def change(world: World, todo: Todo, *, add: list[Todo] | None = None, remove: list[Todo] | None = None) -> bool:
    operation = ChangeDependencies(id=str(todo.id), add=ids(add or []), remove=ids(remove or []))
    return (await world.todos().execute(operation)).changed


async def test_dependencies_are_listed_in_the_order_in_which_they_were_added(world: World) -> None:
    one, two, three = [await world.create(title) for title in ("one", "two", "three")]
    todo = await world.create("todo", dependencies=ids([two]))

    await change(world, todo, add=[three, two, one])

    assert await listed(world, todo) == ["two", "three", "one"]


async def test_a_replacement_keeps_the_places_of_what_stays(world: World) -> None:
    one, two, three = [await world.create(title) for title in ("one", "two", "three")]
    todo = await world.create("todo", dependencies=ids([one, two]))

    await world.todos().execute(Update(id=str(todo.id), patch=TodoPatch(dependencies=ids([three, two]))))

    assert await listed(world, todo) == ["two", "three"]


async def test_adding_what_is_there_and_removing_what_is_not_changes_nothing(world: World) -> None:
    one, other = await world.create("one"), await world.create("other")
    todo = await world.create("todo", dependencies=ids([one]))

    assert not await change(world, todo, add=[one], remove=[other])
    assert (await world.get(str(todo.id))).version == 1


async def test_what_is_added_and_removed_at_once_is_added(world: World) -> None:
    one = await world.create("one")
    todo = await world.create("todo")

    await change(world, todo, add=[one], remove=[one])

    assert await listed(world, todo) == ["one"]


async def test_an_unknown_dependency_is_refused_where_it_stands(world: World) -> None:
    todo = await world.create("todo")

    with pytest.raises(Invalid) as refusal:
        await world.todos().execute(ChangeDependencies(id=str(todo.id), add=[str(todo.id), UNKNOWN]))

    assert [(broken.path, broken.rule) for broken in refusal.value.violations] == [
        (("add", "1"), ViolationRule.UNKNOWN_REFERENCE)
    ]


async def test_a_trashed_dependency_is_hidden_and_comes_back(world: World) -> None:
    one, two = await world.create("one"), await world.create("two")
    todo = await world.create("todo", dependencies=ids([one, two]))

    await world.todos().execute(Delete(id=str(one.id)))
    hidden = await listed(world, todo)
    await world.todos().execute(Restore(id=str(one.id)))

    assert hidden == ["two"]
    assert await listed(world, todo) == ["one", "two"]


async def test_a_replacement_leaves_trashed_dependencies_in_their_places(world: World) -> None:
    one, two, three = [await world.create(title) for title in ("one", "two", "three")]
    todo = await world.create("todo", dependencies=ids([one, two]))
    await world.todos().execute(Delete(id=str(one.id)))

    await world.todos().execute(Update(id=str(todo.id), patch=TodoPatch(dependencies=ids([three]))))
    await world.todos().execute(Restore(id=str(one.id)))

    assert await listed(world, todo) == ["one", "three"]


async def test_more_than_fifty_dependencies_are_refused_with_what_it_would_have_come_to(world: World) -> None:
    many = [await world.create(f"{number}") for number in range(51)]
    todo = await world.create("todo", dependencies=ids(many[:49]))

    with pytest.raises(LimitExceeded) as refusal:
        await change(world, todo, add=many[49:])

    assert (refusal.value.limit, refusal.value.actual) == (50, 51)
    assert len(await listed(world, todo)) == 49


async def test_a_cycle_is_refused_with_a_shortest_way_around(world: World) -> None:
    one, two, _, four = await world.chain("one", "two", "three", "four")
    await change(world, four, add=[two])

    with pytest.raises(DependencyCycle) as refusal:
        await change(world, one, add=[four])

    assert titles(refusal.value.cycle) == ["one", "four", "two", "one"]
    assert await listed(world, one) == []


async def test_a_todo_cannot_depend_on_itself(world: World) -> None:
    todo = await world.create("todo")

    with pytest.raises(DependencyCycle) as refusal:
        await change(world, todo, add=[todo])

    assert titles(refusal.value.cycle) == ["todo", "todo"]


async def test_of_a_long_cycle_the_first_fifty_are_answered(world: World) -> None:
    chain = await world.chain(*(str(number) for number in range(60)))

    with pytest.raises(DependencyCycle) as refusal:
        await change(world, chain[0], add=[chain[-1]])

    assert titles(refusal.value.cycle) == ["0", *(str(number) for number in range(59, 10, -1))]


async def test_a_cycle_is_refused_also_through_the_trash(world: World) -> None:
    one, two, three = await world.chain("one", "two", "three")
    await world.todos().execute(Delete(id=str(two.id)))

    with pytest.raises(DependencyCycle):
        await change(world, one, add=[three])


async def test_a_diamond_is_no_cycle(world: World) -> None:
    top = await world.create("top")
    left, right = [await world.create(title, dependencies=ids([top])) for title in ("left", "right")]
    bottom = await world.create("bottom", dependencies=ids([left]))

    assert await change(world, bottom, add=[right, top])


async def test_two_writers_cannot_each_add_half_of_a_cycle(world: World) -> None:
    for _ in range(10):
        one, two = await world.create("one"), await world.create("two")

        outcomes = await asyncio.gather(
            change(world, one, add=[two]), change(world, two, add=[one]), return_exceptions=True
        )

        refused = [outcome for outcome in outcomes if isinstance(outcome, DependencyCycle)]
        assert (len(refused), outcomes.count(True)) == (1, 1)


async def test_many_writers_around_a_ring_leave_it_open(world: World) -> None:
    ring = [await world.create(str(number)) for number in range(8)]

    outcomes = await asyncio.gather(
        *(change(world, todo, add=[following]) for todo, following in pairwise([*ring, ring[0]])),
        return_exceptions=True,
    )

    assert outcomes.count(True) == 7
    assert [type(outcome) for outcome in outcomes if outcome is not True] == [DependencyCycle]


@pytest.mark.parametrize(
    ("status", "is_blocking"),
    [
        (TodoStatus.OPEN, True),
        (TodoStatus.IN_PROGRESS, True),
        (TodoStatus.COMPLETED, False),
        (TodoStatus.CANCELLED, False),
    ],
)
async def test_a_todo_is_blocked_by_its_unfinished_dependencies(
    world: World, status: TodoStatus, is_blocking: bool
) -> None:
    dependency = await world.create("dependency", status=status)
    todo = await world.create("todo", dependencies=ids([dependency]))

    assert await world.todos().neighbours.blocked([todo.id, dependency.id]) == (
        frozenset({todo.id} if is_blocking else ())
    )
    assert await world.todos().count(TodoFilter(is_blocked=True)) == int(is_blocking)


async def test_a_trashed_dependency_blocks_nothing(world: World) -> None:
    dependency = await world.create("dependency")
    todo = await world.create("todo", dependencies=ids([dependency]))

    await world.todos().execute(Delete(id=str(dependency.id)))

    assert await world.todos().neighbours.blocked([todo.id]) == frozenset()


async def test_no_more_are_read_than_asked_for(world: World) -> None:
    below = [await world.create(f"below {number}") for number in range(3)]
    above = [await world.create(f"above {number}", dependencies=ids(below)) for number in range(3)]

    dependencies = await world.todos().neighbours.dependencies([todo.id for todo in above], most=4)
    dependents = await world.todos().neighbours.dependents([todo.id for todo in below], PageRequest(first=2), most=1)

    assert sorted(len(found) for found in dependencies.values()) == [0, 1, 3]
    # One more of each list is read, to tell whether it goes on.
    assert sorted(len(page.todos) for page in dependents.values()) == [0, 1, 2]
