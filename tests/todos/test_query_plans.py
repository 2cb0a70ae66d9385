"""PostgreSQL looks for rare todos in the way that is best for them, however often frequent ones were looked for."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests.todos.world import World
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.queries import ALL, OLDEST_FIRST, DateRange, InstantRange, TodoFilter
from todo_gql.todos.shapes import ConnectionShape, NodesShape, TodoField, TodoShape

FILTERS = {
    "search": TodoFilter(search="axolotl"),
    "due": TodoFilter(due=DateRange(start=date(2030, 1, 1))),
    "updated": TodoFilter(updated=InstantRange(start=datetime(2030, 1, 1, tzinfo=UTC))),
    "overdue": TodoFilter(is_overdue=True),
}
FIRST = PageRequest(first=20)
TODO = TodoShape({"id": TodoField.ID})
SHAPE = ConnectionShape({"nodes": NodesShape(TODO)})
LISTED = TodoShape({"id": TodoField.ID, "created_at": TodoField.CREATED_AT})
LOG = sa.text(
    "INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at)"
    " SELECT '', gen_random_uuid(), 'CREATED', 1, '[]', now() FROM generate_series(1, 10000)"
)
PLANS = sa.text(
    "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement ~ '^(SELECT todos|WITH found)'"
)


async def plans(world: World) -> list[tuple[int, int]]:
    """Say how often statements on lists were planned for their values, and for any."""
    rows = await world.database.read(lambda connection: connection.execute(PLANS))
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("todo_filter", FILTERS.values(), ids=FILTERS)
async def test_no_plan_is_kept_for_any_value(world: World, todo_filter: TodoFilter) -> None:
    # From the sixth time on PostgreSQL may keep one.
    for _ in range(8):
        await world.todos().page(FIRST, todo_filter=todo_filter)
        await world.todos().texts.page(FIRST, todo_filter, OLDEST_FIRST, SHAPE, {})
        await world.todos().next(20, todo_filter)
        await world.todos().texts.next(20, todo_filter, TODO, {})

    assert await plans(world) == 4 * [(8, 0)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_plan_of_a_list_is_kept(world: World) -> None:
    for _ in range(8):
        await world.todos().page(FIRST)
        await world.todos().texts.page(FIRST, ALL, OLDEST_FIRST, SHAPE, {})
        await world.todos().next(20)
        await world.todos().texts.next(20, ALL, TODO, {})

    assert await plans(world) == 4 * [(5, 3)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_plan_of_a_list_with_its_tag_is_kept_when_there_is_a_log(world: World) -> None:
    await world.database.write(lambda connection: connection.execute(LOG))
    await world.database.write(lambda connection: connection.execute(sa.text("ANALYZE todo_changes")))

    for _ in range(8):
        await world.todos().texts.oldest(FIRST, LISTED, max_size=20)

    assert await plans(world) == [(5, 3)]
