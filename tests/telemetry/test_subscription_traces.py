"""Whole traces of subscriptions, and what their events are linked to."""

import sqlite3
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.graphql.client import GraphQLClient
from tests.graphql.subscriptions.event_stream import subscribed
from tests.graphql.subscriptions.web_socket import opened
from tests.telemetry.client import trace_id, watched
from tests.tools.otlp import OTLPReceiver, attributes, tree
from todo_gql.graphql.subscriptions import traces

FOLLOW = "subscription Follow { todoEvents { kind traceId todo { title } } }"
FOLLOW_FROM = "subscription Follow($since: SyncToken) { todoEvents(since: $since) { kind traceId todo { title } } }"
OTHER = "subscription Other { todoEvents { kind } }"
CREATE = 'mutation Add { todoCreate(input: {title: "Buy milk"}) { __typename } }'
DELIVERED = (
    "deliver TodoEvent [CONSUMER]\n"
    "  subscription Follow [INTERNAL]\n"
    "    resolve TodoEvent.todo [INTERNAL]\n"
    "      SELECT todos [CLIENT]"
)


async def create(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/graphql", json={"query": CREATE})


def named(spans: Iterable[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


def of_trace(spans: Iterable[Span], wanted: str) -> list[Span]:
    return [span for span in spans if span.trace_id.hex() == wanted]


def links(span: Span) -> list[tuple[bytes, bytes]]:
    return [(link.trace_id, link.span_id) for link in span.links]


def place(span: Span) -> tuple[bytes, bytes]:
    return span.trace_id, span.span_id


async def test_an_event_has_a_trace_linked_to_its_subscriber_and_to_the_change(
    database_url: str, receiver: OTLPReceiver
) -> None:
    async with watched(database_url) as client, subscribed(client, FOLLOW) as events:
        created = await create(client)
        heard = await events.todo_event()

    (delivery,) = named(receiver.spans, "deliver TodoEvent")
    (subscription,) = named(of_trace(receiver.spans, trace_id(events.response)), "subscription Follow")
    (mutation,) = named(receiver.spans, "mutation Add")
    assert heard["traceId"] == trace_id(created) == mutation.trace_id.hex()
    assert delivery.parent_span_id == b""
    assert links(delivery) == [place(mutation), place(subscription)]
    assert attributes(delivery) == {"todo_gql.subscribers": 1}
    assert tree(receiver.spans, delivery.trace_id.hex()) == DELIVERED
    where_the_log_stands = "SELECT sqlite_sequence" if database_url.startswith("sqlite") else "SELECT"
    assert tree(receiver.spans, trace_id(events.response)) == (
        "POST /graphql [SERVER]\n"
        "  subscription Follow [INTERNAL]\n"
        "    parse [INTERNAL]\n"
        "    validate [INTERNAL]\n"
        f"  {where_the_log_stands} [CLIENT]"
    )


async def test_an_event_is_linked_to_the_request_that_changed_something_through_rest(
    sqlite_path: Path, receiver: OTLPReceiver
) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client, subscribed(client, FOLLOW) as events:
        await client.post("/todos", json={"title": "Buy milk"})
        await events.todo_event()

    (delivery,) = named(receiver.spans, "deliver TodoEvent")
    (request,) = named(receiver.spans, "POST /todos")
    assert place(request) in links(delivery)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_trace_of_a_change_is_known_to_another_replica(database_url: str, receiver: OTLPReceiver) -> None:
    async with (
        watched(database_url) as writer,
        watched(database_url) as reader,
        subscribed(reader, FOLLOW) as events,
    ):
        await create(writer)
        await events.todo_event()

    (delivery,) = named(receiver.spans, "deliver TodoEvent")
    (mutation,) = named(receiver.spans, "mutation Add")
    assert place(mutation) in links(delivery)


async def test_a_change_whose_request_nobody_recorded_has_no_link(
    sqlite_path: Path, receiver: OTLPReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    async with watched(f"sqlite:///{sqlite_path}") as client:
        since = await GraphQLClient(client).sync_token()
        await create(client)
    monkeypatch.delenv("OTEL_TRACES_EXPORTER")

    async with (
        watched(f"sqlite:///{sqlite_path}") as client,
        subscribed(client, FOLLOW_FROM, since=since) as events,
    ):
        await events.todo_event()

    (delivery,) = named(receiver.spans, "deliver TodoEvent")
    (subscription,) = named(of_trace(receiver.spans, trace_id(events.response)), "subscription Follow")
    assert links(delivery) == [place(subscription)]


async def test_following_the_log_has_no_traces(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url) as client, subscribed(client, FOLLOW) as events:
        await create(client)
        await events.todo_event()

    roots = [span for span in receiver.spans if not span.parent_span_id]
    assert [span.name for span in roots if "todo_changes" in str(attributes(span))] == []


async def test_who_subscribed_to_the_same_shares_a_trace(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with (
        watched(f"sqlite:///{sqlite_path}") as client,
        subscribed(client, FOLLOW) as first,
        subscribed(client, FOLLOW) as second,
        subscribed(client, OTHER) as other,
    ):
        await create(client)
        for events in (first, second, other):
            await events.todo_event()

    deliveries = named(receiver.spans, "deliver TodoEvent")
    by_trace = {place(span)[0].hex(): [trace.hex() for trace, _ in links(span)][1:] for span in deliveries}
    shared = {trace_id(first.response), trace_id(second.response)}
    assert sorted(map(set, by_trace.values()), key=len) == [{trace_id(other.response)}, shared]
    assert sorted(attributes(span)["todo_gql.subscribers"] for span in deliveries) == [1, 2]


async def test_a_crowd_of_subscribers_does_not_drive_the_link_to_the_change_out(
    sqlite_path: Path, receiver: OTLPReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "MAX_LINKED", 2)

    async with watched(f"sqlite:///{sqlite_path}") as client, AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(subscribed(client, FOLLOW)) for _ in range(4)]
        await create(client)
        for events in crowd:
            await events.todo_event()

    (delivery,) = named(receiver.spans, "deliver TodoEvent")
    (mutation,) = named(receiver.spans, "mutation Add")
    assert links(delivery)[0] == place(mutation)
    assert len(links(delivery)) == 3
    assert attributes(delivery) == {"todo_gql.subscribers": 4}


async def test_what_is_not_sampled_is_delivered_without_a_span(
    sqlite_path: Path, receiver: OTLPReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")

    async with watched(f"sqlite:///{sqlite_path}") as client, subscribed(client, FOLLOW) as events:
        await create(client)
        heard = await events.todo_event()

    assert heard["todo"] == {"title": "Buy milk"}
    assert receiver.spans == []


async def test_an_operation_of_a_socket_has_a_trace_as_a_request_has(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client, opened(client) as socket:
        await socket.subscribe("1", FOLLOW_FROM, since=await GraphQLClient(client).sync_token())
        await socket.subscribe("2", CREATE)
        answers = [await socket.receive() for _ in range(3)]

    (event,) = [answer["payload"]["data"]["todoEvents"] for answer in answers if answer["id"] == "1"]
    (delivery,) = named(receiver.spans, "deliver TodoEvent")
    publisher, subscriber = (trace.hex() for trace, _ in links(delivery))
    assert event["traceId"] == publisher
    assert tree(receiver.spans, subscriber).startswith(
        "WebSocket /graphql [SERVER]\n  subscription Follow [INTERNAL]\n    parse [INTERNAL]\n    validate [INTERNAL]"
    )
    assert tree(receiver.spans, publisher) == (
        "WebSocket /graphql [SERVER]\n"
        "  mutation Add [INTERNAL]\n"
        "    parse [INTERNAL]\n"
        "    validate [INTERNAL]\n"
        "    resolve Mutation.todoCreate [INTERNAL]\n"
        "      INSERT todos [CLIENT]\n"
        "      INSERT todo_changes [CLIENT]"
    )


async def test_each_operation_of_a_socket_has_problems_of_its_own(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    unknown = 'mutation Remove { todoDelete(id: "x") { __typename } }'
    async with watched(f"sqlite:///{sqlite_path}") as client, opened(client) as socket:
        for number, document in enumerate((unknown, "{ nothing }", CREATE)):
            await socket.subscribe(str(number), document)
            answer = await socket.receive()
            if answer["type"] == "next":
                await socket.receive()

    servers = sorted(named(receiver.spans, "WebSocket /graphql"), key=lambda span: span.start_time_unix_nano)
    assert [attributes(span).get("todo_gql.problem.codes") for span in servers] == [
        ["NOT_FOUND"],
        ["GRAPHQL_VALIDATION_FAILED"],
        None,
    ]
    assert len({span.trace_id for span in servers}) == 3


async def test_an_event_that_fails_by_our_fault_names_its_trace(sqlite_path: Path, receiver: OTLPReceiver) -> None:
    async with watched(f"sqlite:///{sqlite_path}") as client, opened(client) as socket:
        since = await GraphQLClient(client).sync_token()
        with sqlite3.connect(sqlite_path) as connection:
            connection.execute(
                "INSERT INTO todo_changes (todo_id, kind, version, changed_fields, at) "
                "VALUES ('0198f00000007000800000000000abcd', 'CREATED', 1, '[]', '2026-11-23T08:00:00.000000+00:00')"
            )
            connection.execute("ALTER TABLE todos RENAME TO gone")
        await socket.subscribe("1", FOLLOW_FROM, since=since)
        answer = await socket.receive()

    (error,) = answer["payload"]["errors"]
    (delivery,) = named(receiver.spans, "deliver TodoEvent")
    assert error["extensions"] == {"code": "INTERNAL", "traceId": delivery.trace_id.hex()}
    assert tree(receiver.spans, delivery.trace_id.hex(), "todo_gql.problem.codes", "todo_gql.outcome") == (
        "deliver TodoEvent [CONSUMER] todo_gql.problem.codes=['INTERNAL']\n"
        "  subscription Follow [INTERNAL] ERROR todo_gql.outcome=failed\n"
        "    resolve TodoEvent.todo [INTERNAL] ERROR\n"
        "      SELECT todos [CLIENT] ERROR"
    )
