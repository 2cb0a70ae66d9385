"""A todo is the same JSON to the byte, whether the database writes it or this service does."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from todo_gql.database import Connection, Database, create_engine, parse_database_url, tables
from todo_gql.rest.presenter import TODO, encode, in_ascii
from todo_gql.todos.model import Caller, Due, Owner, Todo, TodoId, TodoPriority, TodoStatus
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.paging import PageRequest
from todo_gql.todos.service import Todos
from todo_gql.todos.store.rows import values_of

HARD_TEXT = (
    "\" and ', \\ and \\u0041 and \\n;\nlines\r\tand tabs, %s {} $1 :name; <\u2028>, ü, \U0001f95b, \x7f\x01\x1f\b\f"
)

# No database holds lone surrogates, and PostgreSQL no U+0000.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40) | st.just(HARD_TEXT)
instants = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, 0, 120000, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, 999000, tzinfo=UTC),
    ]
)
dues = st.one_of(
    st.none(),
    st.builds(Due, date=st.dates() | st.sampled_from([date.min, date.max])),
    st.builds(Due, date=st.dates(), at=instants, time_zone=st.sampled_from(["UTC", "Pacific/Apia"])),
)
todos = st.builds(
    Todo,
    id=st.uuids().map(TodoId),
    title=texts,
    description=st.none() | texts,
    status=st.sampled_from(TodoStatus),
    priority=st.sampled_from(TodoPriority),
    due=dues,
    version=st.integers(1, 2**31 - 1),
    created_at=instants,
    updated_at=instants,
    completed_at=st.none() | instants,
    trashed_at=st.none() | instants,
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(create_engine(parse_database_url(database_url)))
    yield database
    await database.close()


async def store(database: Database, owner: Owner, stored: Sequence[Todo], edges: Sequence[tuple[int, int]]) -> None:
    """Write rows as they are, past every rule: those of an old service kept none."""
    numbered = [(stored[a % len(stored)].id, stored[b % len(stored)].id) for a, b in edges]

    async def write(connection: Connection) -> None:
        rows = [{"owner": owner, "input_hash": None, **values_of(todo)} for todo in stored]
        await connection.execute(sa.insert(tables.todos), rows)
        if numbered:
            await connection.execute(
                sa.insert(tables.todo_dependencies),
                [
                    {"owner": owner, "todo_id": a, "depends_on_id": b, "position": position}
                    for position, (a, b) in enumerate(dict.fromkeys(numbered))
                ],
            )

    await database.write(write)


async def as_written_here(todos: Todos) -> list[str]:
    page = await todos.page(PageRequest())
    dependency_ids = await todos.neighbours.dependency_ids([todo.id for todo in page.todos])
    return [encode(todo, dependency_ids[todo.id]) for todo in page.todos]


@settings(max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stored=st.lists(todos, min_size=1, max_size=6, unique_by=lambda todo: todo.id),
    edges=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12),
)
async def test_both_write_any_todo_alike(database: Database, stored: list[Todo], edges: list[tuple[int, int]]) -> None:
    owner = Owner(uuid4().hex)  # The examples of one test share its database.
    await store(database, owner, stored, edges)
    todos = Todos(database, Caller(owner=owner), Policy())

    expected = await as_written_here(todos)
    listed = await todos.texts.oldest(PageRequest(), TODO, max_size=100)
    alone = [await todos.texts.todo(str(todo.id), TODO, {}) for todo in stored if todo.trashed_at is None]

    assert [in_ascii(text) for text in listed.texts] == expected
    assert sorted(in_ascii(text) for text in alone) == sorted(expected)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL stores none.
async def test_both_write_what_an_old_service_left_alike(database: Database) -> None:
    owner, moment = Owner(""), datetime(2026, 11, 23, tzinfo=UTC)
    nothing = Todo(
        id=TodoId(uuid4()),
        title="A\0b",
        description="\0",
        status=TodoStatus.OPEN,
        priority=TodoPriority.NONE,
        due=None,
        version=1,
        created_at=moment,
        updated_at=moment,
        completed_at=None,
        trashed_at=None,
    )
    await store(database, owner, [nothing], [])
    todos = Todos(database, Caller(owner=owner), Policy())

    listed = await todos.texts.oldest(PageRequest(), TODO, max_size=100)

    assert listed.texts == await as_written_here(todos)
    assert json.loads(listed.texts[0])["title"] == "A\0b"
