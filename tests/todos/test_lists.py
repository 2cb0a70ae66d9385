import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
import sqlalchemy as sa

from tests.todos.world import World, ids, titles
from todo_gql.database import Connection
from todo_gql.todos.commands import Delete, TodoPatch, Update
from todo_gql.todos.model import Due, Owner, Todo, TodoPriority, TodoStatus
from todo_gql.todos.paging import Page, PageRequest, Window, sort_key
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.queries import DateRange, InstantRange, TodoFilter, TodoOrder, TodoOrderField
from todo_gql.todos.service import Todos
from todo_gql.todos.store import pages as page_store

ORDERS = [TodoOrder(field=field, descending=descending) for field, descending in product(TodoOrderField, (False, True))]


async def create_varied(world: World) -> list[Todo]:
    """Create 24 todos that differ in all that can be sorted by, with ties."""
    dues = [None, Due(date=date(2026, 11, 20)), Due(date=date(2026, 11, 25)), Due(date=date(2026, 11, 20))]
    todos = [
        await world.create(
            ["pear", "Apple", "äpfel", "apple"][number % 4],
            priority=list(TodoPriority)[number * 7 % 5],
            due=dues[number * 5 % 4],
        )
        for number in range(24)
    ]
    for todo in todos[::5]:
        await world.todos().execute(Update(id=str(todo.id), patch=TodoPatch(description="touched")))
    return [await world.get(str(todo.id)) for todo in todos]


async def pages(todos: Todos, order: TodoOrder, *, size: int, backward: bool = False) -> AsyncIterator[Page]:
    request = PageRequest(last=size) if backward else PageRequest(first=size)
    while True:
        page = await todos.page(request, order=order)
        yield page
        if not page.has_more:
            return
        if backward:
            request = PageRequest(last=size, before=page.cursor(page.todos[0]))
        else:
            request = PageRequest(first=size, after=page.cursor(page.todos[-1]))


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order.field} {'desc' if order.descending else 'asc'}")
async def test_pages_in_both_directions_give_every_todo_once_and_in_order(world: World, order: TodoOrder) -> None:
    expected = sorted(
        await create_varied(world), key=lambda todo: sort_key(todo, order.field), reverse=order.descending
    )

    forward = [page.todos async for page in pages(world.todos(), order, size=5)]
    backward = [page.todos async for page in pages(world.todos(), order, size=5, backward=True)]

    assert [todo for page in forward for todo in page] == expected
    assert [todo for page in reversed(backward) for todo in page] == expected
    assert [len(page) for page in forward] == [5, 5, 5, 5, 4]


async def test_rows_that_come_and_go_meanwhile_shift_nothing(world: World) -> None:
    todos = [await world.create(str(number)) for number in range(20)]
    seen: list[str] = []

    async for page in pages(world.todos(), TodoOrder(), size=4):
        seen += titles(page.todos)
        await world.todos().execute(Delete(id=str(page.todos[0].id)))
        await world.create("late")

    kept = [title for title in seen if title != "late"]
    assert kept == titles(todos)


async def test_no_untouched_row_is_skipped_or_repeated_while_others_write(world: World) -> None:
    todos = [await world.create(str(number), priority=TodoPriority.LOW) for number in range(40)]
    is_done = asyncio.Event()

    async def write() -> None:
        while not is_done.is_set():
            made = await world.create("other", priority=TodoPriority.LOW)
            await world.todos().execute(Update(id=str(made.id), patch=TodoPatch(priority=TodoPriority.NONE)))
            await world.todos().execute(Delete(id=str(made.id)))

    writing = asyncio.create_task(write())
    order = TodoOrder(field=TodoOrderField.PRIORITY, descending=True)
    seen = [todo async for page in pages(world.todos(), order, size=3) for todo in page.todos]
    is_done.set()
    await writing

    assert [todo for todo in titles(seen) if todo != "other"] == titles(reversed(todos))


@pytest.mark.parametrize(
    ("sizes", "places", "shown", "has_previous", "has_next"),
    [
        ({"first": 2}, {}, "01", False, True),
        ({"first": 5}, {}, "01234", False, False),
        ({"first": 2}, {"after": 1}, "23", True, True),
        ({"first": 2}, {"after": 3}, "4", True, False),
        ({"first": 2}, {"after": 4}, "", True, False),
        ({"last": 2}, {}, "34", True, False),
        ({"last": 2}, {"before": 3}, "12", True, True),
        ({"last": 2}, {"before": 1}, "0", False, True),
        ({"last": 2}, {"before": 0}, "", False, True),
        ({"first": 4}, {"after": 0, "before": 3}, "12", True, True),
        ({"last": 1}, {"after": 0, "before": 3}, "2", True, True),
        ({"first": 4}, {"after": 3, "before": 1}, "", True, True),
    ],
    ids=str,
)
async def test_a_page_knows_what_is_around_it(
    world: World, sizes: dict[str, int], places: dict[str, int], shown: str, has_previous: bool, has_next: bool
) -> None:
    for number in range(5):
        await world.create(str(number))
    whole = await world.todos().page(PageRequest())
    cursors = {name: whole.cursor(whole.todos[place]) for name, place in places.items()}

    page = await world.todos().page(PageRequest(**sizes, **cursors))  # type: ignore[arg-type]  # The table's own.

    assert "".join(titles(page.todos)) == shown
    assert await world.todos().goes_on(page, TodoFilter(), forward=False) is has_previous
    assert await world.todos().goes_on(page, TodoFilter(), forward=True) is has_next


async def test_todos_without_a_due_date_are_due_last(world: World) -> None:
    await world.create("never")
    await world.create("later", due=Due(date=date(9999, 12, 30)))
    await world.create("sooner", due=Due(date=date.min))

    page = await world.todos().page(PageRequest(), order=TodoOrder(field=TodoOrderField.DUE))

    assert titles(page.todos) == ["sooner", "later", "never"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("STRASSE", ["Große Straße"]),
        ("straße", ["Große Straße"]),
        ("große", ["Große Straße"]),
        ("ΟΔΌΣ", ["Οδός"]),
        ("οδόσ", ["Οδός"]),
        ("100%", ["100% cotton"]),
        ("0%_c", []),
        ("\\", ["back\\slash"]),
        ("'", ["O'Brien"]),
        ("in the description", ["Plain"]),
        ("PLAIN", ["Plain"]),
        ("n", ["100% cotton", "O'Brien", "Plain"]),
        ("", ["Große Straße", "Οδός", "100% cotton", "back\\slash", "O'Brien", "Plain"]),
        ("plainhidden", []),
    ],
)
async def test_a_search_finds_substrings_whatever_their_case(world: World, search: str, found: list[str]) -> None:
    for title in ("Große Straße", "Οδός", "100% cotton", "back\\slash", "O'Brien"):
        await world.create(title)
    await world.create("Plain", description="Hidden IN the Description")

    page = await world.todos().page(PageRequest(), todo_filter=TodoFilter(search=search))

    assert titles(page.todos) == found


@pytest.mark.parametrize("search", ["\0", "a\ud800"])
async def test_a_search_for_what_no_todo_can_contain_is_refused(world: World, search: str) -> None:
    with pytest.raises(BadArgument):
        await world.todos().page(PageRequest(), todo_filter=TodoFilter(search=search))
    with pytest.raises(BadArgument):
        await world.todos().count(TodoFilter(search=search))
    with pytest.raises(BadArgument):
        await world.todos().next(5, TodoFilter(search=search))


FILTERS = {
    "status": (TodoFilter(status=frozenset({TodoStatus.COMPLETED, TodoStatus.CANCELLED})), ["done", "cancelled"]),
    "no status": (TodoFilter(status=frozenset()), []),
    "priority": (TodoFilter(priority=frozenset({TodoPriority.URGENT})), ["urgent"]),
    "blocked": (TodoFilter(is_blocked=True), ["blocked"]),
    "not blocked": (TodoFilter(is_blocked=False), ["past", "soon", "urgent", "done", "cancelled"]),
    "overdue": (TodoFilter(is_overdue=True), ["past"]),
    "not overdue": (TodoFilter(is_overdue=False), ["soon", "urgent", "done", "cancelled", "blocked"]),
    "due": (TodoFilter(due=DateRange(start=date(2026, 11, 1), before=date(2026, 11, 24))), ["past", "soon", "done"]),
    "due, open end": (TodoFilter(due=DateRange(start=date(2026, 11, 23))), ["soon"]),
    "due, unbounded": (TodoFilter(due=DateRange()), ["past", "soon", "done"]),
    "updated": (TodoFilter(updated=InstantRange(before=datetime(2026, 11, 23, 8, 30, tzinfo=UTC))), ["past", "soon"]),
    "updated since": (
        TodoFilter(updated=InstantRange(start=datetime(2026, 11, 23, 8, 30, tzinfo=UTC))),
        ["urgent", "done", "cancelled", "blocked"],
    ),
    "trashed": (TodoFilter(trashed=True), ["trashed"]),
    "two at once": (TodoFilter(is_overdue=False, due=DateRange()), ["soon", "done"]),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_admits_what_meets_all_its_conditions(world: World, name: str) -> None:
    todo_filter, expected = FILTERS[name]
    await world.create("past", due=Due(date=date(2026, 11, 22)))
    await world.create("soon", due=Due(date=date(2026, 11, 23)))
    world.clock.advance(timedelta(hours=1))
    urgent = await world.create("urgent", priority=TodoPriority.URGENT)
    await world.create("done", status=TodoStatus.COMPLETED, due=Due(date=date(2026, 11, 1)))
    await world.create("cancelled", status=TodoStatus.CANCELLED)
    await world.create("blocked", dependencies=ids([urgent]))
    trashed = await world.create("trashed")
    await world.todos().execute(Delete(id=str(trashed.id)))

    page = await world.todos().page(PageRequest(), todo_filter=todo_filter)

    assert titles(page.todos) == expected
    assert await world.todos().count(todo_filter) == len(expected)


async def test_overdue_is_judged_at_the_due_instant(world: World) -> None:
    at = world.clock.now + timedelta(minutes=1)
    todo = await world.create(due=Due(date=at.date(), at=at, time_zone="UTC"))

    before = await world.todos().count(TodoFilter(is_overdue=True))
    world.clock.advance(timedelta(minutes=1))
    after = await world.todos().count(TodoFilter(is_overdue=True))

    assert (before, after) == (0, 1)
    assert (todo.is_overdue(at - timedelta(microseconds=1)), todo.is_overdue(at)) == (False, True)


async def test_what_can_be_done_next_comes_most_urgent_first(world: World) -> None:
    await world.create("old")
    await world.create("due later", due=Due(date=date(2026, 12, 2)))
    await world.create("due sooner", due=Due(date=date(2026, 12, 1)))
    await world.create("urgent", priority=TodoPriority.URGENT, status=TodoStatus.IN_PROGRESS)
    await world.create("done", priority=TodoPriority.URGENT, status=TodoStatus.COMPLETED)
    first = await world.create("high", priority=TodoPriority.HIGH)
    await world.create("blocked", priority=TodoPriority.URGENT, dependencies=ids([first]))
    trashed = await world.create("trashed", priority=TodoPriority.URGENT)
    await world.todos().execute(Delete(id=str(trashed.id)))

    found = await world.todos().next(10)

    assert titles(found) == ["urgent", "high", "due sooner", "due later", "old"]
    assert titles(await world.todos().next(2)) == ["urgent", "high"]
    assert titles(await world.todos().next(10, TodoFilter(search="due"))) == ["due sooner", "due later"]
    assert await world.todos().next(10, TodoFilter(trashed=True)) == ()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("is_blocked", [None, True, False])
async def test_what_is_blocked_is_found_without_reading_whole_tables(world: World, is_blocked: bool | None) -> None:
    async def fill(connection: Connection) -> None:
        await connection.execute(
            sa.text("""
            INSERT INTO todos
                (owner, id, title, title_folded, status, priority, overdue_at, version, created_at, updated_at)
            SELECT '', lpad(number::text, 32, '0')::uuid, 'x', 'x', 'OPEN', 0, 'infinity', 1, now(), now()
            FROM generate_series(1, 5000) AS number
        """)
        )
        await connection.execute(
            sa.text("""
            INSERT INTO todo_dependencies (owner, todo_id, depends_on_id, position)
            SELECT '', lpad(number::text, 32, '0')::uuid, lpad('1', 32, '0')::uuid, 0
            FROM generate_series(2, 5000, 2) AS number
        """)
        )

    async def read(connection: Connection) -> object:
        if is_blocked is None:
            await page_store.next_todos(connection, Owner(""), TodoFilter(), 20, world.clock())
        else:
            window = Window(size=20, backward=False, after=None, before=None)
            todo_filter = TodoFilter(is_blocked=is_blocked)
            await page_store.page(connection, Owner(""), todo_filter, TodoOrder(), window, world.clock())
        return await connection.scalar(sa.text("SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables"))

    await world.database.write(fill)
    await world.database.write(lambda connection: connection.execute(sa.text("ANALYZE")))

    assert await world.database.write(read) == 0


async def test_dependents_are_paged_for_each_todo(world: World) -> None:
    one, two = await world.create("one"), await world.create("two")
    for number in range(5):
        await world.create(f"of one {number}", dependencies=ids([one]))
    of_both = await world.create("of both", dependencies=ids([one, two]))
    trashed = await world.create("trashed", dependencies=ids([two]))
    await world.todos().execute(Delete(id=str(trashed.id)))

    found = await world.todos().neighbours.dependents([one.id, two.id], PageRequest(first=2))
    last = await world.todos().neighbours.dependents([one.id, two.id], PageRequest(last=2))

    assert titles(found[one.id].todos) == ["of one 0", "of one 1"]
    assert (found[one.id].has_more, found[two.id].has_more) == (True, False)
    assert found[two.id].todos == (of_both,)
    assert titles(last[one.id].todos) == ["of one 4", "of both"]
    assert await world.todos().neighbours.dependent_counts([one.id, two.id]) == {one.id: 6, two.id: 1}
    assert await world.todos().count(TodoFilter(dependents_of=one.id)) == 6


@pytest.mark.parametrize(
    ("place", "before", "after"),
    [(0, {"one", "two"}, {"one", "two"}), (1, {"one", "two"}, {"one"}), (2, {"one", "two"}, set())],
)
async def test_dependents_around_a_place_are_found_for_each_todo(
    world: World, place: int, before: set[str], after: set[str]
) -> None:
    one, two, three = [await world.create(title) for title in ("one", "two", "three")]
    of_both = await world.create(dependencies=ids([one, two]))
    of_one = await world.create(dependencies=ids([one]))
    trashed = await world.create(dependencies=ids([two, three]))
    await world.todos().execute(Delete(id=str(trashed.id)))
    todos = {one.id: "one", two.id: "two", three.id: "three"}
    key = sort_key([of_both, of_one, trashed][place], TodoOrderField.CREATED_AT)

    found_before = await world.todos().neighbours.dependents_beyond(list(todos), key, forward=False)
    found_after = await world.todos().neighbours.dependents_beyond(list(todos), key, forward=True)

    assert {todos[todo_id] for todo_id in found_before} == before
    assert {todos[todo_id] for todo_id in found_after} == after


async def test_many_todos_are_found_by_the_ids_as_they_were_asked_for(world: World) -> None:
    todo = await world.create("Buy milk")
    spellings = [str(todo.id), todo.id.hex.upper()]

    found = await world.todos().find_many([*spellings, "42", "01890000-0000-7000-8000-00000000abcd"])

    assert found == dict.fromkeys(spellings, todo)
