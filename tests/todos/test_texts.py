"""What the database writes says the same as what is read from it and written here."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.todos.world import Clock, World
from todo_gql.database import Database, create_engine, parse_database_url
from todo_gql.database.migrations import upgrade
from todo_gql.todos.commands import Complete, Create, Delete, TodoDraft
from todo_gql.todos.model import Created, Due, Todo, TodoPriority, TodoStatus
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.queries import TodoFilter, TodoOrder, TodoOrderField
from todo_gql.todos.shapes import (
    ConnectionShape,
    Constant,
    DependenciesShape,
    DependencyIds,
    DependentsShape,
    DueField,
    DueShape,
    EdgeField,
    EdgesShape,
    NodesShape,
    PageField,
    PageInfoShape,
    TodoField,
    TodoMember,
    TodoShape,
)
from todo_gql.todos.times import format_instant

ALL = TodoFilter()
WHOLE = TodoShape(
    {
        **{field.value: field for field in TodoField if field is not TodoField.IS_BLOCKED},
        "due": DueShape({field.value: field for field in DueField}),
        "kind": Constant('"Todo"'),
    }
)
TITLE = TodoShape({"title": TodoField.TITLE})
PAGE_INFO = PageInfoShape({field.value: field for field in PageField})
WITH_PLACES = ConnectionShape({"edges": EdgesShape({"cursor": EdgeField.CURSOR, "node": TITLE}), "info": PAGE_INFO})
DESCRIPTION = (
    "Quotes: \" and ', \\ and \\u0041 and \\n;\nlines\tand tabs, %s {} $1 :name; <\u2028>, ü, \U0001f95b, \x7f\x01"
)


def as_written_here(todo: Todo, now: datetime) -> dict[str, Any]:
    def instant(value: datetime | None) -> str | None:
        return None if value is None else format_instant(value)

    due = todo.due and {
        "date": todo.due.date.isoformat(),
        "at": instant(todo.due.at),
        "time_zone": todo.due.time_zone,
    }
    return {
        "id": str(todo.id),
        "title": todo.title,
        "description": todo.description,
        "status": todo.status.value,
        "is_completed": todo.is_completed,
        "is_overdue": todo.is_overdue(now),
        "priority": todo.priority.value,
        "version": todo.version,
        "created_at": instant(todo.created_at),
        "updated_at": instant(todo.updated_at),
        "completed_at": instant(todo.completed_at),
        "trashed_at": instant(todo.trashed_at),
        "due": due,
        "kind": "Todo",
    }


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(1, 1, 2, tzinfo=UTC), id="the first day"),
        pytest.param(datetime(999, 12, 31, 23, 59, 59, tzinfo=UTC), id="a year of three digits, at a whole second"),
        pytest.param(datetime(2026, 3, 29, 1, 30, 0, 120000, tzinfo=UTC), id="hundredths of a second"),
        pytest.param(datetime(9999, 12, 30, 23, 59, 59, 999000, tzinfo=UTC), id="the last days"),
    ],
)
async def test_a_todo_is_written_alike_whenever_it_was_made(world: World, now: datetime) -> None:
    # The clock is read twice, and moves a microsecond each time.
    world.clock.now = now - timedelta(microseconds=2)
    made = await world.create("Buy milk", id=str(uuid4()), due=Due(date=now.date(), at=now, time_zone="Pacific/Apia"))
    text = await world.todos().texts.todo(str(made.id), WHOLE, {})
    assert json.loads(text) == as_written_here(made, world.clock.now)
    assert made.created_at == now


@pytest.mark.parametrize("status", TodoStatus)
@pytest.mark.parametrize("due", [None, Due(date=date(2026, 11, 22)), Due(date=date.min), Due(date=date.max)])
async def test_a_todo_is_written_alike_whatever_it_holds(world: World, status: TodoStatus, due: Due | None) -> None:
    for priority in TodoPriority:
        made = await world.create(
            f'"{priority}" \\', description=DESCRIPTION, status=status, priority=priority, due=due
        )
        text = await world.todos().texts.todo(str(made.id), WHOLE, {})
        assert json.loads(text) == as_written_here(made, world.clock.now)
        # The members come in the order of the shape.
        assert list(json.loads(text)) == list(WHOLE.members)


@pytest.mark.parametrize("todo_id", ["none", "01890000-0000-7000-8000-000000000000"])
async def test_what_is_not_there_is_null(world: World, todo_id: str) -> None:
    assert await world.todos().texts.todo(todo_id, WHOLE, {}) == "null"


async def test_what_is_in_the_trash_is_null(world: World) -> None:
    made = await world.create()
    await world.todos().execute(Delete(id=str(made.id)))
    assert await world.todos().texts.todo(str(made.id), WHOLE, {}) == "null"


async def test_what_is_another_owners_is_null_and_in_no_page(world: World) -> None:
    made = await world.create(owner="bob")
    texts = world.todos("alice").texts
    page = await texts.page(PageRequest(), ALL, TodoOrder(), ConnectionShape({"nodes": NodesShape(WHOLE)}), {})
    assert await texts.todo(str(made.id), WHOLE, {}) == "null"
    assert json.loads(page) == {"nodes": []}
    assert await texts.next(20, ALL, WHOLE, {}) == "[]"


@pytest.mark.parametrize("field", TodoOrderField)
@pytest.mark.parametrize("descending", [False, True])
async def test_pages_have_the_places_and_the_surroundings_of_those_read_here(
    world: World, field: TodoOrderField, descending: bool
) -> None:
    order = TodoOrder(field=field, descending=descending)
    for number in range(5):
        due = Due(date=date(2026, 11, 20 + number)) if number % 2 else None
        await world.create(f'Ü\t"{number % 3}" \\', due=due, priority=list(TodoPriority)[number])
        world.clock.now = world.clock.now.replace(microsecond=999999)
    todos = world.todos()
    after = None
    for has_next in (True, True, False):
        request = PageRequest(first=2, after=after)
        page = await todos.page(request, order=order)
        written = json.loads(await todos.texts.page(request, ALL, order, WITH_PLACES, {}))
        places = [page.cursor(todo) for todo in page.todos]
        assert written == {
            "edges": [
                {"cursor": place, "node": {"title": todo.title}} for place, todo in zip(places, page.todos, strict=True)
            ],
            "info": {
                "has_next": has_next,
                "has_previous": after is not None,
                "start_cursor": places[0],
                "end_cursor": places[-1],
            },
        }
        after = places[-1]
    beyond = json.loads(await todos.texts.page(PageRequest(after=after), ALL, order, WITH_PLACES, {}))
    nothing = {"has_next": False, "has_previous": True, "start_cursor": None, "end_cursor": None}
    assert beyond == {"edges": [], "info": nothing}


async def test_what_is_below_a_todo_is_that_todos(world: World) -> None:
    first, _, third = await world.chain("first", "second", "third")
    trashed = await world.create("trashed", dependencies=[str(first.id)])
    await world.todos().execute(Delete(id=str(trashed.id)))
    await world.create("fourth", dependencies=[str(third.id), str(first.id)])
    await world.todos().execute(Complete(id=str(first.id)))
    dependents = ConnectionShape({"nodes": NodesShape(TITLE), "info": PAGE_INFO})
    shape = TodoShape(
        {
            "title": TodoField.TITLE,
            "blocked": TodoField.IS_BLOCKED,
            "after": DependenciesShape(TITLE),
            "before": DependentsShape("few", dependents),
        }
    )

    texts = world.todos().texts
    page = await texts.page(PageRequest(), ALL, TodoOrder(), ConnectionShape({"nodes": NodesShape(shape)}), {"few": 1})
    seen = {
        todo["title"]: (
            todo["blocked"],
            [each["title"] for each in todo["after"]],
            [each["title"] for each in todo["before"]["nodes"]],
            todo["before"]["info"]["has_next"],
        )
        for todo in json.loads(page)["nodes"]
    }

    assert seen == {
        "first": (False, [], ["second"], True),
        "second": (False, ["first"], ["third"], False),
        "third": (True, ["second"], ["fourth"], False),
        "fourth": (True, ["third", "first"], [], False),
    }


async def test_what_can_be_done_now_comes_in_the_order_of_urgency(world: World) -> None:
    await world.chain("blocking", "blocked")
    await world.create("urgent", priority=TodoPriority.URGENT)
    await world.create("due", due=Due(date=date(2026, 11, 24)))
    texts = world.todos().texts
    assert json.loads(await texts.next(20, ALL, TITLE, {})) == [
        {"title": "urgent"},
        {"title": "due"},
        {"title": "blocking"},
    ]
    assert json.loads(await texts.next(1, ALL, TITLE, {})) == [{"title": "urgent"}]


async def test_more_members_than_a_function_of_the_database_takes_are_written(world: World) -> None:
    made = await world.create()
    shape = TodoShape({f"m{number}": list(TodoField)[number % len(TodoField)] for number in range(200)})
    written = json.loads(await world.todos().texts.todo(str(made.id), shape, {}))
    assert len(written) == 200
    assert written["m0"] == written["m195"] == str(made.id)


async def test_what_no_page_can_be_asked_for_is_refused(world: World) -> None:
    texts, shape = world.todos().texts, ConnectionShape({"nodes": NodesShape(TITLE)})
    with pytest.raises(BadArgument):
        await texts.page(PageRequest(first=101), ALL, TodoOrder(), shape, {})
    with pytest.raises(BadArgument):
        await texts.page(PageRequest(after="x"), ALL, TodoOrder(), shape, {})
    with pytest.raises(BadArgument):
        await texts.page(PageRequest(), TodoFilter(search="\0"), TodoOrder(), shape, {})
    with pytest.raises(BadArgument):
        await texts.next(0, ALL, TITLE, {})


AGED = TodoShape(
    {
        "title": TodoField.TITLE,
        "born": TodoField.CREATED_AT,
        "name": TodoField.ID,
        "late": TodoField.IS_OVERDUE,
    }
)


async def test_a_stream_gives_all_live_todos_oldest_first(world: World) -> None:
    drafts = [Create(draft=TodoDraft(title=str(number))) for number in range(42)]
    made = (await world.todos().execute_all(drafts, atomic=True, dry_run=False)).results
    assert isinstance(made[30], Created)
    await world.todos().execute(Delete(id=str(made[30].todo.id)))

    batches = [batch async for batch in world.todos().texts.stream(AGED)]

    streamed = [json.loads(text)["title"] for batch in batches for text in batch.texts]
    assert streamed == [str(number) for number in range(42) if number != 30]
    # The first batch is soon there.
    assert len(batches[0].texts) == 20
    assert [batch.next_cursor is None for batch in batches] == [False, True]


async def test_todos_one_by_one_go_on_where_pages_do(world: World) -> None:
    for number in range(5):
        await world.create(f"{number}\n", due=Due(date=date(2026, 11, 20 + number)))
    todos = world.todos()
    after = None
    late: list[bool] = []
    for expected in (["0\n", "1\n"], ["2\n", "3\n"], ["4\n"]):
        page = await todos.page(PageRequest(first=2, after=after))
        listed = await todos.texts.oldest(PageRequest(first=2, after=after), AGED, max_size=2)
        assert [json.loads(text)["title"] for text in listed.texts] == expected
        late += [json.loads(text)["late"] for text in listed.texts]
        after = page.cursor(page.todos[-1]) if page.has_more else None
        assert listed.next_cursor == after
    assert late == [True, True, True, False, False]


async def test_todos_one_by_one_come_with_the_tag_of_their_state(world: World) -> None:
    todos = world.todos()
    tags = []
    for number in range(3):
        listed = await todos.texts.oldest(PageRequest(), AGED, max_size=1000)
        assert len(listed.texts) == number
        assert listed.tag == await todos.log.tag()
        tags.append(listed.tag)
        await world.create()
    assert len(set(tags)) == 3


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(DependencyIds.FIRST, id="ids of dependencies"),
        pytest.param(DependentsShape("few", ConnectionShape({"nodes": NodesShape(TITLE)})), id="dependents"),
        pytest.param(DependenciesShape(TITLE), id="dependencies"),
        pytest.param(TodoField.IS_BLOCKED, id="whether it is blocked"),
    ],
)
async def test_what_is_around_a_todo_is_found_by_its_dependencies(member: TodoMember, sqlite_path: Path) -> None:
    await upgrade(parse_database_url(f"sqlite:///{sqlite_path}"))
    sent: list[str] = []

    @contextmanager
    def watch(text: str) -> Iterator[None]:
        sent.append(text)
        yield

    database = Database(create_engine(parse_database_url(f"sqlite:///{sqlite_path}")), watch=watch)
    await World(database, Clock()).todos().texts.todo(str(uuid4()), TodoShape({"member": member}), {"few": 5})
    await database.close()

    with sqlite3.connect(sqlite_path) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sent[-1]}", ["0"] * sent[-1].count("?")).fetchall()
    # SQLite knows nothing of how many todos there are, and goes through all of those of a status, or in the order of
    # their creation, unless the statement leaves it no choice.
    indexes = {word for *_, step in plan for word in step.split() if word.endswith("_index")}
    assert indexes <= {"todo_dependencies_depends_on_id_index"}, plan
    assert any("SEARCH todo_dependencies" in step for *_, step in plan), plan
