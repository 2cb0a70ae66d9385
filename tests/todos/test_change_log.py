import pytest
import sqlalchemy as sa

from tests.todos.world import World, ids
from todo_gql.database.tables import todo_changes
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
from todo_gql.todos.problems import Blocked

ID = "01890000-0000-7000-8000-00000000abcd"


async def logged(world: World) -> list[tuple[str, int, list[str]]]:
    statement = sa.select(todo_changes.c.kind, todo_changes.c.version, todo_changes.c.changed_fields)
    rows = await world.database.read(lambda connection: connection.execute(statement.order_by(todo_changes.c.position)))
    return [(row.kind, row.version, row.changed_fields) for row in rows]


async def test_every_change_is_logged_with_its_fields(world: World) -> None:
    other = await world.create("other")
    operations: list[Operation] = [
        Create(draft=TodoDraft(title="todo", id=ID, description="", priority=TodoPriority.LOW)),
        Update(id=ID, patch=TodoPatch(title="new", description=None, status=TodoStatus.IN_PROGRESS)),
        ChangeDependencies(id=ID, add=ids([other])),
        Update(id=ID, patch=TodoPatch(dependencies=[], priority=TodoPriority.LOW)),
        Complete(id=ID),
        Reopen(id=ID),
        Update(id=ID, patch=TodoPatch(status=TodoStatus.CANCELLED)),
        Delete(id=ID),
        Restore(id=ID),
    ]

    for operation in operations:
        await world.todos().execute(operation)

    assert (await logged(world))[1:] == [
        ("CREATED", 1, ["title", "description", "priority"]),
        ("UPDATED", 2, ["title", "description", "status"]),
        ("UPDATED", 3, ["dependencies"]),
        ("UPDATED", 4, ["dependencies"]),
        ("COMPLETED", 5, ["status"]),
        ("REOPENED", 6, ["status"]),
        ("UPDATED", 7, ["status"]),
        ("TRASHED", 8, ["trashedAt"]),
        ("RESTORED", 9, ["trashedAt"]),
    ]


async def test_a_change_names_its_todo_its_owner_its_time_and_its_request(world: World) -> None:
    todo = await world.create(owner="bob")

    row = (await world.database.read(lambda connection: connection.execute(sa.select(todo_changes)))).one()

    assert (row.owner, row.todo_id, row.at, row.actor, row.trace_id, row.span_id) == (
        "bob",
        todo.id,
        todo.updated_at,
        "alice",
        "0123456789abcdef0123456789abcdef",
        "fedcba9876543210",
    )


async def test_what_changes_nothing_logs_nothing(world: World) -> None:
    await world.create(id=ID)

    await world.todos().execute(Update(id=ID, patch=TodoPatch(title="Buy milk")))
    await world.todos().execute(Reopen(id=ID))
    await world.create(id=ID)

    assert len(await logged(world)) == 1


async def test_what_is_refused_or_rolled_back_logs_nothing(world: World) -> None:
    first, second = await world.chain("first", "second")

    with pytest.raises(Blocked):
        await world.todos().execute(Complete(id=str(second.id)))
    await world.todos().execute_all([Delete(id=str(first.id))], atomic=True, dry_run=True)

    assert [kind for kind, _, _ in await logged(world)] == ["CREATED", "CREATED"]


async def test_a_cascade_logs_each_completion(world: World) -> None:
    *_, last = await world.chain("one", "two", "three")

    await world.todos().execute(Complete(id=str(last.id), cascade=True))

    assert [kind for kind, _, _ in await logged(world)] == ["CREATED"] * 3 + ["COMPLETED"] * 3
