"""The contract's table for `/todos/{id}`, row by row: PATCH, and what it shares with PUT."""

import httpx
import pytest

from tests.rest.requests import JSON, UNKNOWN_ID, change, create, read


@pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json; charset=utf-8"])
async def test_patch_changes_what_it_mentions(client: httpx.AsyncClient, content_type: str) -> None:
    todo = await create(client, "Milk", description="Two litres", priority="LOW", due={"date": "2026-12-24"})

    response = await client.patch(
        f"/todos/{todo['id']}",
        content=b'{"title": "Oat milk", "description": null}',
        headers={"Content-Type": content_type},
    )

    patched = response.json()
    assert response.status_code == 200
    assert response.headers["ETag"] == '"3"'
    assert patched == todo | {
        "title": "Oat milk",
        "description": None,
        "version": 3,
        "updated_at": patched["updated_at"],
    }


async def test_patch_clears_by_null(client: httpx.AsyncClient) -> None:
    milk = await create(client, "Milk")
    todo = await create(client, "Tea", description="x", due={"date": "2026-12-24"}, dependencies=[milk["id"]])

    cleared = await change(client, todo["id"], description=None, due=None, dependencies=None)

    assert (cleared["description"], cleared["due"], cleared["dependencies"]) == (None, None, [])


async def test_an_empty_patch_keeps_the_version(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    response = await client.patch(f"/todos/{todo['id']}", json={})

    assert response.status_code == 200
    assert response.headers["ETag"] == '"1"'
    assert response.json() == todo


@pytest.mark.parametrize("content_type", ["text/plain", "application/json-patch+json", ""])
async def test_patch_takes_no_other_type(client: httpx.AsyncClient, content_type: str) -> None:
    todo = await create(client)

    response = await client.patch(f"/todos/{todo['id']}", content=b"{}", headers={"Content-Type": content_type})

    assert response.status_code == 415
    assert response.headers["Accept-Patch"] == "application/json, application/merge-patch+json"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("body", ["null", "[]", '""', "0", "false", '"title"', "[1]"])
async def test_a_body_that_is_no_object_is_of_the_wrong_type(client: httpx.AsyncClient, method: str, body: str) -> None:
    todo = await create(client)

    response = await client.request(method, f"/todos/{todo['id']}", content=body, headers=JSON)

    assert response.status_code == 422
    assert response.json()["errors"] == {"_schema": ["Invalid input type."]}


async def test_a_todo_is_not_completed_before_its_dependency(client: httpx.AsyncClient) -> None:
    milk = await create(client, "Milk")
    pancakes = await create(client, "Pancakes", depends_on=milk["id"])

    response = await client.patch(f"/todos/{pancakes['id']}", json={"completed": True})

    assert response.status_code == 409
    assert response.json()["code"] == "BLOCKED"
    assert await read(client, pancakes["id"]) == pancakes


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_cycle_of_dependencies_is_refused(client: httpx.AsyncClient, method: str) -> None:
    milk = await create(client, "Milk")
    pancakes = await create(client, "Pancakes", depends_on=milk["id"])

    response = await client.request(
        method, f"/todos/{milk['id']}", json={"title": "Milk", "depends_on": pancakes["id"]}
    )

    assert response.status_code == 409
    assert response.json()["code"] == "DEPENDENCY_CYCLE"
    assert await read(client, milk["id"]) == milk


async def test_a_todo_does_not_depend_on_itself(client: httpx.AsyncClient) -> None:
    milk = await create(client, "Milk")

    response = await client.patch(f"/todos/{milk['id']}", json={"depends_on": milk["id"]})

    assert response.status_code == 409
    assert response.json()["code"] == "DEPENDENCY_CYCLE"


async def test_more_than_50_dependencies_are_refused(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    response = await client.patch(f"/todos/{todo['id']}", json={"dependencies": [UNKNOWN_ID] * 51})

    assert response.status_code == 422
    assert response.json()["errors"] == {"dependencies": ["Longer than maximum length 50."]}
