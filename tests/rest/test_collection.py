"""The contract's table for `/todos`, row by row: the list."""

import re

import httpx
import pytest

from tests.rest.requests import change, create


async def test_an_empty_list_is_an_empty_array(client: httpx.AsyncClient) -> None:
    response = await client.get("/todos")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.content == b"[]\n"


async def test_the_list_holds_all_todos_in_the_order_of_their_creation(client: httpx.AsyncClient) -> None:
    created = [await create(client, title) for title in ("Milk", "Bread", "Salt")]

    response = await client.get("/todos", params={"page": "2", "sort": "title"})

    assert response.status_code == 200
    assert response.json() == created
    assert response.content.endswith(b"}]\n")


async def test_a_trashed_todo_is_not_listed(client: httpx.AsyncClient) -> None:
    kept, trashed = await create(client, "Milk"), await create(client, "Bread")

    await client.delete(f"/todos/{trashed['id']}")

    assert (await client.get("/todos")).json() == [kept]


async def test_head_answers_the_headers_of_get(client: httpx.AsyncClient) -> None:
    await create(client)

    response = await client.head("/todos")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert "Content-Length" not in response.headers


async def test_options_names_the_methods(client: httpx.AsyncClient) -> None:
    response = await client.options("/todos")

    assert response.status_code == 200
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.headers["Accept-Post"] == "application/json"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_the_list_has_no_other_method(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/todos")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.json()["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_a_slash_at_the_end_leads_to_the_list(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/todos/?limit=2")

    assert response.status_code == 308
    assert response.headers["Location"] == "/todos?limit=2"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*;q=0"])
async def test_accept_is_ignored(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.get("/todos", headers={"Accept": accept})

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


async def test_pages_lead_through_the_list_by_their_links(client: httpx.AsyncClient) -> None:
    created = [await create(client, title) for title in ("Milk", "Bread", "Salt", "Oil", "Rice")]

    pages, url = [], "/todos?limit=2"
    while url:
        response = await client.get(url)
        pages.append(response.json())
        url = response.links.get("next", {}).get("url", "")

    assert pages == [created[0:2], created[2:4], created[4:5]]


async def test_a_link_to_the_next_page_names_size_and_place(client: httpx.AsyncClient) -> None:
    for title in ("Milk", "Bread"):
        await create(client, title)

    response = await client.get("/todos?limit=1")

    assert re.fullmatch(
        r'</todos\?limit=1&cursor=[\w-]+>; rel="next", </graphql>; rel="successor-version"', response.headers["Link"]
    )


async def test_a_cursor_alone_continues_with_pages_of_50(client: httpx.AsyncClient) -> None:
    created = [await create(client, f"Todo {number}") for number in range(53)]
    first = await client.get("/todos?limit=1")
    cursor = httpx.URL(first.links["next"]["url"]).params["cursor"]

    response = await client.get("/todos", params={"cursor": cursor})

    assert response.json() == created[1:51]
    assert response.links["next"]["url"].startswith("/todos?limit=50&")


async def test_a_limit_of_1000_is_the_largest(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    response = await client.get("/todos?limit=1000")

    assert response.status_code == 200
    assert response.json() == [todo]
    assert "next" not in response.links


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=1001",
        "limit=99999999999999999999",
        "limit=abc",
        "limit=",
        "limit=1.5",
        "limit=%2B1",
        "limit=%D9%A3",
        "limit=1&limit=2",
        "cursor=",
        "cursor=abc",
        "cursor=%00",
        "cursor=%FF",
        "cursor=bnVsbA",
        "cursor=a&cursor=a",
    ],
)
async def test_a_page_that_cannot_be_is_refused(client: httpx.AsyncClient, query: str) -> None:
    response = await client.get(f"/todos?{query}")

    assert response.status_code == 400
    assert response.json()["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "abc"])
async def test_a_refused_limit_is_called_as_the_caller_called_it(client: httpx.AsyncClient, limit: str) -> None:
    response = await client.get(f"/todos?limit={limit}")

    assert response.json()["detail"] == "`limit` is from 1 to 1000."


async def test_a_target_over_8_kib_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/todos?x={'x' * 8192}")

    assert response.status_code == 414
    assert response.json()["code"] == "TARGET_TOO_LONG"


async def test_depends_on_is_the_first_dependency_that_was_added(client: httpx.AsyncClient) -> None:
    milk, flour, eggs = [await create(client, title) for title in ("Milk", "Flour", "Eggs")]
    pancakes = await create(client, "Pancakes", dependencies=[eggs["id"], milk["id"]])

    pancakes = await change(client, pancakes["id"], dependencies=[milk["id"], flour["id"], eggs["id"]])

    assert pancakes["depends_on"] == eggs["id"]
    assert pancakes["dependencies"] == [eggs["id"], milk["id"], flour["id"]]
