"""The contract's table for `/todos/{id}`, row by row: what all methods share, GET and DELETE."""

from typing import Any

import httpx
import pytest

from tests.rest.requests import UNKNOWN_ID, create, read
from tests.server import running, settings_for

METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE"]


def request(client: httpx.AsyncClient, method: str, todo_id: str) -> Any:
    return client.request(method, f"/todos/{todo_id}", json={"title": "Bread"} if method in {"PUT", "PATCH"} else None)


@pytest.mark.parametrize("method", METHODS)
async def test_no_method_finds_a_malformed_id_whatever_else_is_wrong(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/todos/abc", content=b"{", headers={"If-Match": "?"})

    assert response.status_code == 404


@pytest.mark.parametrize(
    "todo_id",
    [
        "1",
        "abc",
        "%00",
        "%ED%A0%80",
        f"{UNKNOWN_ID}0",
        f"{{{UNKNOWN_ID}}}",
        f"urn:uuid:{UNKNOWN_ID}",
        "0198f0000000-7000-8000-000000000000",
        "x" * 8000,
    ],
    ids=lambda value: value[:40],
)
async def test_a_malformed_id_is_not_found(client: httpx.AsyncClient, todo_id: str) -> None:
    response = await client.get(f"/todos/{todo_id}")

    assert response.status_code == 404


@pytest.mark.parametrize("method", METHODS)
async def test_a_trashed_todo_is_not_found(client: httpx.AsyncClient, method: str) -> None:
    todo = await create(client)
    await client.delete(f"/todos/{todo['id']}")

    response = await request(client, method, todo["id"])

    assert response.status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH", "DELETE"])
async def test_an_unknown_todo_is_not_found(client: httpx.AsyncClient, method: str) -> None:
    response = await request(client, method, UNKNOWN_ID)

    assert response.status_code == 404


async def test_what_is_not_found_is_a_problem(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/todos/{UNKNOWN_ID}")

    problem = response.json()
    assert problem == {
        "type": "/openapi.json#/components/examples/NOT_FOUND",
        "title": "Not found",
        "status": 404,
        "detail": "There is no todo with this id.",
        "instance": f"/todos/{UNKNOWN_ID}",
        "code": "NOT_FOUND",
        "traceId": problem["traceId"],
        "error": "There is no todo with this id.",
    }


async def test_a_todo_is_answered_with_its_version(client: httpx.AsyncClient) -> None:
    todo = await create(client, "Milk", description="Two litres")

    response = await client.get(f"/todos/{todo['id'].upper().replace('-', '')}")

    assert response.status_code == 200
    assert response.headers["ETag"] == '"2"'
    assert response.json() == todo


async def test_head_answers_the_headers_of_get(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    got, headed = await client.get(f"/todos/{todo['id']}"), await client.head(f"/todos/{todo['id']}")

    assert headed.status_code == 200
    assert headed.headers["ETag"] == '"1"'
    assert headed.headers["Content-Length"] == got.headers["Content-Length"]


async def test_options_names_the_methods(client: httpx.AsyncClient) -> None:
    response = await client.options(f"/todos/{UNKNOWN_ID}")

    assert response.status_code == 200
    assert response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
    assert response.headers["Accept-Patch"] == "application/json, application/merge-patch+json"


async def test_an_item_takes_no_post(client: httpx.AsyncClient) -> None:
    response = await client.post(f"/todos/{UNKNOWN_ID}", json={"title": "Milk"})

    assert response.status_code == 405
    assert response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"


async def test_a_deleted_todo_is_gone(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    first = await client.delete(f"/todos/{todo['id']}")
    second = await client.delete(f"/todos/{todo['id']}")

    assert first.status_code == 204
    assert "Content-Type" not in first.headers
    assert second.status_code == 404


async def test_a_dependency_in_the_trash_is_not_listed(client: httpx.AsyncClient) -> None:
    milk, flour = await create(client, "Milk"), await create(client, "Flour")
    pancakes = await create(client, "Pancakes", dependencies=[milk["id"], flour["id"]])

    await client.delete(f"/todos/{milk['id']}")

    pancakes = await read(client, pancakes["id"])
    assert pancakes["depends_on"] == flour["id"]
    assert pancakes["dependencies"] == [flour["id"]]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_write_must_name_a_version_where_the_operator_says_so(database_url: str, method: str) -> None:
    async with running(settings_for(database_url, rest_require_if_match=True)) as client:
        todo = (await client.post("/todos", json={"title": "Milk"})).json()

        refused = await request(client, method, todo["id"])
        client.headers["If-Match"] = '"1"'
        accepted = await request(client, method, todo["id"])

    assert refused.status_code == 428
    assert refused.json()["code"] == "PRECONDITION_REQUIRED"
    assert accepted.is_success
