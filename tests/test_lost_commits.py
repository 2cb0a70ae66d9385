"""What callers are told when the connection is lost while the database commits what they asked for."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.graphql.client import GraphQLClient
from tests.server import running, settings_for
from tests.tools.proxy import Proxy, proxy_to


@pytest.fixture
async def proxy_and_client(database_url: str) -> AsyncIterator[tuple[Proxy, httpx.AsyncClient]]:
    async with proxy_to(database_url) as (proxy, url), running(settings_for(url)) as client:
        yield proxy, client


pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_a_creation_over_rest_is_done_once(proxy_and_client: tuple[Proxy, httpx.AsyncClient]) -> None:
    proxy, client = proxy_and_client

    proxy.cut_once_after(b"COMMIT")
    created = await client.post("/todos", json={"title": "Buy milk"})

    assert created.status_code == 201
    assert [todo["id"] for todo in (await client.get("/todos")).json()] == [created.json()["id"]]


async def test_a_creation_under_a_key_is_no_repetition_of_itself(
    proxy_and_client: tuple[Proxy, httpx.AsyncClient],
) -> None:
    proxy, client = proxy_and_client

    proxy.cut_once_after(b"COMMIT")
    created = await client.post("/todos", json={"title": "Buy milk"}, headers={"Idempotency-Key": '"key"'})

    assert created.status_code == 201
    assert "Idempotency-Replayed" not in created.headers
    assert [todo["id"] for todo in (await client.get("/todos")).json()] == [created.json()["id"]]


async def test_a_creation_over_graphql_is_done_once(proxy_and_client: tuple[Proxy, httpx.AsyncClient]) -> None:
    proxy, client = proxy_and_client
    graphql = GraphQLClient(client)

    proxy.cut_once_after(b"COMMIT")
    todo_id = await graphql.create("Buy milk", dependencies=[])

    assert [todo["id"] for todo in (await client.get("/todos")).json()] == [todo_id]


async def test_the_outcome_of_a_change_over_rest_is_unknown(proxy_and_client: tuple[Proxy, httpx.AsyncClient]) -> None:
    proxy, client = proxy_and_client
    todo_id = await GraphQLClient(client).create("Buy milk")

    proxy.cut_once_after(b"COMMIT")
    response = await client.patch(f"/todos/{todo_id}", json={"title": "Buy oat milk"})

    assert response.status_code == 504
    assert response.json()["code"] == "OUTCOME_UNKNOWN"
    assert response.json()["detail"] == "The database was lost while it was told to keep this; look whether it has."


async def test_the_outcome_of_a_change_over_graphql_is_unknown(
    proxy_and_client: tuple[Proxy, httpx.AsyncClient],
) -> None:
    proxy, client = proxy_and_client
    graphql = GraphQLClient(client)
    todo_id = await graphql.create("Buy milk")

    proxy.cut_once_after(b"COMMIT")
    answer = await graphql.send(
        'mutation ($id: ID!) { todoUpdate(id: $id, input: {title: "Buy oat milk"}) { __typename } }', id=todo_id
    )

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["OUTCOME_UNKNOWN"]
