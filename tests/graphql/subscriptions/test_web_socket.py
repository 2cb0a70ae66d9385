"""Subscriptions over WebSocket."""

import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.graphql.client import GraphQLClient
from tests.graphql.subscriptions.event_stream import EVENTS
from tests.graphql.subscriptions.web_socket import opened
from tests.server import running, settings_for
from todo_gql.graphql.subscriptions import socket as socket_module

KINDS = "subscription ($since: SyncToken) { todoEvents(since: $since) { kind } }"


@pytest.fixture
async def http(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(database_url)) as http:
        yield http


@pytest.fixture
async def sqlite_http(sqlite_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(f"sqlite:///{sqlite_path}")) as http:
        yield http


@pytest.fixture
def client(http: httpx.AsyncClient) -> GraphQLClient:
    return GraphQLClient(http)


async def test_a_subscription_is_sent_what_it_missed_and_what_happens(client: GraphQLClient) -> None:
    since = await client.sync_token()
    missed = await client.create("missed")

    async with opened(client.http) as socket:
        await socket.subscribe("one", EVENTS, since=since)
        first = await socket.receive()
        live = await client.create("live")
        second = await socket.receive()

    events = [message["payload"]["data"]["todoEvents"] for message in (first, second)]
    assert [(message["id"], message["type"]) for message in (first, second)] == [("one", "next")] * 2
    assert [event["todoId"] for event in events] == [missed, live]


async def test_who_subscribes_while_a_todo_is_created_hears_of_it_once(client: GraphQLClient) -> None:
    since = await client.sync_token()
    async with opened(client.http) as socket:
        for number in range(20):
            await socket.subscribe(str(number), EVENTS, since=since)
        # Not all of them have joined by now.
        made = [await client.create("meanwhile"), await client.create("afterwards")]
        heard: dict[str, list[str]] = defaultdict(list)
        while len(heard) < 20 or any(made[1] not in of_one for of_one in heard.values()):
            message = await socket.receive()
            heard[message["id"]].append(message["payload"]["data"]["todoEvents"]["todoId"])

    assert list(heard.values()) == [made] * 20


async def test_operations_of_one_socket_run_side_by_side(client: GraphQLClient) -> None:
    since = await client.sync_token()
    async with opened(client.http) as socket:
        await socket.subscribe("a", KINDS, since=since)
        await socket.subscribe("b", KINDS, since=since)
        await socket.subscribe("query", "{ __typename }")
        await socket.subscribe("bad", "{ nonsense }")
        await socket.subscribe("mutation", 'mutation { todoCreate(input: {title: "x"}) { __typename } }')
        messages = [await socket.receive() for _ in range(7)]
        await socket.send({"id": "a", "type": "complete"})
        await socket.subscribe("a", KINDS, since=since)
        again = await socket.receive()

    by_id = {(message["id"], message["type"]) for message in messages}
    assert by_id == {
        ("a", "next"),
        ("b", "next"),
        ("query", "next"),
        ("query", "complete"),
        ("bad", "error"),
        ("mutation", "next"),
        ("mutation", "complete"),
    }
    assert (again["id"], again["payload"]) == ("a", {"data": {"todoEvents": {"kind": "CREATED"}}})


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }", {}, "GRAPHQL_VALIDATION_FAILED"),
        (KINDS, {"since": "nonsense"}, "BAD_USER_INPUT"),
        (KINDS, {"since": "YXQ7MTAwMDAwMDAwMDAwMDA6MTAwMDAwMDAwMDAwMDA6"}, "SYNC_RESET"),
    ],
    ids=["syntax", "field", "token", "reset"],
)
async def test_what_is_wrong_with_an_operation_ends_that_operation(
    client: GraphQLClient, query: str, variables: dict[str, str], code: str
) -> None:
    async with opened(client.http) as socket:
        await socket.subscribe("one", query, **variables)
        refused = await socket.receive()
        await socket.send({"type": "ping"})
        pong = await socket.receive()

    assert (refused["id"], refused["type"]) == ("one", "error")
    assert [error["extensions"]["code"] for error in refused["payload"]] == [code]
    assert pong == {"type": "pong"}


SUBSCRIBE = {"id": "1", "type": "subscribe", "payload": {"query": "{ __typename }"}}
MALFORMED = {
    "no JSON": "{",
    "a number": "5",
    "a string": '"connection_init"',
    "null": "null",
    "a list": "[]",
    "no type": "{}",
    "type is null": '{"type": null}',
    "type is a list": '{"type": []}',
    "type is an object": '{"type": {}}',
    "unknown type": '{"type": "next", "id": "1"}',
    "deeply nested": "[" * 30_000,
    "a long type": json.dumps({"type": "x" * 60_000}),
    "payload is a list": '{"type": "ping", "payload": []}',
    "subscribe without id": '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
    "id is a number": json.dumps({**SUBSCRIBE, "id": 1}),
    "id is empty": json.dumps({**SUBSCRIBE, "id": ""}),
    "no payload": '{"type": "subscribe", "id": "1"}',
    "payload is a string": json.dumps({**SUBSCRIBE, "payload": "{ __typename }"}),
    "query is missing": json.dumps({**SUBSCRIBE, "payload": {}}),
    "query is a number": json.dumps({**SUBSCRIBE, "payload": {"query": 5}}),
    "variables are a list": json.dumps({**SUBSCRIBE, "payload": {"query": "{ __typename }", "variables": []}}),
    "complete without id": '{"type": "complete"}',
    "NaN": '{"type": NaN}',
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=list(MALFORMED))
async def test_a_malformed_message_closes_the_socket_with_4400(
    sqlite_http: httpx.AsyncClient, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(sqlite_http) as socket:
        await socket.connection.send(text)
        code, reason = await socket.closed()

    assert code == 4400
    assert 0 < len(reason.encode()) <= 123
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_bytes_close_the_socket_with_4400(sqlite_http: httpx.AsyncClient) -> None:
    async with opened(sqlite_http) as socket:
        await socket.connection.send(b'{"type": "ping"}')

        assert (await socket.closed())[0] == 4400


async def test_a_message_of_more_than_64_kib_closes_the_socket(sqlite_http: httpx.AsyncClient) -> None:
    async with opened(sqlite_http) as socket:
        await socket.connection.send(json.dumps({"type": "ping", "payload": {"x": "x" * 65_536}}))

        assert (await socket.closed())[0] == 1009


@pytest.mark.parametrize("operation_id", ["one", "ü" * 200, "\ud800"], ids=["short", "long", "surrogate"])
async def test_an_id_is_for_one_operation_at_a_time(sqlite_http: httpx.AsyncClient, operation_id: str) -> None:
    async with opened(sqlite_http) as socket:
        await socket.subscribe(operation_id, KINDS)
        await socket.subscribe(operation_id, KINDS)
        code, reason = await socket.closed()

    assert code == 4409
    assert reason.startswith("Subscriber for ")
    assert len(reason.encode()) <= 123


async def test_the_socket_must_be_initialised_first_and_once(sqlite_http: httpx.AsyncClient) -> None:
    async with opened(sqlite_http, initialised=False) as early:
        await early.send(SUBSCRIBE)
        unauthorized = await early.closed()
    async with opened(sqlite_http) as twice:
        await twice.send({"type": "connection_init"})
        too_many = await twice.closed()

    assert (unauthorized[0], too_many[0]) == (4401, 4429)


async def test_a_socket_that_is_not_initialised_in_time_is_closed(
    sqlite_http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "INIT_TIMEOUT_S", 0.1)
    async with opened(sqlite_http, initialised=False) as silent:
        await silent.send({"type": "ping"})

        assert (await silent.closed())[0] == 4408


async def test_other_subprotocols_are_refused(sqlite_http: httpx.AsyncClient) -> None:
    async with opened(sqlite_http, initialised=False, subprotocol="graphql-ws") as socket:
        assert (await socket.closed())[0] == 4406


async def test_a_page_of_another_site_gets_no_socket(sqlite_http: httpx.AsyncClient) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(sqlite_http, origin="https://elsewhere.example"):
            pass
    async with opened(sqlite_http, origin=str(sqlite_http.base_url).rstrip("/")):
        pass

    assert refused.value.response.status_code == 403


async def test_a_socket_has_at_most_20_operations_at_once(client: GraphQLClient) -> None:
    since = await client.sync_token()
    async with opened(client.http) as socket:
        for number in range(21):
            await socket.subscribe(str(number), KINDS, since=since)
        refused = await socket.receive()
        await client.create()
        heard = {(await socket.receive())["id"] for _ in range(20)}

    assert (refused["id"], refused["type"]) == ("20", "error")
    assert heard == {str(number) for number in range(20)}


async def test_beyond_the_limit_a_socket_is_told_to_come_back(database_url: str) -> None:
    async with (
        running(settings_for(database_url, limit_subscriptions=1)) as http,
        opened(http) as socket,
        opened(http, initialised=False) as another,
    ):
        await socket.subscribe("one", KINDS)
        no_socket = await another.closed()
        await socket.subscribe("two", KINDS)
        no_stream = await socket.closed()

    assert (no_socket[0], no_stream[0]) == (1013, 1013)


async def test_whatever_is_sent_the_service_closes_politely_and_goes_on(
    sqlite_http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    client = GraphQLClient(sqlite_http)
    since = await client.sync_token()
    await client.create("missed")
    for _ in range(20):
        # Gone without a word, in the middle of things.
        async with opened(sqlite_http) as socket:
            for number in range(5):
                await socket.subscribe(str(number), KINDS, since=since)
            await client.create("live")
            socket.connection.transport.abort()
    async with opened(sqlite_http) as socket:
        await socket.subscribe("one", "{ __typename }")
        answer = await socket.receive()

    assert answer["type"] == "next"
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
