import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todo_gql.todos.model import Todo, TodoId, TodoPriority, TodoStatus
from todo_gql.todos.paging import PageRequest, decode_cursor, encode_cursor, sort_key, window
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.queries import TodoOrder, TodoOrderField

ORDER = TodoOrder()
TODO = Todo(
    id=TodoId(UUID("01890000-0000-7000-8000-00000000abcd")),
    title="Äpfel kaufen",
    description=None,
    status=TodoStatus.OPEN,
    priority=TodoPriority.HIGH,
    due=None,
    version=1,
    created_at=datetime(2026, 11, 23, 8, 0, 0, 1, tzinfo=UTC),
    updated_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
    completed_at=None,
    trashed_at=None,
)


@pytest.mark.parametrize("field", TodoOrderField)
def test_a_cursor_leads_back_to_the_sort_key(field: TodoOrderField) -> None:
    assert decode_cursor(encode_cursor(TODO, field), field) == sort_key(TODO, field)


@pytest.mark.parametrize("title", ["a\0b", "\0"])
def test_a_cursor_leads_back_to_a_title_that_only_the_old_service_took(title: str) -> None:
    todo = replace(TODO, title=title)

    cursor = encode_cursor(todo, TodoOrderField.TITLE)

    assert decode_cursor(cursor, TodoOrderField.TITLE) == sort_key(todo, TodoOrderField.TITLE)


def test_a_cursor_of_another_order_is_refused() -> None:
    cursor = encode_cursor(TODO, TodoOrderField.TITLE)

    with pytest.raises(BadArgument, match="The cursor is not one of this list in this order"):
        decode_cursor(cursor, TodoOrderField.UPDATED_AT)


def cursor_of(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


CREATED = "2026-11-23T08:00:00+00:00"
ID = str(TODO.id)


@pytest.mark.parametrize(
    ("field", "cursor"),
    [
        (TodoOrderField.CREATED_AT, ""),
        (TodoOrderField.CREATED_AT, "="),
        (TodoOrderField.CREATED_AT, "not base64!"),
        (TodoOrderField.CREATED_AT, "\ud800"),
        (TodoOrderField.CREATED_AT, "äöü"),
        (TodoOrderField.CREATED_AT, base64.b64encode(b"[" * 100_000).decode()),
        (TodoOrderField.CREATED_AT, base64.b64encode(b"9" * 10_000).decode()),
        (TodoOrderField.CREATED_AT, base64.b64encode(b"null").decode()),
        (TodoOrderField.CREATED_AT, cursor_of()),
        (TodoOrderField.CREATED_AT, cursor_of("CREATED_AT")),
        (TodoOrderField.CREATED_AT, cursor_of("CREATED_AT", CREATED)),
        (TodoOrderField.CREATED_AT, cursor_of("CREATED_AT", CREATED, ID, ID)),
        (TodoOrderField.CREATED_AT, cursor_of("CREATED_AT", "2026-11-23T08:00:00", ID)),
        (TodoOrderField.CREATED_AT, cursor_of("CREATED_AT", "0001-01-01T00:00:00+23:59", ID)),
        (TodoOrderField.CREATED_AT, cursor_of("CREATED_AT", 5, ID)),
        (TodoOrderField.CREATED_AT, cursor_of("CREATED_AT", CREATED, 5)),
        (TodoOrderField.CREATED_AT, cursor_of("CREATED_AT", CREATED, None)),
        (TodoOrderField.PRIORITY, cursor_of("PRIORITY", 5, CREATED, ID)),
        (TodoOrderField.PRIORITY, cursor_of("PRIORITY", True, CREATED, ID)),
        (TodoOrderField.TITLE, cursor_of("TITLE", "a\0", CREATED, ID)),
        (TodoOrderField.TITLE, cursor_of("TITLE", "\ud800", CREATED, ID)),
        (TodoOrderField.TITLE, cursor_of("TITLE", {}, CREATED, ID)),
    ],
)
def test_a_broken_cursor_is_refused(field: TodoOrderField, cursor: str) -> None:
    with pytest.raises(BadArgument):
        decode_cursor(cursor, field)


@given(st.text())
def test_no_text_does_more_harm_than_being_refused(cursor: str) -> None:
    with pytest.raises(BadArgument):
        decode_cursor(cursor, TodoOrderField.CREATED_AT)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=4)
    )
)
def test_no_json_in_a_cursor_does_either(value: object) -> None:
    with pytest.raises(BadArgument):
        decode_cursor(cursor_of("DUE", value, CREATED, ID), TodoOrderField.DUE)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (PageRequest(first=0), "`first` is from 1 to 100."),
        (PageRequest(first=-1), "`first` is from 1 to 100."),
        (PageRequest(first=101), "`first` is from 1 to 100."),
        (PageRequest(last=2**31 - 1), "`last` is from 1 to 100."),
        (PageRequest(first=1, last=1), "Give either `first` or `last`, not both."),
    ],
)
def test_a_page_of_another_size_is_refused(request_: PageRequest, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        window(request_, ORDER, max_size=100)


@pytest.mark.parametrize(("max_size", "size"), [(100, 50), (20, 20)])
def test_a_page_has_fifty_rows_unless_the_request_or_the_bound_says_otherwise(max_size: int, size: int) -> None:
    assert window(PageRequest(), ORDER, max_size=max_size).size == size
