"""What becomes of the old service's rows, and how they come back."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.database.old_service import BAKE, MILK, STREET, make_old_table, old_rows, run_on
from tests.database.old_service import todos as old_todos
from todo_gql.database import DatabaseURL, parse_database_url
from todo_gql.database.migrations import MigrationError, downgrade, upgrade
from todo_gql.database.tables import NEVER, todo_changes, todo_dependencies, todos


async def rows(url: DatabaseURL, table: sa.Table, *columns: str) -> list[tuple[object, ...]]:
    """Select columns of a table's rows; todos come in the order of their creation."""
    statement = sa.select(*(table.c[name] for name in columns)).order_by(
        todos.c.created_at if table is todos else table.c.position
    )
    result = await run_on(url, lambda connection: connection.execute(statement))
    return [tuple(row) for row in result.all()]


async def execute(url: DatabaseURL, *statements: sa.Executable) -> None:
    async def work(connection: AsyncConnection) -> None:
        for statement in statements:
            await connection.execute(statement)

    await run_on(url, work)


def adopted(number: int, **values: object) -> sa.Insert:
    """Insert a todo as a migrated service would have created it."""
    instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    defaults: dict[str, object] = {"owner": "", "id": UUID(int=number), "status": "OPEN", "priority": 0, "version": 1}
    defaults |= {"title": f"todo {number}", "title_folded": f"todo {number}"}
    defaults |= {"overdue_at": NEVER, "created_at": instant, "updated_at": instant}
    return todos.insert().values(**(defaults | values))


def dependency(todo: int, depends_on: int, position: int) -> sa.Insert:
    return todo_dependencies.insert().values(
        owner="", todo_id=UUID(int=todo), depends_on_id=UUID(int=depends_on), position=position
    )


async def test_old_rows_are_adopted_in_their_physical_order(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url, MILK, STREET, BAKE)

    await upgrade(empty_url)

    columns = ("owner", "id", "title", "description", "title_folded", "description_folded")
    assert await rows(empty_url, todos, *columns) == [
        ("", MILK["id"], "Buy MILK", None, "buy milk", None),
        ("", STREET["id"], "Sweep the Straße", "BOTH sides", "sweep the strasse", "both sides"),
        ("", BAKE["id"], "Bake", "", "bake", ""),
    ]


async def test_old_texts_with_a_forbidden_character_are_searched_and_sorted_without_it(
    sqlite_path: Path,
) -> None:
    url = parse_database_url(f"sqlite:///{sqlite_path}")
    await make_old_table(url, MILK | {"title": "A\0b", "description": "\0C"})

    await upgrade(url)

    columns = ("title", "description", "title_folded", "description_folded")
    assert await rows(url, todos, *columns) == [("A\0b", "\0C", "ab", "c")]


async def test_old_rows_are_open_and_unchanged_since_just_now(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url, MILK, STREET, BAKE)
    before = datetime.now(UTC) - timedelta(microseconds=3)

    await upgrade(empty_url)
    after = datetime.now(UTC)

    columns = ("status", "priority", "version", "due_date", "completed_at", "trashed_at", "input_hash")
    assert await rows(empty_url, todos, *columns) == [("OPEN", 0, 1, None, None, None, None)] * 3
    times = await rows(empty_url, todos, "created_at", "updated_at")
    first = times[0][0]
    assert isinstance(first, datetime)
    assert times == [(first + timedelta(microseconds=place),) * 2 for place in range(3)]
    assert before <= first <= after - timedelta(microseconds=2)


async def test_old_rows_without_a_due_date_stand_where_new_ones_do(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url, MILK)

    await upgrade(empty_url)
    await execute(empty_url, adopted(1))

    # asyncpg writes this instant as infinity, which is later than the instant itself.
    statement = sa.select(sa.func.count()).where(todos.c.overdue_at == NEVER)
    assert (await run_on(empty_url, lambda connection: connection.execute(statement))).scalar_one() == 2


async def test_old_dependencies_move(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url, MILK, STREET, BAKE)

    await upgrade(empty_url)

    columns = ("owner", "todo_id", "depends_on_id", "position")
    assert await rows(empty_url, todo_dependencies, *columns) == [("", BAKE["id"], MILK["id"], 0)]
    assert await rows(empty_url, todo_changes, "kind") == []


async def test_more_rows_than_a_batch_holds_are_all_adopted(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url)
    count = 10_001
    await run_on(
        empty_url,
        lambda connection: connection.execute(
            old_todos.insert(), [{"id": UUID(int=number), "title": f"TODO {number}"} for number in range(count)]
        ),
    )

    await upgrade(empty_url)

    found = await rows(empty_url, todos, "id", "title_folded")
    assert found == [(UUID(int=number), f"todo {number}") for number in range(count)]


async def test_dependencies_that_cannot_be_are_dropped_and_counted(
    empty_url: DatabaseURL, caplog: pytest.LogCaptureFixture
) -> None:
    on_itself = {**STREET, "depends_on": STREET["id"]}
    await make_old_table(empty_url, MILK, on_itself, BAKE)

    with caplog.at_level(logging.INFO):
        await upgrade(empty_url)

    columns = ("todo_id", "depends_on_id")
    assert await rows(empty_url, todo_dependencies, *columns) == [(BAKE["id"], MILK["id"])]
    assert (
        "Adopted 3 todos and 1 dependencies; dropped 1 dependencies of a todo on itself and 0 on missing todos."
    ) in caplog.messages


async def test_what_sqlite_let_the_old_service_store_is_readable(
    sqlite_path: object, caplog: pytest.LogCaptureFixture
) -> None:
    url = parse_database_url(f"sqlite:///{sqlite_path}")
    blank_and_dangling = {**STREET, "title": "", "depends_on": UUID(int=99)}
    long = {**MILK, "title": "X" * 500}
    await make_old_table(url, blank_and_dangling, long)

    with caplog.at_level(logging.INFO):
        await upgrade(url)

    assert await rows(url, todos, "title", "title_folded") == [("", ""), ("X" * 500, "x" * 500)]
    assert await rows(url, todo_dependencies, "todo_id") == []
    assert (
        "Adopted 2 todos and 0 dependencies; dropped 0 dependencies of a todo on itself and 1 on missing todos."
    ) in caplog.messages


async def test_constraints_of_other_names_are_found(empty_postgresql_url: str) -> None:
    url = parse_database_url(empty_postgresql_url)
    await make_old_table(url, MILK, BAKE)
    await execute(
        url,
        sa.text('ALTER TABLE todos RENAME CONSTRAINT todos_pkey TO "the Key"'),
        sa.text("ALTER TABLE todos RENAME CONSTRAINT todos_depends_on_fkey TO reference"),
    )

    await upgrade(url)

    assert await rows(url, todo_dependencies, "todo_id") == [(BAKE["id"],)]


async def test_adopted_rows_come_back_as_they_were(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url, MILK, STREET, BAKE)

    await upgrade(empty_url)
    await downgrade(empty_url, "base")

    assert await old_rows(empty_url) == [STREET, BAKE, MILK]


async def test_the_old_service_can_work_with_what_comes_back(empty_url: DatabaseURL) -> None:
    await upgrade(empty_url)
    await downgrade(empty_url, "base")

    await execute(empty_url, *(old_todos.insert().values(row) for row in (MILK, STREET, BAKE)))
    await execute(
        empty_url,
        old_todos.update().where(old_todos.c.id == STREET["id"]).values(depends_on=BAKE["id"]),
        old_todos.delete().where(old_todos.c.id == STREET["id"]),
    )

    assert await old_rows(empty_url) == [BAKE, MILK]
    with pytest.raises(IntegrityError):
        await execute(empty_url, old_todos.insert().values(MILK))


async def test_what_came_back_can_be_adopted_again(empty_url: DatabaseURL) -> None:
    await make_old_table(empty_url, MILK, STREET, BAKE)
    for _ in range(2):
        await upgrade(empty_url)
        await downgrade(empty_url, "base")

    await upgrade(empty_url)

    assert {row[0] for row in await rows(empty_url, todos, "id")} == {MILK["id"], STREET["id"], BAKE["id"]}
    assert await rows(empty_url, todo_dependencies, "todo_id") == [(BAKE["id"],)]


async def test_a_downgrade_cuts_no_text(empty_url: DatabaseURL) -> None:
    await upgrade(empty_url)
    await execute(empty_url, adopted(1, title="t" * 200, description="d" * 10_000))

    await downgrade(empty_url, "base")

    assert await old_rows(empty_url) == [
        {"id": UUID(int=1), "title": "t" * 200, "description": "d" * 10_000, "depends_on": None}
    ]


async def test_a_downgrade_keeps_the_first_dependency_that_is_not_trashed(
    empty_url: DatabaseURL, caplog: pytest.LogCaptureFixture
) -> None:
    await upgrade(empty_url)
    await execute(
        empty_url,
        *(adopted(1, trashed_at=NEVER), adopted(2), adopted(3), adopted(4)),
        *(dependency(4, 1, 0), dependency(4, 3, 1), dependency(4, 2, 2), dependency(1, 2, 0)),
    )

    with caplog.at_level(logging.INFO):
        await downgrade(empty_url, "base")

    found = {row["id"]: row["depends_on"] for row in await old_rows(empty_url)}
    assert found == {UUID(int=2): None, UUID(int=3): None, UUID(int=4): UUID(int=3)}
    assert (
        "Brought 3 todos back to the old table; removed 1 from the trash and 1 dependencies beyond a todo's first."
    ) in caplog.messages


async def test_todos_of_an_owner_are_not_downgraded(empty_url: DatabaseURL) -> None:
    await upgrade(empty_url)
    await execute(empty_url, adopted(1, owner="someone"))

    with pytest.raises(MigrationError) as failure:
        await downgrade(empty_url, "base")

    assert str(failure.value) == (
        "Todos of an owner cannot be downgraded: the old service would show them to everyone."
    )
    assert await rows(empty_url, todos, "owner") == [("someone",)]
