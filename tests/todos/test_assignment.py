"""Everything of one owner becomes another's, and nobody who follows either is left with what is not so."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import sqlalchemy as sa

from tests.todos.test_changes import Replica, state
from tests.todos.world import World, ids, titles
from todo_gql.database import Connection, Database, DatabaseUnavailable, parse_database_url
from todo_gql.database.engine import create_patient_engine
from todo_gql.database.tables import idempotency_keys, todo_changes, todo_dependencies, todos
from todo_gql.todos.assignment import Assigned, SharedId, assign
from todo_gql.todos.commands import ChangeDependencies, Complete, Create, Delete, Restore, TodoDraft
from todo_gql.todos.feed import Feed
from todo_gql.todos.model import ChangeKind, Event, Owner
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import NotFound

NOBODY, ALICE, BOB = Owner(""), Owner("alice"), Owner("bob")
ID: Final = "01890000-0000-7000-8000-00000000abcd"


@pytest.fixture
async def patient(database_url: str) -> AsyncIterator[Database]:
    """The database as the command has it: no statement takes too long."""
    database = Database(create_patient_engine(parse_database_url(database_url)), retry_s=0)
    yield database
    await database.close()


async def everything(world: World) -> list[Any]:
    async def read(connection: Connection) -> list[Any]:
        tables = (todos, todo_dependencies, todo_changes, idempotency_keys)
        return [sorted(map(repr, await connection.execute(sa.select(table)))) for table in tables]

    return await world.database.read(read)


async def give(world: World, patient: Database, **options: bool) -> Assigned:
    return await assign(patient, NOBODY, ALICE, world.clock(), **options)


async def test_todos_go_with_their_dependencies_and_their_trash(world: World, patient: Database) -> None:
    first, second, third = await world.chain("first", "second", "third")
    await world.todos().execute(Complete(id=str(first.id)))
    await world.todos().execute(Delete(id=str(second.id)))
    hers = await world.create("hers", owner="alice")
    his = await world.create("his", owner="bob")

    assigned = await give(world, patient)
    alice = world.todos("alice")
    restored = await alice.execute(Restore(id=str(second.id)))

    assert assigned == Assigned(todos=3, dependencies=2, keys=0)
    assert await state(world) == {}
    assert titles((await alice.page(PageRequest())).todos) == ["first", "second", "third", "hers"]
    assert restored.todo.version == 3
    assert await alice.neighbours.dependency_ids([third.id, second.id, hers.id]) == {
        third.id: (second.id,),
        second.id: (first.id,),
        hers.id: (),
    }
    assert await state(world, "bob") == {str(his.id): his}


async def test_what_was_given_is_as_if_it_had_always_been_there(world: World, patient: Database) -> None:
    first, second = await world.chain("first", "second")

    await give(world, patient)
    third = await world.create("third", owner="alice", dependencies=ids([second]))
    alice = world.todos("alice")
    await alice.execute(ChangeDependencies(id=str(second.id), remove=ids([first])))
    await alice.execute(Delete(id=str(first.id)))

    with pytest.raises(NotFound):
        await world.todos().execute(Complete(id=str(second.id)))
    assert (await alice.neighbours.dependents([second.id], PageRequest()))[second.id].todos == (third,)


async def test_the_history_goes_with_its_todo(world: World, patient: Database) -> None:
    todo = await world.create()
    await world.todos().execute(Complete(id=str(todo.id)))

    await give(world, patient)

    async def history(owner: str) -> list[tuple[ChangeKind, int]]:
        found = (await world.todos(owner).log.history([todo.id], PageRequest()))[todo.id]
        return [(event.change.kind, event.change.version) for event in found.events]

    assert await history("alice") == [(ChangeKind.CREATED, 1), (ChangeKind.COMPLETED, 2), (ChangeKind.CREATED, 2)]
    assert await history("") == [(ChangeKind.PURGED, 2)]


@pytest.mark.parametrize("first", [1, 100], ids=["in small steps", "at once"])
async def test_copies_of_both_owners_are_right_again_from_their_tokens(
    world: World, patient: Database, first: int
) -> None:
    before = [Replica(world), Replica(world, "alice")]
    await world.chain("first", "second", "third")
    await world.create("hers", owner="alice")
    trashed = await world.create("trashed")
    halfway = [Replica(world), Replica(world, "alice")]
    for replica in (*before, *halfway):
        await replica.step(first)
    await world.todos().execute(Delete(id=str(trashed.id)))
    late = [Replica(world), Replica(world, "alice")]
    for replica in late:
        await replica.catch_up(first)

    await give(world, patient)
    for replica in (*before, *halfway, *late):
        await replica.catch_up(first)

    for of_nobody, of_alice in (before, halfway, late):
        assert of_nobody.todos == await state(world) == {}
        assert of_alice.todos == await state(world, "alice")
        assert len(of_alice.todos) == 4


async def test_subscribers_of_both_owners_are_told(world: World, patient: Database) -> None:
    todo = await world.create("live")
    trashed = await world.create("trashed")
    await world.todos().execute(Delete(id=str(trashed.id)))
    told: dict[Owner, list[Event]] = {NOBODY: [], ALICE: [], BOB: []}
    feed = Feed(world.database)
    following = asyncio.create_task(feed.run())
    for owner, events in told.items():
        await feed.join(owner, events.extend, lambda _: None)

    await give(world, patient)
    async with asyncio.timeout(10):
        while len(told[ALICE]) < 2 or len(told[NOBODY]) < 2:
            feed.wake()
            await asyncio.sleep(0.01)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)

    def kinds(owner: Owner) -> list[tuple[object, ChangeKind]]:
        return [(event.change.todo_id, event.change.kind) for event in told[owner]]

    assert kinds(NOBODY) == [(todo.id, ChangeKind.PURGED), (trashed.id, ChangeKind.PURGED)]
    assert kinds(ALICE) == [(todo.id, ChangeKind.CREATED), (trashed.id, ChangeKind.TRASHED)]
    assert told[BOB] == []


async def test_a_repeated_request_finds_its_answer_at_the_new_owner(world: World, patient: Database) -> None:
    async def create(owner: str, key: str, title: str) -> tuple[str, bool]:
        operation = Create(draft=TodoDraft(title=title))
        answer = await world.todos(owner).create_once(operation, key=key, present=lambda todo, _: todo.title)
        return answer.text, answer.is_replayed

    await create("", "moved", "nobody's")
    await create("", "taken", "nobody's, too")
    await create("alice", "taken", "hers")

    assigned = await give(world, patient)

    assert assigned.keys == 2
    assert await create("alice", "moved", "nobody's") == ("nobody's", True)
    assert await create("alice", "taken", "hers") == ("hers", True)
    assert await create("", "moved", "nobody's") == ("nobody's", False)


async def test_a_dry_run_counts_and_changes_nothing(world: World, patient: Database) -> None:
    await world.chain("first", "second")
    before = await everything(world)

    assigned = await give(world, patient, dry_run=True)

    assert assigned == Assigned(todos=2, dependencies=1, keys=0)
    assert await everything(world) == before


@pytest.mark.parametrize("dry_run", [True, False])
async def test_an_id_that_both_have_is_named_and_nothing_is_given(
    world: World, patient: Database, dry_run: bool
) -> None:
    await world.chain("first", "second")
    await world.create("nobody's", id=ID)
    await world.create("hers", id=ID, owner="alice")
    before = await everything(world)

    with pytest.raises(SharedId, match=ID):
        await give(world, patient, dry_run=dry_run)

    assert await everything(world) == before


async def test_a_second_time_there_is_nothing_to_give(world: World, patient: Database) -> None:
    await world.chain("first", "second")
    await give(world, patient)
    given = await state(world, "alice")

    again = await give(world, patient)

    assert again == Assigned(todos=0, dependencies=0, keys=0)
    assert await state(world, "alice") == given


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_is_written_meanwhile_ends_it_and_nothing_is_given(world: World, patient: Database) -> None:
    first, second = await world.chain("first", "second")

    async def write_meanwhile(connection: Connection) -> None:
        await connection.execute(sa.update(todos).values(title="meanwhile"))
        running = asyncio.create_task(give(world, patient))
        await waiting(world, "UPDATE todos")
        meanwhile.append(running)

    meanwhile: list[asyncio.Task[Assigned]] = []
    await world.database.write(write_meanwhile)
    with pytest.raises(DatabaseUnavailable):
        await meanwhile[0]

    assert (await state(world)).keys() == {str(first.id), str(second.id)}
    assert await state(world, "alice") == {}


async def waiting(world: World, statement: str) -> None:
    """Return when a statement waits for a lock."""
    asked = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE :text")
    values = {"text": f"%{statement}%"}
    async with asyncio.timeout(10):
        while not await world.database.read(lambda connection: connection.scalar(asked, values)):  # noqa: ASYNC110  # PostgreSQL sets no event.
            await asyncio.sleep(0.01)
