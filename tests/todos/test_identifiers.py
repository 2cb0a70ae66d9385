from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from todo_gql.todos.identifiers import new_todo_id, parse_todo_id


@pytest.mark.parametrize(
    "text",
    [
        "01890000-0000-7000-8000-00000000abcd",
        "01890000-0000-7000-8000-00000000ABCD",
        "0189000000007000800000000000abcd",
    ],
    ids=["dashed", "upper case", "undashed"],
)
def test_a_uuid_is_read_in_every_spelling(text: str) -> None:
    assert parse_todo_id(text) == UUID("01890000-0000-7000-8000-00000000abcd")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "{01890000-0000-7000-8000-00000000abcd}",
        "urn:uuid:01890000-0000-7000-8000-00000000abcd",
        "01890000-00007000-8000-00000000abcd",
        "01890000-0000-7000-8000-00000000abcg",
        "01890000-0000-7000-8000-00000000abcd\n",
        "0189000000007000800000000000ab_d",
        "٠1890000-0000-7000-8000-00000000abcd",
        "\ud800",
    ],
)
def test_anything_else_is_no_id(text: str) -> None:
    assert parse_todo_id(text) is None


def test_new_ids_are_uuids_of_version_7_that_sort_by_time() -> None:
    start = datetime(2026, 11, 23, 8, tzinfo=UTC)

    made = [new_todo_id(start + timedelta(milliseconds=step)) for step in range(100)]

    assert {(todo_id.version, todo_id.variant) for todo_id in made} == {(7, "specified in RFC 4122")}
    assert made == sorted(made)
    assert int.from_bytes(made[0].bytes[:6]) == start.timestamp() * 1000
