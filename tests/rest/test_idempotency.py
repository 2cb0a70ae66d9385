"""Idempotency-Key: the same request under the same key is done once, whoever answers it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Final

import httpx
import pytest

from tests.server import running, settings_for
from todo_gql.database import Database, create_engine, parse_database_url

KEY: Final = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


async def post(client: httpx.AsyncClient, key: str = KEY, **members: object) -> httpx.Response:
    """Create a todo under a key."""
    return await client.post("/todos", json={"title": "Buy milk", **members}, headers={"Idempotency-Key": key})


async def count(client: httpx.AsyncClient) -> int:
    return len((await client.get("/todos")).json())


async def test_a_repeated_request_is_answered_as_the_first_was(client: httpx.AsyncClient) -> None:
    first = await post(client)
    await client.patch(first.headers["Location"], json={"title": "Buy oat milk"})

    second = await post(client)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert [second.headers[name] for name in ("Location", "ETag", "Content-Type")] == [
        first.headers["Location"],
        '"1"',
        "application/json",
    ]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert await count(client) == 1


async def test_the_answer_is_that_of_a_request_without_a_key(client: httpx.AsyncClient) -> None:
    keyed = await post(client, description="Two litres")

    plain = await client.post("/todos", json={"title": "Buy milk", "description": "Two litres"})

    own = ("id", "created_at", "updated_at")
    assert {name: value for name, value in keyed.json().items() if name not in own} == {
        name: value for name, value in plain.json().items() if name not in own
    }
    assert keyed.headers.keys() == plain.headers.keys()


async def test_a_key_that_belongs_to_another_request_is_refused(client: httpx.AsyncClient) -> None:
    await post(client)

    response = await post(client, title="Buy bread")

    assert response.status_code == 422
    assert response.json()["code"] == "IDEMPOTENCY_MISMATCH"
    assert response.json()["error"] == "This key was used for a request with another input."
    assert await count(client) == 1


async def test_a_refused_request_can_be_put_right_under_its_key(client: httpx.AsyncClient) -> None:
    refused = await post(client, depends_on="0198f000-0000-7000-8000-000000000000")

    response = await post(client)

    assert (refused.status_code, response.status_code) == (422, 201)
    assert "Idempotency-Replayed" not in response.headers


async def test_two_keys_are_two_requests(client: httpx.AsyncClient) -> None:
    await post(client, key='"1"')
    await post(client, key='"2"')

    assert await count(client) == 2


@pytest.mark.parametrize(
    "key", ['"a"', '"' + "a" * 255 + '"', r'"a \"b\" \\"', '"!~"'], ids=["shortest", "longest", "escaped", "visible"]
)
async def test_a_key_is_a_string_of_structured_fields(client: httpx.AsyncClient, key: str) -> None:
    responses = [await post(client, key), await post(client, key)]

    assert [response.status_code for response in responses] == [201, 201]
    assert await count(client) == 1


@pytest.mark.parametrize(
    "key",
    ["8e03978e", "", '""', '"a', '"a"b', '"a\\b"', '"' + "a" * 256 + '"', '"a", "b"', '"\u00e9"', '"a";b=1', '"\t"'],
)
async def test_a_malformed_key_is_refused(client: httpx.AsyncClient, key: str) -> None:
    headers = httpx.Headers({"Idempotency-Key": key}, encoding="latin-1")

    response = await client.post("/todos", json={"title": "Buy milk"}, headers=headers)

    assert response.status_code == 400
    assert response.json()["error"] == "`Idempotency-Key` is one string of 1 to 255 characters in double quotes."
    assert await count(client) == 0


async def test_two_keys_of_one_request_are_refused(client: httpx.AsyncClient) -> None:
    headers = [("Idempotency-Key", KEY), ("Idempotency-Key", KEY)]

    response = await client.post("/todos", json={"title": "Buy milk"}, headers=headers)

    assert response.status_code == 400


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Two services that share nothing but the database; a SQLite file has one."""
    number = 1 if database_url.startswith("sqlite") else 2
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(running(settings_for(database_url))) for _ in range(number)]


async def test_of_many_requests_at_once_one_is_done(replicas: list[httpx.AsyncClient]) -> None:
    responses = await asyncio.gather(*(post(replica) for _ in range(10) for replica in replicas))

    created = [response for response in responses if response.status_code == 201]
    running_ones = [response.json()["code"] for response in responses if response.status_code != 201]
    assert len([response for response in created if "Idempotency-Replayed" not in response.headers]) == 1
    assert len({response.content for response in created}) == 1
    assert set(running_ones) <= {"IDEMPOTENCY_RUNNING"}
    assert await count(replicas[0]) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_request_that_is_still_running_is_told(database_url: str, replicas: list[httpx.AsyncClient]) -> None:
    database = Database(create_engine(parse_database_url(database_url)))
    milk = (await replicas[0].post("/todos", json={"title": "Milk"})).json()

    async with database.engine.begin() as connection:
        # The creation of what depends on it waits for the end of this transaction.
        await connection.exec_driver_sql("SELECT FROM todos FOR UPDATE")
        requests = [asyncio.create_task(post(replica, depends_on=milk["id"])) for replica in replicas]
        (told,), (waiting,) = await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
    created = await waiting
    repeated = await post(replicas[0], depends_on=milk["id"])
    await database.close()

    assert told.result().status_code == 409
    assert told.result().json()["code"] == "IDEMPOTENCY_RUNNING"
    assert told.result().headers["Retry-After"] == "1"
    assert created.status_code == 201
    assert repeated.content == created.content
