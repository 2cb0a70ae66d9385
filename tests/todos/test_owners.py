"""One owner's ids, given by another, are ids of nothing."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from tests.todos.world import World, ids
from todo_gql.todos.commands import (
    ChangeDependencies,
    Complete,
    Create,
    Delete,
    Operation,
    Reopen,
    Restore,
    TodoDraft,
    TodoPatch,
    Update,
)
from todo_gql.todos.model import TodoPriority, TodoStatus
from todo_gql.todos.paging import PageRequest, sort_key
from todo_gql.todos.problems import Invalid, NotFound, Problem
from todo_gql.todos.queries import TodoFilter, TodoOrderField
from todo_gql.todos.service import Todos

ID = "01890000-0000-7000-8000-00000000abcd"

READS: dict[str, Callable[[Todos], Awaitable[object]]] = {
    "find": lambda todos: todos.find(ID),
    "find in the trash": lambda todos: todos.find(ID, trashed=True),
    "find many": lambda todos: todos.find_many([ID]),
    "count": lambda todos: todos.count(TodoFilter()),
    "next": lambda todos: todos.next(10),
}


@pytest.mark.parametrize("name", READS)
async def test_another_owner_finds_nothing(world: World, name: str) -> None:
    await world.create(owner="alice", id=ID)

    assert not await READS[name](world.todos("bob"))
    assert (await world.todos("bob").page(PageRequest())).todos == ()


async def test_another_owner_learns_nothing_of_the_graph(world: World) -> None:
    first = await world.create("first", owner="alice")
    second = await world.create("second", owner="alice", dependencies=ids([first]))
    bob = world.todos("bob")

    assert await bob.neighbours.dependencies([second.id]) == {second.id: ()}
    assert await bob.neighbours.dependency_ids([second.id]) == {second.id: ()}
    assert await bob.neighbours.blocked([second.id]) == frozenset()
    assert (await bob.neighbours.dependents([first.id], PageRequest()))[first.id].todos == ()
    assert await bob.neighbours.dependent_counts([first.id]) == {first.id: 0}
    assert await bob.count(TodoFilter(dependents_of=first.id)) == 0


@pytest.mark.parametrize(
    "operation",
    [
        Update(id=ID, patch=TodoPatch(title="Theirs")),
        Complete(id=ID, cascade=True),
        Reopen(id=ID),
        ChangeDependencies(id=ID, add=[ID]),
        Delete(id=ID),
        Restore(id=ID),
    ],
    ids=lambda operation: type(operation).__name__,
)
async def test_another_owner_changes_nothing(world: World, operation: Operation) -> None:
    todo = await world.create(owner="alice", id=ID)

    with pytest.raises(NotFound):
        await world.todos("bob").execute(operation)

    assert await world.get(ID, owner="alice") == todo


async def test_a_dependency_cannot_cross_owners(world: World) -> None:
    await world.create(owner="alice", id=ID)
    mine = await world.create(owner="bob")

    with pytest.raises(Invalid):
        await world.create(owner="bob", dependencies=[ID])
    with pytest.raises(Invalid):
        await world.todos("bob").execute(ChangeDependencies(id=str(mine.id), add=[ID]))


async def test_another_owners_id_is_free(world: World) -> None:
    await world.create("Alice's", owner="alice", id=ID)

    await world.create("Bob's", owner="bob", id=ID)
    await world.todos("carol").put(ID, TodoDraft(title="Carol's"), lambda _, __: TodoPatch())

    assert [(await world.get(ID, owner=owner)).title for owner in ("alice", "bob", "carol")] == [
        "Alice's",
        "Bob's",
        "Carol's",
    ]


def id_of(number: int) -> str:
    return f"01890000-0000-7000-8000-{number:012}"


NUMBERS = range(1, 6)
MINE: list[Operation] = [
    Update(id=id_of(3), patch=TodoPatch(dependencies=[id_of(2)])),
    ChangeDependencies(id=id_of(1), add=[id_of(4)]),
    ChangeDependencies(id=id_of(5), add=[id_of(4)]),
    ChangeDependencies(id=id_of(5), remove=[id_of(4)]),
    ChangeDependencies(id=id_of(3), remove=[id_of(2)]),
    ChangeDependencies(id=id_of(3), add=[id_of(2)]),
    Update(id=id_of(1), patch=TodoPatch(title="new")),
    Update(id=id_of(1), if_version=1, patch=TodoPatch(title="newer", description="long", priority=TodoPriority.HIGH)),
    Create(draft=TodoDraft(id=id_of(5), title="todo 5")),
    Complete(id=id_of(4), cascade=True),
    Delete(id=id_of(2)),
    Restore(id=id_of(2)),
]
THEIRS: list[Operation] = [
    *(Update(id=id_of(number), patch=TodoPatch(status=TodoStatus.OPEN, title="theirs")) for number in NUMBERS),
    Update(id=id_of(1), patch=TodoPatch(description="theirs", priority=TodoPriority.LOW)),
    ChangeDependencies(id=id_of(1), add=[id_of(5)]),
    ChangeDependencies(id=id_of(3), add=[id_of(5)]),
    ChangeDependencies(id=id_of(4), add=[id_of(1), id_of(5)]),
]


async def outcome(todos: Todos, operation: Operation) -> object:
    try:
        return await todos.execute(operation)
    except Problem as problem:
        return type(problem), vars(problem)


async def everything(todos: Todos) -> list[object]:
    """Read all that there is to be read."""
    page = await todos.page(PageRequest())
    listed = [todo.id for todo in page.todos]
    return [
        page,
        await todos.next(10),
        await todos.neighbours.dependencies(listed),
        await todos.neighbours.dependency_ids(listed),
        await todos.neighbours.blocked(listed),
        await todos.neighbours.dependents(listed, PageRequest()),
        await todos.neighbours.dependents_beyond(
            listed, sort_key(page.todos[0], TodoOrderField.CREATED_AT), forward=True
        ),
        await todos.neighbours.dependent_counts(listed),
        [await todos.count(TodoFilter(dependents_of=todo_id)) for todo_id in listed],
    ]


@pytest.mark.parametrize(("first", "second"), [("alice", "bob"), ("bob", "alice")])
async def test_owners_of_the_same_ids_are_as_alone(world: World, first: str, second: str) -> None:
    async def live(owner: str) -> list[object]:
        world.clock.now = datetime(2026, 11, 23, tzinfo=UTC)
        for number in NUMBERS:
            before = [id_of(number - 1)] if 1 < number < 5 else []
            await world.create(f"todo {number}", owner=owner, id=id_of(number), dependencies=before)
        todos = world.todos(owner)
        return [await everything(todos), *[await outcome(todos, each) for each in MINE], await everything(todos)]

    alone = await live(first)
    for operation in THEIRS:
        await outcome(world.todos(first), operation)
    left = await everything(world.todos(first))

    assert await live(second) == alone
    assert await everything(world.todos(first)) == left


async def test_a_creation_is_known_by_its_owners_input(world: World) -> None:
    drafts = {owner: TodoDraft(id=ID, title=f"{owner}'s") for owner in ("alice", "bob")}
    for owner, draft in drafts.items():
        await world.todos(owner).execute(Create(draft=draft))

    again = [await world.todos(owner).execute(Create(draft=draft)) for owner, draft in drafts.items()]

    assert [(created.todo.title, created.is_new) for created in again] == [("alice's", False), ("bob's", False)]
