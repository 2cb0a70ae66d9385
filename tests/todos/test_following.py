"""A reader of the change log sees every committed change exactly once, however the writers interleave.

Transactions are opened, written in and ended in every order that hypothesis can think of, and read in between. What a
reader of positions alone would lose is then lost for certain, and not once in many runs.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.todos.test_changes import Replica, state
from tests.todos.world import World
from todo_gql.database import Connection
from todo_gql.todos.commands import Complete, Create, Delete, Operation, Reopen, Restore, TodoDraft, TodoPatch, Update
from todo_gql.todos.model import Caller, Change, Owner, Updated
from todo_gql.todos.operations import perform
from todo_gql.todos.operations.log import Log
from todo_gql.todos.operations.work import Policy, Unit
from todo_gql.todos.store import log
from todo_gql.todos.sync import At, InLog

WRITERS = 4
TODOS = 5

Seen = list[tuple[UUID, int]]
"""Which todo, and which version of it."""


@dataclass
class Writer:
    """A transaction that stays open for as long as the schedule wants."""

    unit: Unit
    transaction: asyncio.Task[None]
    may_commit: asyncio.Future[bool]
    wrote: Seen = field(default_factory=list)


class RolledBack(Exception):
    pass


@dataclass
class Schedule:
    """Transactions on one owner's todos, and a reader who follows them."""

    world: World
    owner: Owner
    stack: ExitStack
    todos: list[str]
    place: InLog
    writers: dict[int, Writer] = field(default_factory=dict)
    locked: dict[str, int] = field(default_factory=dict)
    committed: Seen = field(default_factory=list)
    seen: Seen = field(default_factory=list)
    title: int = 0

    async def write(self, number: int, todo: int) -> None:
        todo_id = self.todos[todo]
        if self.locked.get(todo_id, number) != number or not (self.may_begin or number in self.writers):
            return  # It would have to wait for another transaction of this same schedule.
        writer = await self.writer(number)
        self.locked[todo_id] = number
        self.title += 1
        updated = await perform(writer.unit, Update(id=todo_id, patch=TodoPatch(title=f"title {self.title}")))
        assert isinstance(updated, Updated)
        writer.wrote.append((UUID(todo_id), updated.todo.version))

    async def end(self, number: int, *, commit: bool) -> None:
        if number not in self.writers:
            return
        writer = self.writers.pop(number)
        self.locked = {todo_id: holder for todo_id, holder in self.locked.items() if holder != number}
        writer.may_commit.set_result(commit)
        with suppress(RolledBack):
            await writer.transaction
            self.committed += writer.wrote

    async def read(self, limit: int) -> bool:
        """Read on, and say whether there was more."""
        stretch = await self.world.database.read(lambda connection: log.read(connection, self.owner, self.place, limit))
        assert stretch is not None
        self.seen += map(seen, stretch.changes)
        self.place = stretch.end
        return stretch.has_more

    async def read_to_the_end(self) -> None:
        # The first stretch may be one that an earlier read has begun: what came after it is in the next.
        for _ in range(2):
            while await self.read(3):
                pass

    async def writer(self, number: int) -> Writer:
        if number not in self.writers:
            loop = asyncio.get_running_loop()
            begun, may_commit = loop.create_future(), loop.create_future()
            caller = Caller(owner=self.owner)

            async def stay_open(connection: Connection) -> None:
                log = Log(connection, caller)
                now = self.world.clock()
                begun.set_result(Unit(connection=connection, caller=caller, now=now, policy=Policy(), log=log))
                if not await may_commit:
                    raise RolledBack

            transaction = asyncio.create_task(self.world.database.write(stay_open))
            self.stack.callback(transaction.cancel)
            self.writers[number] = Writer(await begun, transaction, may_commit)
        return self.writers[number]

    @property
    def is_sqlite(self) -> bool:
        return self.world.database.engine.dialect.name == "sqlite"

    @property
    def may_begin(self) -> bool:
        return not self.is_sqlite or not self.writers


def seen(change: Change) -> tuple[UUID, int]:
    return change.todo_id, change.version


@asynccontextmanager
async def schedule(world: World) -> AsyncIterator[Schedule]:
    owner = Owner(uuid4().hex)  # The examples of one test share its database.
    todos = [str((await world.create(owner=owner)).id) for _ in range(TODOS)]
    place = At(await world.database.read(log.cut_now))
    with ExitStack() as stack:
        yield Schedule(world, owner, stack, todos, place)


numbers = st.integers(0, WRITERS - 1)
steps = st.one_of(
    st.tuples(st.just("write"), numbers, st.integers(0, TODOS - 1)),
    st.tuples(st.sampled_from(["commit", "commit", "rollback"]), numbers, st.just(0)),
    st.tuples(st.just("read"), st.sampled_from([1, 2, 100]), st.just(0)),
)


def assert_versions_grow(changes: Iterable[tuple[UUID, int]]) -> None:
    versions: dict[UUID, list[int]] = defaultdict(list)
    for todo_id, version in changes:
        versions[todo_id].append(version)
    assert all(of_one == sorted(of_one) for of_one in versions.values())


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(steps, min_size=4, max_size=40))
async def test_every_committed_change_is_seen_once_and_in_the_order_of_versions(
    world: World, plan: list[tuple[str, int, int]]
) -> None:
    async with schedule(world) as running:
        for step, number, todo in plan:
            match step:
                case "write":
                    await running.write(number, todo)
                case "read":
                    await running.read(number)
                case _:
                    await running.end(number, commit=step == "commit")
        for number in list(running.writers):
            await running.end(number, commit=True)
        await running.read_to_the_end()

        assert Counter(running.seen) == Counter(running.committed)
        assert_versions_grow(running.seen)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # On SQLite one transaction writes at a time.
async def test_a_transaction_that_stays_open_holds_no_reader_up(world: World) -> None:
    """A horizon such as pg_snapshot_xmin would hide what was committed after a transaction that no one ends."""
    async with schedule(world) as running:
        await running.write(0, 0)
        await running.write(1, 1)
        await running.end(1, commit=True)

        await running.read(100)

        assert running.seen == running.committed != []


@pytest.mark.parametrize("seed", range(2))
async def test_a_replica_equals_the_state_although_writers_never_rest(world: World, seed: int) -> None:
    """Everything that callers can do, by several at once, while the replica copies and follows in small pages."""
    todos = [str((await world.create(f"todo {number}")).id) for number in range(12)]
    replica = Replica(world)
    chance = random.Random(seed)
    done: Counter[str] = Counter()

    async def write() -> None:
        for _ in range(15):
            todo_id = chance.choice(todos)
            operations: list[Operation] = [
                Update(id=todo_id, patch=TodoPatch(title=f"title {chance.random()}")),
                Complete(id=todo_id),
                Reopen(id=todo_id),
                Delete(id=todo_id),
                Restore(id=todo_id),
                Create(draft=TodoDraft(title="new")),
            ]
            operation = chance.choice(operations)
            dry_run = chance.random() < 0.2
            await world.todos().execute_all([operation, operation], atomic=False, dry_run=dry_run)
            done[type(operation).__name__] += 1

    async def follow(writers: asyncio.Future[list[None]]) -> None:
        while not writers.done():
            await replica.step(first=3)

    writers = asyncio.gather(*(write() for _ in range(6)))
    await asyncio.gather(writers, follow(writers))
    await replica.catch_up(first=3)

    assert sum(done.values()) == 90
    assert replica.todos == await state(world)


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(steps, min_size=4, max_size=30))
async def test_two_states_never_have_the_same_tag(world: World, plan: list[tuple[str, int, int]]) -> None:
    async with schedule(world) as running:
        todos = world.todos(running.owner)
        states: dict[str, object] = {await todos.log.tag(): await state(world, running.owner)}
        for step, number, todo in plan:
            if step == "write":
                await running.write(number, todo)
            elif step != "read":
                await running.end(number, commit=step == "commit")
            tag, now = await todos.log.tag(), await state(world, running.owner)
            assert states.setdefault(tag, now) == now
        for number in list(running.writers):
            await running.end(number, commit=False)
