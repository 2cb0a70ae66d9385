"""The contract's table for `/todos`, row by row: what POST accepts."""

import re

import httpx
import pytest

from tests.rest.requests import JSON, create


async def test_a_created_todo_is_answered_in_full(client: httpx.AsyncClient) -> None:
    milk = await create(client, "Milk")

    response = await client.post(
        "/todos", json={"title": "Pancakes", "description": "For six", "depends_on": milk["id"]}
    )

    todo = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/todos/{todo['id']}"
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Content-Type"] == "application/json"
    assert response.content.endswith(b"}\n")
    assert list(todo)[:4] == ["depends_on", "description", "id", "title"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", todo["created_at"])
    assert todo == {
        "depends_on": milk["id"],
        "description": "For six",
        "id": todo["id"],
        "title": "Pancakes",
        "dependencies": [milk["id"]],
        "completed": False,
        "status": "OPEN",
        "priority": "NONE",
        "due": None,
        "completed_at": None,
        "created_at": todo["created_at"],
        "updated_at": todo["created_at"],
        "version": 1,
    }


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON ;charset=UTF-8",
        "application/vnd.api+json",
        "application/merge-patch+json",
    ],
)
async def test_a_json_media_type_is_accepted(client: httpx.AsyncClient, content_type: str) -> None:
    response = await client.post("/todos", content=b'{"title": "Milk"}', headers={"Content-Type": content_type})

    assert response.status_code == 201


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "text/json", "application/jsonx", "json"])
async def test_another_media_type_is_refused(client: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    response = await client.post("/todos", content=b'{"title": "Milk"}', headers=headers)

    assert response.status_code == 415
    assert response.headers["Accept-Post"] == "application/json"
    assert response.json()["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        pytest.param(b'\xef\xbb\xbf{"title": "Milk"}', "Milk", id="byte order mark"),
        pytest.param(b'{"title": "Milk", "title": "Bread"}', "Bread", id="the last of equal members"),
        pytest.param(b'{"title": "\\ud83e\\udd5b"}', "🥛", id="a surrogate pair"),
        pytest.param('{"title": "Crème fraîche 🥛"}'.encode(), "Crème fraîche 🥛", id="beyond ASCII"),
        pytest.param(b'{"title": "' + b"x" * 200 + b'"}', "x" * 200, id="200 characters"),
        pytest.param(('{"title": "' + "🥛" * 200 + '"}').encode(), "🥛" * 200, id="200 characters of four bytes"),
    ],
)
async def test_a_title_is_kept_as_it_is(client: httpx.AsyncClient, body: bytes, title: str) -> None:
    response = await client.post("/todos", content=body, headers=JSON)

    assert response.status_code == 201
    assert response.json()["title"] == title


@pytest.mark.parametrize("description", ["", " ", "Two litres", "x" * 10_000, "one\ntwo\ttabs"])
async def test_a_description_is_kept_as_it_is(client: httpx.AsyncClient, description: str) -> None:
    response = await client.post("/todos", json={"title": "Milk", "description": description})

    assert response.status_code == 201
    assert response.json()["description"] == description


@pytest.mark.parametrize("name", ["description", "depends_on"])
async def test_null_is_taken_as_absent(client: httpx.AsyncClient, name: str) -> None:
    response = await client.post("/todos", json={"title": "Milk", name: None})

    assert response.status_code == 201
    assert response.json()[name] is None


async def test_an_id_is_answered_with_dashes_and_in_lower_case(client: httpx.AsyncClient) -> None:
    milk = await create(client, "Milk")

    response = await client.post(
        "/todos", json={"title": "Pancakes", "depends_on": milk["id"].replace("-", "").upper()}
    )

    assert response.status_code == 201
    assert response.json()["depends_on"] == milk["id"]


async def test_each_of_42_todos_can_depend_on_the_one_before(client: httpx.AsyncClient) -> None:
    ids: list[str] = []
    for number in range(42):
        body = {"title": f"Step {number}", "description": "" if number == 13 else "Then go on."}
        response = await client.post("/todos", json=body | ({"depends_on": ids[-1]} if ids else {}))
        assert response.status_code == 201
        ids.append(response.json()["id"])

    todos = (await client.get("/todos")).json()

    assert [todo["id"] for todo in todos] == ids
    assert [todo["depends_on"] for todo in todos] == [None, *ids[:-1]]


async def test_a_trashed_todo_is_unknown_as_a_dependency(client: httpx.AsyncClient) -> None:
    milk = await create(client, "Milk")
    await client.delete(f"/todos/{milk['id']}")

    response = await client.post("/todos", json={"title": "Pancakes", "depends_on": milk["id"]})

    assert response.status_code == 422
    assert response.json()["errors"] == {"depends_on": ["Unknown todo."]}
