"""One owner's ids, given by another, are ids of nothing."""

from collections.abc import Awaitable, Callable

import pytest

from tests.todos.world import World, ids
from todo_gql.todos.commands import (
    ChangeDependencies,
    Complete,
    Delete,
    Operation,
    Reopen,
    Restore,
    TodoDraft,
    TodoPatch,
    Update,
)
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import Invalid, NotFound
from todo_gql.todos.queries import TodoFilter
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

    assert await bob.dependencies([second.id]) == {second.id: ()}
    assert await bob.dependency_ids([second.id]) == {second.id: ()}
    assert await bob.blocked([second.id]) == frozenset()
    assert (await bob.dependents([first.id], PageRequest()))[first.id].todos == ()
    assert await bob.dependent_counts([first.id]) == {first.id: 0}
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

    assert await world.todos("alice").get(ID) == todo


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

    assert [(await world.todos(owner).get(ID)).title for owner in ("alice", "bob", "carol")] == [
        "Alice's",
        "Bob's",
        "Carol's",
    ]
