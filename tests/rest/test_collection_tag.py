"""The entity tag of `/todos`, and what it saves."""

import httpx
import pytest

from tests.rest.requests import change, create
from tests.statements import counted


async def test_the_list_has_a_weak_tag_that_answers_304_until_something_changes(client: httpx.AsyncClient) -> None:
    todo = await create(client)
    tags = [(await client.get("/todos")).headers["ETag"]]

    unchanged = await client.get("/todos", headers={"If-None-Match": tags[0]})
    await change(client, todo["id"], title="Buy bread")
    for _ in range(2):
        changed = await client.get("/todos", headers={"If-None-Match": tags[-1]})
        assert changed.status_code == 200
        tags.append(changed.headers["ETag"])
        await client.delete(f"/todos/{todo['id']}")

    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", tags[0])
    assert all(tag.startswith('W/"') for tag in tags)
    assert len(set(tags)) == 3


@pytest.mark.parametrize("params", [{}, {"limit": "1"}], ids=["whole", "page"])
async def test_a_matching_tag_is_answered_without_reading_the_todos(
    client: httpx.AsyncClient, params: dict[str, str]
) -> None:
    await create(client)
    tag = (await client.get("/todos", params=params)).headers["ETag"]

    with counted() as statements:
        response = await client.get("/todos", params=params, headers={"If-None-Match": f'"other", {tag}'})

    assert response.status_code == 304
    assert len(statements) == 1
    assert "FROM todos" not in statements[0]


async def test_head_has_the_tag_of_get(client: httpx.AsyncClient) -> None:
    await create(client)

    head, get = await client.head("/todos"), await client.get("/todos")

    assert head.headers["ETag"] == get.headers["ETag"]


@pytest.mark.parametrize("value", ["", "nonsense", 'W/"0-0', '"some", other'])
async def test_a_tag_that_is_none_changes_nothing(client: httpx.AsyncClient, value: str) -> None:
    response = await client.get("/todos", headers={"If-None-Match": value})

    assert (response.status_code, response.json()) == (200, [])


async def test_what_changes_nothing_keeps_the_tag(client: httpx.AsyncClient) -> None:
    todo = await create(client)
    tag = (await client.get("/todos")).headers["ETag"]

    await client.patch(f"/todos/{todo['id']}", json={"title": todo["title"]})

    assert (await client.get("/todos")).headers["ETag"] == tag
