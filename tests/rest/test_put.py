"""The contract's table for `/todos/{id}`, row by row: PUT."""

import asyncio

import httpx

from tests.rest.requests import UNKNOWN_ID, create, read
from tests.server import running, settings_for


async def test_put_replaces_all_that_it_does_not_repeat(client: httpx.AsyncClient) -> None:
    milk = await create(client, "Milk")
    todo = await create(
        client,
        "Pancakes",
        description="For six",
        status="IN_PROGRESS",
        priority="HIGH",
        due={"date": "2026-12-24"},
        dependencies=[milk["id"]],
    )

    response = await client.put(f"/todos/{todo['id']}", json={"title": "Waffles"})

    replaced = response.json()
    assert response.status_code == 200
    assert response.headers["ETag"] == '"3"'
    assert "Location" not in response.headers
    assert replaced == {
        "depends_on": None,
        "description": None,
        "id": todo["id"],
        "title": "Waffles",
        "dependencies": [],
        "completed": False,
        "status": "OPEN",
        "priority": "NONE",
        "due": None,
        "completed_at": None,
        "created_at": todo["created_at"],
        "updated_at": replaced["updated_at"],
        "version": 3,
    }


async def test_put_creates_under_an_unknown_id(client: httpx.AsyncClient) -> None:
    milk = await create(client, "Milk")

    response = await client.put(
        f"/todos/{UNKNOWN_ID.upper()}",
        json={
            "id": UNKNOWN_ID,
            "title": "Pancakes",
            "description": "For six",
            "dependencies": [milk["id"]],
            "status": "IN_PROGRESS",
            "priority": "URGENT",
            "due": {"at": "2026-12-24T18:00:00+01:00", "time_zone": "Europe/Berlin"},
        },
    )

    todo = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/todos/{UNKNOWN_ID}"
    assert response.headers["ETag"] == '"1"'
    assert todo == {
        "depends_on": milk["id"],
        "description": "For six",
        "id": UNKNOWN_ID,
        "title": "Pancakes",
        "dependencies": [milk["id"]],
        "completed": False,
        "status": "IN_PROGRESS",
        "priority": "URGENT",
        "due": {"at": "2026-12-24T17:00:00Z", "time_zone": "Europe/Berlin"},
        "completed_at": None,
        "created_at": todo["created_at"],
        "updated_at": todo["created_at"],
        "version": 1,
    }


async def test_put_again_changes_nothing(client: httpx.AsyncClient) -> None:
    created = await client.put(f"/todos/{UNKNOWN_ID}", json={"title": "Milk"})

    response = await client.put(f"/todos/{UNKNOWN_ID}", json={"title": "Milk"})

    assert created.status_code == 201
    assert response.status_code == 200
    assert response.json() == created.json()


async def test_concurrent_puts_under_one_id_create_one_todo(client: httpx.AsyncClient) -> None:
    responses = await asyncio.gather(
        *(client.put(f"/todos/{UNKNOWN_ID}", json={"title": f"Milk {number}"}) for number in range(8))
    )

    assert sorted(response.status_code for response in responses) == [200] * 7 + [201]
    assert sorted(response.json()["version"] for response in responses) == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_put_without_a_title_is_refused(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    response = await client.put(f"/todos/{todo['id']}", json={})

    assert response.status_code == 422
    assert response.json()["errors"] == {"title": ["Missing data for required field."]}
    assert await read(client, todo["id"]) == todo


async def test_put_of_members_that_only_a_stored_todo_has_creates_nothing(client: httpx.AsyncClient) -> None:
    response = await client.put(f"/todos/{UNKNOWN_ID}", json={"title": "Milk", "version": 3})

    assert response.status_code == 404
    assert (await client.get("/todos")).json() == []


async def test_put_takes_json_only(client: httpx.AsyncClient) -> None:
    response = await client.put(f"/todos/{UNKNOWN_ID}", content=b"title=Milk")

    assert response.status_code == 415
    assert response.headers["Accept"] == "application/json"


async def test_a_write_can_promise_to_create_instead_of_naming_a_version(database_url: str) -> None:
    async with running(settings_for(database_url, rest_require_if_match=True)) as client:
        response = await client.put(f"/todos/{UNKNOWN_ID}", json={"title": "Milk"}, headers={"If-None-Match": "*"})

    assert response.status_code == 201
