"""Following the change log by tokens."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.todos.world import World, ids, titles
from todo_gql.database import Connection
from todo_gql.todos.commands import Complete, Create, Delete, Restore, TodoDraft, TodoPatch, Update
from todo_gql.todos.model import ChangeSet, Todo, TodoId
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.sync import At, Copying, Cut, write_token

ID = "01890000-0000-7000-8000-00000000abcd"


class Replica:
    """A client that keeps a copy of the todos by following the log."""

    def __init__(self, world: World, owner: str = "") -> None:
        self.todos: dict[str, Todo] = {}
        self.token: str | None = None
        self._log = world.todos(owner).log

    async def step(self, first: int = 100) -> ChangeSet:
        changes = await self._log.changes(self.token, first)
        if changes.reset:
            self.todos.clear()
        self.todos |= {str(todo.id): todo for todo in changes.todos}
        for gone in changes.deleted:
            self.todos.pop(str(gone.id), None)
        self.token = changes.sync_token
        return changes

    async def catch_up(self, first: int = 100) -> list[ChangeSet]:
        steps = [await self.step(first)]
        while steps[-1].has_more:
            steps.append(await self.step(first))
        return steps


async def state(world: World, owner: str = "") -> dict[str, Todo]:
    page = await world.todos(owner).page(PageRequest())
    return {str(todo.id): todo for todo in page.todos}


async def test_without_a_token_everything_comes_in_pages(world: World) -> None:
    for number in range(5):
        await world.create(f"todo {number}")
    await world.create(owner="bob")
    replica = Replica(world)

    steps = await replica.catch_up(first=2)

    assert replica.todos == await state(world)
    assert [len(step.todos) for step in steps] == [2, 2, 1, 0]
    assert [step.has_more for step in steps] == [True, True, True, False]


async def test_a_token_brings_what_changed_since_each_todo_once_and_as_it_is_now(world: World) -> None:
    first, second, third = await world.chain("first", "second", "third")
    replica = Replica(world)
    await replica.catch_up()
    await world.todos().execute(Complete(id=str(first.id)))
    await world.todos().execute(Update(id=str(first.id), patch=TodoPatch(title="first, again")))
    trashed = await world.todos().execute(Delete(id=str(third.id)))
    await world.create("fourth")

    changes = await replica.step()

    assert titles(changes.todos) == ["first, again", "fourth"]
    assert [gone.id for gone in changes.deleted] == [trashed.id]
    assert changes.deleted[0].deleted_at == trashed.restorable_until - timedelta(days=30)
    assert (changes.has_more, changes.reset) == (False, False)
    assert str(second.id) in replica.todos
    assert replica.todos == await state(world)


async def test_changes_come_in_pages_and_what_is_new_meanwhile_comes_last(world: World) -> None:
    replica = Replica(world)
    await replica.catch_up()
    for number in range(5):
        await world.create(f"todo {number}")

    one = await replica.step(first=2)
    await world.create("new")
    rest = await replica.catch_up(first=2)

    assert [titles(step.todos) for step in (one, *rest)] == [
        ["todo 0", "todo 1"],
        ["todo 2", "todo 3"],
        ["todo 4"],
        ["new"],
    ]


async def test_what_changes_while_everything_is_read_is_not_missed(world: World) -> None:
    todos = sorted([await world.create(f"todo {number}") for number in range(6)], key=lambda todo: todo.id)
    replica = Replica(world)
    await replica.step(first=2)
    await world.todos().execute(Update(id=str(todos[0].id), patch=TodoPatch(title="changed behind")))
    await world.todos().execute(Delete(id=str(todos[1].id)))
    await world.todos().execute(Delete(id=str(todos[4].id)))
    await world.create("created behind", id="00000000-0000-7000-8000-000000000001")

    await replica.catch_up(first=2)

    assert replica.todos == await state(world)


async def test_what_came_and_went_is_told_as_gone(world: World) -> None:
    replica = Replica(world)
    await replica.catch_up()
    await world.create(id=ID)
    await world.todos().execute(Delete(id=ID))
    gone = await replica.step()
    await world.todos().execute(Restore(id=ID))
    back = await replica.step()

    assert ([str(tombstone.id) for tombstone in gone.deleted], gone.todos) == ([ID], ())
    assert (ids(back.todos), back.deleted) == ([ID], ())


async def test_another_owners_changes_do_not_show(world: World) -> None:
    replica = Replica(world, "alice")
    await replica.catch_up()
    await world.create(owner="bob")

    changes = await replica.step()

    assert (changes.todos, changes.deleted, changes.has_more) == ((), (), False)


async def test_nothing_new_is_no_change(world: World) -> None:
    await world.create()
    replica = Replica(world)
    await replica.catch_up()

    assert (await replica.step()).todos == ()


async def test_the_token_of_a_page_misses_nothing_after_the_page(world: World) -> None:
    await world.create("before")
    token = await world.todos().log.token()
    await world.create("between")
    page = await world.todos().page(PageRequest())
    await world.create("after")

    changes = await world.todos().log.changes(token, 100)

    assert titles(page.todos) == ["before", "between"]
    assert titles(changes.todos) == ["between", "after"]


async def test_the_token_of_what_was_done_lies_behind_it(world: World) -> None:
    done = await world.todos().execute(Create(draft=TodoDraft(title="mine", id=ID)))
    await world.create("after")

    changes = await world.todos().log.changes(done.sync_token, 100)

    assert titles(changes.todos) == ["after"]


@pytest.mark.parametrize("title", ["mine", "another"])
async def test_the_token_of_what_changed_nothing_lies_here(world: World, title: str) -> None:
    await world.create("mine", id=ID)
    if title == "mine":
        token = (await world.todos().execute(Create(draft=TodoDraft(title="mine", id=ID)))).sync_token
    else:
        token = (await world.todos().execute(Update(id=ID, patch=TodoPatch(title="mine")))).sync_token
    await world.create("after")

    assert titles((await world.todos().log.changes(token, 100)).todos) == ["after"]


@pytest.mark.parametrize("dry_run", [False, True], ids=["done", "rehearsed"])
async def test_the_token_of_a_bulk_lies_behind_it_or_before_it_when_nothing_was_kept(
    world: World, dry_run: bool
) -> None:
    await world.create("before")
    operations = [Create(draft=TodoDraft(title=f"bulk {number}")) for number in range(2)]
    done = await world.todos().execute_all(operations, atomic=True, dry_run=dry_run)
    await world.create("after")

    changes = await world.todos().log.changes(done.sync_token, 100)

    assert titles(changes.todos) == ["after"]


async def purge_log(world: World) -> None:
    """Do what the purge does to changes beyond retention."""
    newest = (
        "(SELECT max(position) FROM todo_changes)"
        if world.database.engine.dialect.name == "sqlite"
        else "(SELECT max(transaction_id::text::bigint) FROM todo_changes)"
    )

    async def work(connection: Connection) -> None:
        await connection.execute(sa.text(f"UPDATE todo_changes_purged SET up_to = {newest}"))
        await connection.execute(sa.text("DELETE FROM todo_changes"))

    await world.database.write(work)


async def test_a_token_older_than_the_log_starts_over(world: World) -> None:
    replica = Replica(world)
    await replica.catch_up()
    old = await world.create("old", id=ID)
    await world.todos().execute(Delete(id=str(old.id)))
    kept = await world.create("kept")
    await purge_log(world)

    changes = await replica.step()

    assert changes.reset
    assert replica.todos == {str(kept.id): kept}
    await world.create("new")
    assert titles((await replica.step()).todos) == ["new"]


async def test_a_token_at_the_end_of_a_log_that_was_purged_stays_good(world: World) -> None:
    await world.create()
    replica = Replica(world)
    await replica.catch_up()
    await purge_log(world)

    changes = await replica.step()

    assert (changes.reset, changes.todos) == (False, ())


@pytest.mark.parametrize(
    "place",
    [
        At(Cut(10**15, 10**15)),
        Copying(Cut(10**15, 10**15), TodoId(uuid4())),
    ],
    ids=["following", "copying"],
)
async def test_a_token_of_a_log_that_is_further_on_starts_over(world: World, place: At | Copying) -> None:
    await world.create("only")

    changes = await world.todos().log.changes(write_token(place), 100)

    assert (changes.reset, titles(changes.todos)) == (True, ["only"])


@pytest.mark.parametrize("first", [0, 101, -1])
async def test_a_page_has_from_1_to_100(world: World, first: int) -> None:
    with pytest.raises(BadArgument):
        await world.todos().log.changes(None, first)


async def tags(world: World, owners: Sequence[str]) -> list[str]:
    return [await world.todos(owner).log.tag() for owner in owners]


async def test_the_tag_is_another_after_each_change_of_the_owners_todos_and_after_no_other(world: World) -> None:
    seen = [await tags(world, ["alice", "bob"])]
    for owner in ("alice", "bob", "alice"):
        await world.create(owner=owner)
        seen.append(await tags(world, ["alice", "bob"]))
    await purge_log(world)
    seen.append(await tags(world, ["alice", "bob"]))

    alice, bob = zip(*seen, strict=True)

    assert [tag == before for before, tag in pairwise(alice)] == [False, True, False, False]
    assert [tag == before for before, tag in pairwise(bob)] == [True, False, True, False]
    assert len(set(alice)) == 4
