"""What is measured of subscriptions."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.graphql.client import GraphQLClient
from tests.graphql.subscriptions.event_stream import subscribed
from tests.graphql.subscriptions.web_socket import opened
from tests.telemetry.client import watched
from tests.tools.otlp import OTLPReceiver, attributes, data_points
from todo_gql.telemetry import names
from todo_gql.telemetry.names import Metric

KIND = "subscription Kind($since: SyncToken) { todoEvents(since: $since) { kind } }"


def last_values(receiver: OTLPReceiver, metric: Metric) -> dict[str, Any]:
    """Give the last value for each transport."""
    found = [received for received in receiver.metrics if received.name == metric.name]
    return {attributes(point)["transport"]: point.as_int for point in data_points(found[-1])} if found else {}


async def test_open_subscriptions_are_counted_by_transport(
    sqlite_path: Path, receiver: OTLPReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "50")
    async with (
        watched(f"sqlite:///{sqlite_path}") as http,
        subscribed(http, KIND),
        subscribed(http, KIND),
        opened(http) as socket,
    ):
        await socket.subscribe("1", KIND)
        async with asyncio.timeout(20):
            while last_values(receiver, names.SUBSCRIPTIONS) != {"sse": 2, "websocket": 1}:
                await http.get("/livez")

    assert last_values(receiver, names.SUBSCRIPTIONS) == {"sse": 0, "websocket": 0}


async def test_an_event_counts_for_every_subscriber(database_url: str, receiver: OTLPReceiver) -> None:
    async with watched(database_url) as http, AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(subscribed(http, KIND)) for _ in range(3)]
        socket = await stack.enter_async_context(opened(http))
        await socket.subscribe("1", KIND, since=await GraphQLClient(http).sync_token())
        for number in range(2):
            await GraphQLClient(http).create(f"todo {number}")
        for stream in streams:
            await stream.todo_event()
            await stream.todo_event()
        await socket.receive()
        await socket.receive()

    assert last_values(receiver, names.EVENTS_DELIVERED) == {"sse": 6, "websocket": 2}


async def test_the_lag_of_live_events_is_measured_and_leads_to_their_traces(
    database_url: str, receiver: OTLPReceiver
) -> None:
    async with watched(database_url) as http:
        client = GraphQLClient(http)
        since = await client.sync_token()
        await client.create("missed")
        async with subscribed(http, KIND, since=since) as events:
            await events.todo_event()
            await client.create("live")
            await events.todo_event()
            # It is measured once it was sent: by then whoever leaves with the last one has left.
            await client.create("last")
            await events.todo_event()

    (metric,) = [metric for metric in receiver.metrics if metric.name == names.EVENTS_LAG.name]
    (point,) = metric.histogram.data_points
    deliveries = {span.trace_id for span in receiver.spans if span.name == "deliver TodoEvent"}
    assert point.count in {1, 2}
    assert 0 < point.sum < 20
    assert len(deliveries) == 3
    assert {exemplar.trace_id for exemplar in point.exemplars} <= deliveries
    assert point.exemplars
