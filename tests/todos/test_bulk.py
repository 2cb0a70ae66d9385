import asyncio

import pytest

from tests.todos.world import World, ids, titles
from todo_gql.todos.commands import Complete, Create, Delete, Operation, TodoDraft, TodoPatch, Update
from todo_gql.todos.model import Created, Deleted, Updated
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import Blocked, Invalid, LimitExceeded, NotFound
from todo_gql.todos.queries import TodoFilter

ONE = "01890000-0000-7000-8000-000000000001"
TWO = "01890000-0000-7000-8000-000000000002"


def create(title: str, **others: object) -> Create:
    return Create(draft=TodoDraft(title=title, **others))  # type: ignore[arg-type]  # Tests name what they change.


OPERATIONS: list[Operation] = [
    create("one", id=ONE),
    create(""),
    create("two", id=TWO, dependencies=[ONE]),
    Complete(id=TWO),
    Update(id=ONE, patch=TodoPatch(title="eins")),
    Delete(id="42"),
]
OUTCOMES = [Created, Invalid, Created, Blocked, Updated, NotFound]


async def live_titles(world: World) -> list[str]:
    return titles((await world.todos().page(PageRequest())).todos)


async def test_a_bulk_that_is_not_atomic_keeps_what_succeeded(world: World) -> None:
    done = await world.todos().execute_all(OPERATIONS, atomic=False, dry_run=False)

    assert [type(result) for result in done.results] == OUTCOMES
    assert (done.committed, done.failed) == (True, 3)
    assert await live_titles(world) == ["eins", "two"]


async def test_an_atomic_bulk_with_a_failure_keeps_nothing_and_reports_all(world: World) -> None:
    done = await world.todos().execute_all(OPERATIONS, atomic=True, dry_run=False)

    assert [type(result) for result in done.results] == OUTCOMES
    assert (done.committed, done.failed) == (False, 3)
    assert await live_titles(world) == []


async def test_an_atomic_bulk_without_a_failure_is_kept(world: World) -> None:
    done = await world.todos().execute_all(
        [create("one", id=ONE), create("two", dependencies=[ONE]), Delete(id=ONE)], atomic=True, dry_run=False
    )

    assert [type(result) for result in done.results] == [Created, Created, Deleted]
    assert done.committed
    assert await live_titles(world) == ["two"]


async def test_a_dry_run_shows_what_would_be_and_keeps_nothing(world: World) -> None:
    done = await world.todos().execute_all(
        [create("one", id=ONE), create("two", id=TWO, dependencies=[ONE])], atomic=True, dry_run=True
    )

    one, two = done.results
    assert isinstance(one, Created)
    assert isinstance(two, Created)
    assert (done.committed, done.failed) == (False, 0)
    assert done.snapshot is not None
    assert done.snapshot.dependencies == {one.todo.id: (), two.todo.id: (one.todo,)}
    assert done.snapshot.blocked == {two.todo.id}
    assert await world.todos().count(TodoFilter()) == 0


async def test_what_a_bulk_creates_keeps_its_order(world: World) -> None:
    await world.todos().execute_all([create(str(number)) for number in range(50)], atomic=True, dry_run=False)

    assert await live_titles(world) == [str(number) for number in range(50)]


async def test_too_many_operations_are_refused_before_any_is_done(world: World) -> None:
    todos = world.todos(policy=Policy(max_bulk_size=2))

    with pytest.raises(LimitExceeded) as refusal:
        await todos.execute_all([create("x")] * 3, atomic=False, dry_run=False)

    assert (refusal.value.limit, refusal.value.actual) == (2, 3)
    assert await todos.count(TodoFilter()) == 0


async def test_bulks_that_change_the_same_todos_in_opposite_orders_do_not_wait_for_each_other(world: World) -> None:
    made = [await world.create(str(number)) for number in range(10)]

    done = await asyncio.gather(
        *(
            world.todos().execute_all(
                [Update(id=todo_id, patch=TodoPatch(title=f"by {number}")) for todo_id in ids(made)[::step]],
                atomic=True,
                dry_run=False,
            )
            for number, step in enumerate([1, -1] * 3)
        )
    )

    assert all(each.committed for each in done)
