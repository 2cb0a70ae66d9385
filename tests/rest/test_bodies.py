"""What a body of PUT and PATCH can say, and what it cannot."""

import json
from typing import Any

import httpx
import pytest

from tests.rest.requests import JSON, UNKNOWN_ID, change, create, read


async def full_todo(client: httpx.AsyncClient) -> dict[str, Any]:
    """Create a todo none of whose members is at its default."""
    milk, flour = await create(client, "Milk", completed=True), await create(client, "Flour", completed=True)
    return await create(
        client,
        "Pancakes",
        description="For six",
        status="COMPLETED",
        priority="HIGH",
        due={"at": "2026-12-24T18:00:00.25+01:00", "time_zone": "Europe/Berlin"},
        dependencies=[milk["id"], flour["id"]],
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_what_was_answered_can_be_sent_back(client: httpx.AsyncClient, method: str) -> None:
    todo = await full_todo(client)

    response = await client.request(method, f"/todos/{todo['id']}", json=todo)

    assert response.status_code == 200
    assert response.json() == todo


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_new_todo_as_answered_can_be_sent_back(client: httpx.AsyncClient, method: str) -> None:
    todo = await create(client)

    response = await client.request(method, f"/todos/{todo['id']}", json=todo)

    assert response.status_code == 200
    assert response.json() == todo


async def test_sending_back_what_was_answered_keeps_dependencies_in_the_trash(client: httpx.AsyncClient) -> None:
    milk, flour = await create(client, "Milk"), await create(client, "Flour")
    pancakes = await create(client, "Pancakes", dependencies=[milk["id"], flour["id"]])
    await client.delete(f"/todos/{flour['id']}")
    answered = await read(client, pancakes["id"])

    response = await client.put(f"/todos/{pancakes['id']}", json=answered)

    assert response.json() == answered
    assert answered["dependencies"] == [milk["id"]]
    assert answered["version"] == pancakes["version"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", UNKNOWN_ID),
        ("id", "abc"),
        ("version", 2),
        ("version", 0),
        ("created_at", "2026-01-01T00:00:00Z"),
        ("updated_at", "2026-01-01T00:00:00Z"),
        ("completed_at", "2026-01-01T00:00:00Z"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_what_the_service_sets_cannot_be_changed(
    client: httpx.AsyncClient, method: str, name: str, value: object
) -> None:
    todo = await create(client)

    response = await client.request(method, f"/todos/{todo['id']}", json=todo | {name: value})

    assert response.status_code == 422
    assert response.json()["errors"] == {name: ["Field may not be changed."]}
    assert await read(client, todo["id"]) == todo


async def test_times_are_compared_as_instants(client: httpx.AsyncClient) -> None:
    todo = await create(client)
    in_another_form = todo["created_at"].replace("T", "t").replace("Z", "+00:00")

    response = await client.patch(f"/todos/{todo['id']}", json={"created_at": in_another_form})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("members", "errors"),
    [
        ({"title": None}, {"title": ["Field may not be null."]}),
        ({"title": "  "}, {"title": ["Shorter than minimum length 1."]}),
        ({"title": "x" * 201}, {"title": ["Longer than maximum length 200."]}),
        ({"title": "\0"}, {"title": ["Contains a forbidden character."]}),
        ({"description": "\ud800"}, {"description": ["Contains a forbidden character."]}),
        ({"description": {}}, {"description": ["Not a valid string."]}),
        ({"status": None}, {"status": ["Field may not be null."]}),
        ({"status": "open"}, {"status": ["Must be one of: OPEN, IN_PROGRESS, COMPLETED, CANCELLED."]}),
        ({"status": ["OPEN"]}, {"status": ["Must be one of: OPEN, IN_PROGRESS, COMPLETED, CANCELLED."]}),
        ({"priority": None}, {"priority": ["Field may not be null."]}),
        ({"priority": 1}, {"priority": ["Must be one of: NONE, LOW, MEDIUM, HIGH, URGENT."]}),
        ({"completed": None}, {"completed": ["Field may not be null."]}),
        ({"completed": 1}, {"completed": ["Not a valid boolean."]}),
        ({"depends_on": "abc"}, {"depends_on": ["Not a valid UUID."]}),
        ({"depends_on": UNKNOWN_ID}, {"depends_on": ["Unknown todo."]}),
        ({"dependencies": "abc"}, {"dependencies": ["Not a valid list."]}),
        ({"dependencies": [None]}, {"dependencies": ["Not a valid UUID."]}),
        ({"dependencies": [UNKNOWN_ID, "abc", "def"]}, {"dependencies": ["Not a valid UUID."]}),
        ({"dependencies": [UNKNOWN_ID]}, {"dependencies": ["Unknown todo."]}),
        ({"due": "2026-12-24"}, {"due": ["Give either date, or at and time_zone."]}),
        ({"due": {}}, {"due": ["Give either date, or at and time_zone."]}),
        ({"due": {"date": "2026-12-24", "time_zone": "UTC"}}, {"due": ["Give either date, or at and time_zone."]}),
        (
            {"due": {"at": "2026-12-24T18:00:00Z", "date": "2026-12-24"}},
            {"due": ["Give either date, or at and time_zone."]},
        ),
        ({"due": {"at": "2026-12-24T18:00:00Z", "zone": "UTC"}}, {"due": ["Give either date, or at and time_zone."]}),
        ({"due": {"date": "2026-02-29"}}, {"due": ["Not a valid date."]}),
        ({"due": {"date": "20261224"}}, {"due": ["Not a valid date."]}),
        ({"due": {"date": None}}, {"due": ["Not a valid date."]}),
        ({"due": {"at": "2026-12-24T18:00:00"}}, {"due": ["Not a valid datetime."]}),
        ({"due": {"at": "0001-01-01T00:00:00+14:00"}}, {"due": ["Not a valid datetime."]}),
        ({"due": {"at": 1_800_000_000}}, {"due": ["Not a valid datetime."]}),
        ({"due": {"at": "2026-12-24T18:00:00Z", "time_zone": "Berlin"}}, {"due": ["Not a valid time zone."]}),
        ({"due": {"at": "2026-12-24T18:00:00Z", "time_zone": "../UTC"}}, {"due": ["Not a valid time zone."]}),
        ({"due": {"at": "2026-12-24T18:00:00Z", "time_zone": None}}, {"due": ["Not a valid time zone."]}),
        ({"id": None}, {"id": ["Field may not be null."]}),
        ({"id": 5}, {"id": ["Not a valid string."]}),
        ({"version": True}, {"version": ["Not a valid integer."]}),
        ({"version": 1.0}, {"version": ["Not a valid integer."]}),
        ({"created_at": "yesterday"}, {"created_at": ["Not a valid datetime."]}),
        ({"completed_at": 0}, {"completed_at": ["Not a valid datetime."]}),
        ({"trashed_at": None}, {"trashed_at": ["Unknown field."]}),
        (
            {"title": "", "status": "DONE", "dependencies": {}, "owner": "me"},
            {
                "title": ["Shorter than minimum length 1."],
                "status": ["Must be one of: OPEN, IN_PROGRESS, COMPLETED, CANCELLED."],
                "dependencies": ["Not a valid list."],
                "owner": ["Unknown field."],
            },
        ),
    ],
    ids=lambda value: ascii(value)[:60],
)
async def test_members_that_break_rules_are_named(
    client: httpx.AsyncClient, members: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    todo = await create(client, "Milk")

    response = await client.patch(f"/todos/{todo['id']}", content=json.dumps(members), headers=JSON)

    assert response.status_code == 422
    assert response.json()["errors"] == errors
    assert await read(client, todo["id"]) == todo


async def test_put_names_members_that_break_rules(client: httpx.AsyncClient) -> None:
    todo = await create(client, "Milk")

    response = await client.put(f"/todos/{todo['id']}", json={"due": 5, "depends_on": "abc", "done": True})

    assert response.status_code == 422
    assert response.json()["errors"] == {
        "title": ["Missing data for required field."],
        "due": ["Give either date, or at and time_zone."],
        "depends_on": ["Not a valid UUID."],
        "done": ["Unknown field."],
    }


async def test_put_names_an_unknown_dependency(client: httpx.AsyncClient) -> None:
    response = await client.put(f"/todos/{UNKNOWN_ID}", json={"title": "Milk", "dependencies": [UNKNOWN_ID]})

    assert response.status_code == 422
    assert response.json()["errors"] == {"dependencies": ["Unknown todo."]}


async def test_writing_depends_on_replaces_all_dependencies(client: httpx.AsyncClient) -> None:
    milk, flour, eggs = [await create(client, title) for title in ("Milk", "Flour", "Eggs")]
    pancakes = await create(client, "Pancakes", dependencies=[milk["id"], flour["id"]])

    changed = await change(client, pancakes["id"], depends_on=eggs["id"])

    assert changed["dependencies"] == [eggs["id"]]


async def test_writing_null_to_depends_on_removes_all_dependencies(client: httpx.AsyncClient) -> None:
    milk, flour = await create(client, "Milk"), await create(client, "Flour")
    pancakes = await create(client, "Pancakes", dependencies=[milk["id"], flour["id"]])

    changed = await change(client, pancakes["id"], depends_on=None)

    assert changed["dependencies"] == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_an_unchanged_depends_on_leaves_the_other_dependencies(client: httpx.AsyncClient, method: str) -> None:
    milk, flour = await create(client, "Milk"), await create(client, "Flour")
    pancakes = await create(client, "Pancakes", dependencies=[milk["id"], flour["id"]])

    response = await client.request(
        method,
        f"/todos/{pancakes['id']}",
        json={"title": "Pancakes", "depends_on": milk["id"].replace("-", "").upper()},
    )

    assert response.status_code == 200
    assert response.json() == pancakes


async def test_depends_on_and_dependencies_may_agree(client: httpx.AsyncClient) -> None:
    milk, flour = await create(client, "Milk"), await create(client, "Flour")
    pancakes = await create(client, "Pancakes")

    changed = await change(
        client, pancakes["id"], depends_on=milk["id"].upper(), dependencies=[milk["id"], flour["id"]]
    )

    assert changed["dependencies"] == [milk["id"], flour["id"]]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("depends_on", ["flour", None, "abc"])
async def test_depends_on_and_dependencies_that_disagree_are_refused(
    client: httpx.AsyncClient, method: str, depends_on: str | None
) -> None:
    ids = {"milk": (await create(client, "Milk"))["id"], "flour": (await create(client, "Flour"))["id"]}
    pancakes = await create(client, "Pancakes")

    response = await client.request(
        method,
        f"/todos/{pancakes['id']}",
        json={
            "title": "Pancakes",
            "depends_on": depends_on and ids.get(depends_on, depends_on),
            "dependencies": [ids["milk"], ids["flour"]],
        },
    )

    assert response.status_code == 422
    assert response.json()["errors"] == {"depends_on": ["Must be the first of dependencies."]}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("completed", "status"),
    [(True, "OPEN"), (True, "IN_PROGRESS"), (True, "CANCELLED"), (False, "COMPLETED")],
)
async def test_completed_and_status_that_contradict_are_refused(
    client: httpx.AsyncClient, method: str, completed: bool, status: str
) -> None:
    todo = await create(client)

    response = await client.request(
        method, f"/todos/{todo['id']}", json={"title": "Milk", "completed": completed, "status": status}
    )

    assert response.status_code == 422
    assert response.json()["errors"] == {"completed": ["Must be true when status is COMPLETED, and false otherwise."]}


@pytest.mark.parametrize(
    ("before", "completed", "after"),
    [
        ("OPEN", True, "COMPLETED"),
        ("IN_PROGRESS", True, "COMPLETED"),
        ("COMPLETED", True, "COMPLETED"),
        ("COMPLETED", False, "OPEN"),
        ("IN_PROGRESS", False, "IN_PROGRESS"),
        ("CANCELLED", False, "CANCELLED"),
    ],
)
async def test_a_patch_of_completed_sets_the_status(
    client: httpx.AsyncClient, before: str, completed: bool, after: str
) -> None:
    todo = await create(client, status=before)

    changed = await change(client, todo["id"], completed=completed)

    assert changed["status"] == after
    assert changed["completed"] is (after == "COMPLETED")
    assert (changed["completed_at"] is not None) is (after == "COMPLETED")


async def test_a_put_of_completed_sets_the_status(client: httpx.AsyncClient) -> None:
    todo = await create(client, status="IN_PROGRESS")

    response = await client.put(f"/todos/{todo['id']}", json={"title": "Milk", "completed": True})

    assert response.json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("due", "answered"),
    [
        ({"date": "2026-12-24"}, {"date": "2026-12-24"}),
        ({"date": "9999-12-31"}, {"date": "9999-12-31"}),
        ({"at": "2026-12-24T18:00:00Z"}, {"at": "2026-12-24T18:00:00Z", "time_zone": "UTC"}),
        (
            {"at": "2026-12-24t18:00:00.123456789+05:30", "time_zone": "Asia/Kolkata"},
            {"at": "2026-12-24T12:30:00.123456Z", "time_zone": "Asia/Kolkata"},
        ),
        (None, None),
    ],
    ids=str,
)
async def test_a_due_date_is_kept(client: httpx.AsyncClient, due: object, answered: object) -> None:
    todo = await create(client)

    changed = await change(client, todo["id"], due=due)

    assert changed["due"] == answered
    assert (await read(client, todo["id"]))["due"] == answered
