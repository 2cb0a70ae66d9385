"""Subscriptions by server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from tests.graphql.client import GraphQLClient
from tests.graphql.subscriptions.event_stream import EVENTS, subscribed
from tests.server import running, settings_for
from tests.statements import counted

DELETE = "mutation ($id: ID!) { todoDelete(id: $id) { __typename } }"
BULK = 'mutation { todoBulk(operations: [{create: {title: "one"}}, {create: {title: "two"}}]) { __typename } }'
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
async def http(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(database_url)) as http:
        yield http


@pytest.fixture
def client(http: httpx.AsyncClient) -> GraphQLClient:
    return GraphQLClient(http)


async def test_every_write_is_heard_of_whichever_way_it_was_made(client: GraphQLClient) -> None:
    async with subscribed(client.http) as events:
        graphql_id = await client.create("by GraphQL")
        rest = (await client.http.post("/todos", json={"title": "by REST"})).json()
        await client.data(BULK)
        await client.http.patch(f"/todos/{rest['id']}", json={"completed": True})
        await client.data(DELETE, id=graphql_id)
        heard = [await events.todo_event() for _ in range(6)]

    assert events.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert [(event["kind"], event["version"]) for event in heard] == [
        *[("CREATED", 1)] * 4,
        ("COMPLETED", 2),
        ("TRASHED", 2),
    ]
    assert heard[0]["todoId"] == graphql_id
    assert [heard[number]["todo"] for number in (1, 4, 5)] == [{"title": "by REST"}, {"title": "by REST"}, None]
    assert heard[4]["changedFields"] == ["status"]


async def test_with_a_token_first_the_missed_then_the_live_ones_come(client: GraphQLClient) -> None:
    since = await client.sync_token()
    for number in range(3):
        await client.create(f"missed {number}")

    async with subscribed(client.http, since=since) as events:
        missed = [await events.todo_event() for _ in range(3)]
        await client.create("live")
        live = await events.todo_event()

    assert [event["todo"]["title"] for event in (*missed, live)] == ["missed 0", "missed 1", "missed 2", "live"]


async def test_there_is_no_gap_and_nothing_twice_where_the_missed_meet_the_live(client: GraphQLClient) -> None:
    since = await client.sync_token()

    async def write(writer: int) -> None:
        for number in range(12):
            await client.create(f"{writer}.{number}")

    async def read(delay: int) -> list[str]:
        # Subscribers come in one after another while the writers write.
        for _ in range(delay):
            await client.data("{ __typename }")
        async with subscribed(client.http, since=since) as events:
            return [(await events.todo_event())["todoId"] for _ in range(48)]

    *read_by_each, _, _, _, _ = await asyncio.gather(*(read(3 * n) for n in range(6)), *(write(n) for n in range(4)))

    expected = read_by_each[0]
    assert len(set(expected or [])) == 48
    assert all(sorted(of_one or []) == sorted(expected or []) for of_one in read_by_each)


async def test_a_stream_resumes_after_the_last_event_that_was_seen(client: GraphQLClient) -> None:
    since = await client.sync_token()
    for number in range(3):
        await client.create(f"todo {number}")
    async with subscribed(client.http, since=since) as events:
        first = await events.next()

    async with subscribed(client.http, since=since, headers={"Last-Event-ID": first.id or ""}) as events:
        resumed = [(await events.todo_event())["todo"]["title"] for _ in range(2)]

    assert resumed == ["todo 1", "todo 2"]


async def test_the_token_of_an_event_can_be_handed_to_changes(client: GraphQLClient) -> None:
    async with subscribed(client.http) as events:
        await client.data(BULK)
        first = await events.todo_event()
        await events.todo_event()

    changes = await client.data(
        "query ($t: SyncToken) { changes(since: $t) { todos { title } } }", t=first["syncToken"]
    )

    assert [todo["title"] for todo in changes["changes"]["todos"]] == ["two"]


@pytest.mark.parametrize(
    ("arguments", "heard"),
    [
        ({"kinds": ["TRASHED", "COMPLETED"]}, ["COMPLETED", "TRASHED"]),
        ({"kinds": []}, []),
        ({"todoId": "first"}, ["CREATED", "TRASHED"]),
        ({"todoId": "first", "kinds": ["CREATED"]}, ["CREATED"]),
        ({"todoId": "nonsense"}, []),
        ({"todoId": None, "kinds": None}, ["CREATED", "CREATED", "COMPLETED", "TRASHED"]),
    ],
    ids=str,
)
async def test_only_what_is_asked_for_comes(client: GraphQLClient, arguments: dict[str, Any], heard: list[str]) -> None:
    since = await client.sync_token()
    first, second = await client.create("first"), await client.create("second")
    await client.data("mutation ($id: ID!) { todoComplete(id: $id) { __typename } }", id=second)
    await client.data(DELETE, id=first)
    known: dict[str, Any] = {key: first if value == "first" else value for key, value in arguments.items()}

    async with subscribed(client.http, since=since, **known) as missed, subscribed(client.http, **known) as live:
        await client.data("mutation ($id: ID!) { todoRestore(id: $id) { __typename } }", id=first)
        told = [(await missed.todo_event())["kind"] for _ in heard]
        async with subscribed(client.http, since=since) as everything:
            while (await everything.todo_event())["kind"] != "RESTORED":
                pass
        # All of it has been read by now: what is not asked for would have come before.
        if arguments.get("kinds") is None and arguments.get("todoId") != "nonsense":
            assert (await live.todo_event())["kind"] == (await missed.todo_event())["kind"] == "RESTORED"

    assert told == heard


async def test_a_token_older_than_the_log_ends_with_an_error(client: GraphQLClient) -> None:
    ahead = "YXQ7MTAwMDAwMDAwMDAwMDA6MTAwMDAwMDAwMDAwMDA6"

    async with subscribed(client.http, since=ahead) as events:
        refused, complete = await events.rest()

    assert [error["extensions"]["code"] for error in refused.data["errors"]] == ["SYNC_RESET"]
    assert (complete.event, complete.data) == ("complete", None)


@pytest.mark.parametrize(
    ("document", "variables", "headers", "code"),
    [
        ("subscription {", {}, {}, "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }", {}, {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: todoEvents { id } b: todoEvents { id } }", {}, {}, "GRAPHQL_VALIDATION_FAILED"),
        (EVENTS, {"since": "nonsense"}, {}, "BAD_USER_INPUT"),
        (EVENTS, {"kinds": ["NONE"]}, {}, "BAD_USER_INPUT"),
        (EVENTS, {}, {"Last-Event-ID": "nonsense"}, "BAD_REQUEST"),
    ],
    ids=["syntax", "field", "two fields", "token", "variable", "last id"],
)
async def test_what_is_no_subscription_is_refused_in_json(
    http: httpx.AsyncClient, document: str, variables: dict[str, Any], headers: dict[str, str], code: str
) -> None:
    response = await http.post(
        "/graphql", json={"query": document, "variables": variables}, headers={**STREAM, **headers}
    )

    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/json; charset=utf-8")
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]


async def test_a_query_is_one_event_and_its_end(client: GraphQLClient) -> None:
    async with subscribed_to_query(client.http) as response:
        body = (await response.aread()).decode()

    assert body == 'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n'


def subscribed_to_query(http: httpx.AsyncClient) -> Any:
    return http.stream("GET", "/graphql", params={"query": "{ __typename }"}, headers=STREAM)


async def test_a_browsers_event_source_can_subscribe_by_get(client: GraphQLClient) -> None:
    async with client.http.stream(
        "GET", "/graphql", params={"query": "subscription { todoEvents { kind } }"}, headers=STREAM
    ) as response:
        lines = response.aiter_lines()
        while not (await anext(lines)).startswith("retry"):
            pass
        await client.create()
        while not (line := await anext(lines)).startswith("data"):
            pass

    assert line == 'data: {"data":{"todoEvents":{"kind":"CREATED"}}}'


URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (URQL, "application/graphql-response+json"),
        ("application/json, text/event-stream", "application/json"),
        ("text/event-stream, application/json", "text/event-stream"),
        ("application/json;q=0.5, text/event-stream", "text/event-stream"),
        ("text/event-stream;q=0, */*", "application/json"),
        ("*/*", "application/json"),
    ],
    ids=["urql", "json first", "stream first", "stream preferred", "no stream", "anything"],
)
async def test_who_lists_a_json_type_first_gets_json(http: httpx.AsyncClient, accept: str, content_type: str) -> None:
    response = await http.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})

    assert response.headers["Content-Type"].partition(";")[0] == content_type


async def test_a_subscription_is_not_answered_in_json(client: GraphQLClient) -> None:
    answer = await client.send("subscription { todoEvents { id } }")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_REQUEST"]
    assert "text/event-stream" in answer["errors"][0]["message"]


async def test_an_event_is_executed_once_for_all_who_select_the_same(client: GraphQLClient) -> None:
    since = await client.sync_token()
    async with AsyncExitStack() as stack:
        # Where they start makes no difference.
        streams = [
            await stack.enter_async_context(subscribed(client.http, since=token))
            for token in (since, None, since, None)
        ]
        other = await stack.enter_async_context(subscribed(client.http, "subscription { todoEvents { kind } }"))

        with counted() as statements:
            await client.create()
            heard = [await stream.todo_event() for stream in streams]
            await other.todo_event()

    assert all(event == heard[0] for event in heard)
    reads = [statement for statement in statements if statement.startswith("SELECT todos.id")]
    assert len(reads) == 1, "\n".join(statements)


async def test_a_mutation_cannot_be_asked_by_get_for_a_stream_either(client: GraphQLClient) -> None:
    mutation = 'mutation { todoCreate(input: {title: "x"}) { __typename } }'

    refused = await client.http.get("/graphql", params={"query": mutation}, headers=STREAM)
    stored = (await client.http.get("/todos")).json()

    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert refused.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
    assert stored == []


async def test_beyond_the_limit_no_stream_is_opened(database_url: str) -> None:
    async with running(settings_for(database_url, limit_subscriptions=1)) as http:
        async with subscribed(http), subscribed(http) as refused:
            assert refused.response.status_code == 503
            assert refused.response.headers["Retry-After"]
        async with asyncio.timeout(20):
            while True:  # The service hears a moment later that the first has gone.
                async with subscribed(http) as again:
                    if again.response.status_code == 200:
                        return
