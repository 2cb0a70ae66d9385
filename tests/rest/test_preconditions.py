"""If-Match and If-None-Match, on a todo at version 2."""

import asyncio
import time

import httpx
import pytest
from starlette.datastructures import Headers

from tests.rest.requests import UNKNOWN_ID, create, read
from todo_gql.rest.preconditions import EntityTags
from todo_gql.rest.problems import Refused

WRITES = ["PUT", "PATCH", "DELETE"]


async def write(client: httpx.AsyncClient, method: str, todo_id: str, headers: dict[str, str]) -> httpx.Response:
    body = None if method == "DELETE" else {"title": "Oat milk"}
    return await client.request(method, f"/todos/{todo_id}", json=body, headers=headers)


@pytest.mark.parametrize(
    ("value", "strong", "weak"),
    [
        ('"2"', {"2"}, set()),
        ('W/"2"', set(), {"2"}),
        ('"1", "2"', {"1", "2"}, set()),
        ('"1","2"', {"1", "2"}, set()),
        ('"1",\tW/"2"', {"1"}, {"2"}),
        (', ,"2" ,', {"2"}, set()),
        ('"a,b" , "2"', {"a,b", "2"}, set()),
        ('""', {""}, set()),
        ('"*"', {"*"}, set()),
        ('"\x80\xff"', {"\x80\xff"}, set()),
    ],
)
def test_entity_tags_are_read(value: str, strong: set[str], weak: set[str]) -> None:
    tags = EntityTags.parse("if-match", Headers({"If-Match": value}))

    assert tags == EntityTags(is_any=False, strong=frozenset(strong), weak=frozenset(weak))


@pytest.mark.parametrize(
    "value", ["2", "", ",", '"2', '"2 "', 'w/"2"', 'W/ "2"', '"1" "2"', '*, "2"', '"1", *', "'2'", '"2";q=1']
)
def test_malformed_entity_tags_are_refused(value: str) -> None:
    with pytest.raises(Refused):
        EntityTags.parse("if-match", Headers({"If-Match": value}))


@pytest.mark.parametrize("value", ['"a",' + " " * 100_000 + "x", ", " * 50_000 + "x", '"a" ' * 25_000, '"' * 100_000])
def test_hostile_entity_tags_are_refused_at_once(value: str) -> None:
    started = time.process_time()

    with pytest.raises(Refused):
        EntityTags.parse("if-match", Headers({"If-Match": value}))

    assert time.process_time() - started < 1


@pytest.mark.parametrize("value", ['"2"', '"1", "2"', 'W/"1", "2"', "*"])
@pytest.mark.parametrize("method", WRITES)
async def test_a_write_of_the_named_version_is_done(client: httpx.AsyncClient, method: str, value: str) -> None:
    todo = await create(client, "Milk", description="Two litres")

    response = await write(client, method, todo["id"], {"If-Match": value})

    assert response.is_success


async def test_a_deletion_of_any_version_is_done_while_others_write(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    answers = await asyncio.gather(
        *(write(client, "PATCH", todo["id"], {}) for _ in range(3)),
        write(client, "DELETE", todo["id"], {"If-Match": "*"}),
        *(client.patch(f"/todos/{todo['id']}", json={"title": str(number)}) for number in range(6)),
    )

    assert answers[3].status_code == 204


@pytest.mark.parametrize("value", ['"1"', '"02"', 'W/"2"'])
@pytest.mark.parametrize("method", WRITES)
async def test_a_write_of_another_version_is_refused(client: httpx.AsyncClient, method: str, value: str) -> None:
    todo = await create(client, "Milk", description="Two litres")

    response = await write(client, method, todo["id"], {"If-Match": value})

    assert response.status_code == 412
    assert response.headers["ETag"] == '"2"'
    assert response.json()["code"] == "VERSION_CONFLICT"
    assert await read(client, todo["id"]) == todo


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
async def test_a_malformed_precondition_is_refused(client: httpx.AsyncClient, name: str) -> None:
    todo = await create(client)

    response = await client.patch(f"/todos/{todo['id']}", json={"title": "Bread"}, headers={name: "1"})

    assert response.status_code == 400
    assert response.json()["detail"] == f'The header {name} is `*` or a list such as "1", "2".'


async def test_a_list_of_versions_may_span_lines(client: httpx.AsyncClient) -> None:
    todo = await create(client, "Milk", description="Two litres")

    response = await client.delete(f"/todos/{todo['id']}", headers=[("If-Match", '"1"'), ("If-Match", '"2"')])

    assert response.status_code == 204


@pytest.mark.parametrize("value", ['"2"', 'W/"2"', '"1", W/"2"', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_version_that_the_caller_has_is_not_sent_again(
    client: httpx.AsyncClient, method: str, value: str
) -> None:
    todo = await create(client, "Milk", description="Two litres")

    response = await client.request(method, f"/todos/{todo['id']}", headers={"If-None-Match": value})

    assert response.status_code == 304
    assert response.headers["ETag"] == '"2"'
    assert "Content-Type" not in response.headers


async def test_a_version_that_the_caller_lacks_is_sent(client: httpx.AsyncClient) -> None:
    todo = await create(client, "Milk", description="Two litres")

    response = await client.get(f"/todos/{todo['id']}", headers={"If-None-Match": '"1", W/"3"'})

    assert response.status_code == 200
    assert response.json() == todo


async def test_a_read_of_another_version_is_refused(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    response = await client.get(f"/todos/{todo['id']}", headers={"If-Match": '"2"'})

    assert response.status_code == 412
    assert response.headers["ETag"] == '"1"'


async def test_put_can_demand_that_it_creates(client: httpx.AsyncClient) -> None:
    first = await write(client, "PUT", UNKNOWN_ID, {"If-None-Match": "*"})
    second = await write(client, "PUT", UNKNOWN_ID, {"If-None-Match": "*"})

    assert first.status_code == 201
    assert second.status_code == 412
    assert second.headers["ETag"] == '"1"'
    assert second.json()["code"] == "ID_CONFLICT"


@pytest.mark.parametrize("method", WRITES)
async def test_a_write_of_any_other_version_is_refused_for_the_named_one(
    client: httpx.AsyncClient, method: str
) -> None:
    todo = await create(client)

    response = await write(client, method, todo["id"], {"If-None-Match": 'W/"1"'})

    assert response.status_code == 412
    assert response.json()["code"] == "VERSION_CONFLICT"


async def test_put_of_a_version_creates_nothing(client: httpx.AsyncClient) -> None:
    response = await write(client, "PUT", UNKNOWN_ID, {"If-Match": "*"})

    assert response.status_code == 404
    assert (await client.get("/todos")).json() == []


async def test_a_stale_version_is_told_before_what_is_wrong_with_the_body(client: httpx.AsyncClient) -> None:
    todo = await create(client)

    response = await client.patch(f"/todos/{todo['id']}", json={"title": ""}, headers={"If-Match": '"7"'})

    assert response.status_code == 412
