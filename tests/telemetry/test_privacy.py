"""Nothing that a caller typed leaves the service by its telemetry or its log."""

import logging
from typing import Any

import httpx
import pytest

from tests.graphql.subscriptions.event_stream import subscribed
from tests.graphql.subscriptions.web_socket import opened
from tests.telemetry.client import watched
from tests.tools.otlp import OTLPReceiver
from todo_gql.telemetry.logs import LogFormat, set_up_logging

SECRET = "xyzzy1337"
ID = "0198f000-0000-7000-8000-000000000000"
DOCUMENTS = [
    f'{{ {SECRET}: todos(filter: {{search: "{SECRET}"}}) {{ nodes {{ title }} }} }}',
    f'{{ {SECRET}: todos(after: "{SECRET}") {{ nodes {{ title }} }} }}',
    f'{{ todo(id: "{SECRET}") {{ title }} }}',
    f"{{ {SECRET} }}",
    f"{{ {SECRET}",
    SECRET,
    f'mutation {{ todoCreate(input: {{title: "{SECRET}", description: "{SECRET}"}}) {{ __typename }} }}',
    f'mutation {{ todoCreate(input: {{title: "{SECRET}{"x" * 200}"}}) {{ __typename }} }}',
    f'mutation {{ todoDelete(id: "{SECRET}") {{ __typename }} }}',
    f'mutation {{ todoBulk(operations: [{{create: {{title: "{SECRET}"}}}}]) {{ __typename }} }}',
    f'query ($x: Int = "{SECRET}") {{ todos(first: $x) {{ nodes {{ title }} }} }}',
]
SUBSCRIPTIONS = [
    f"subscription ($since: SyncToken) {{ {SECRET}: todoEvents(since: $since) {{ kind {SECRET}: todo {{ title }} }} }}",
    f'subscription ($since: SyncToken) {{ todoEvents(since: $since, todoId: "{SECRET}") {{ kind }} }}',
    f'subscription {{ todoEvents(since: "{SECRET}") {{ kind }} }}',
    f"subscription {{ todoEvents {{ {SECRET} }} }}",
    f"subscription {{ {SECRET}",
]
MESSAGES: list[Any] = [
    {"type": "ping", "payload": {SECRET: SECRET}},
    {"type": "subscribe", "id": SECRET, "payload": {"query": DOCUMENTS[0], "variables": {SECRET: SECRET}}},
    {"type": "complete", "id": SECRET},
    {"type": SECRET, SECRET: SECRET},
]
BODIES: list[Any] = [{"title": SECRET, "description": SECRET}, {SECRET: SECRET}, SECRET, {"title": SECRET * 50}]


async def use_every_route(client: httpx.AsyncClient) -> None:
    """Write the secret wherever something can be written."""
    client.headers["Authorization"] = f"Bearer {SECRET}"
    client.headers["Cookie"] = f"session={SECRET}"
    client.headers["Idempotency-Key"] = SECRET
    client.headers["Referer"] = f"http://{SECRET}"
    client.headers["Forwarded"] = f"for={SECRET}"
    for document in DOCUMENTS:
        await client.post("/graphql", json={"query": document})
        await client.post("/graphql", json={"query": document, "operationName": SECRET, "variables": {"x": SECRET}})
        await client.get("/graphql", params={"query": document})
    await client.post("/graphql", content=SECRET, headers={"Content-Type": SECRET})
    for path in ("/todos", f"/todos/{ID}", f"/todos/{SECRET}", f"/{SECRET}", f"/graphql/{SECRET}", "/todos/"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            for body in BODIES:
                await client.request(method, f"{path}?q={SECRET}&cursor={SECRET}", json=body)
                await client.request(method, path, json=body, headers={"If-Match": f'"{SECRET}"'})
    await client.put(f"/todos/{ID}", json={"title": SECRET})
    await client.get(f"/todos/{ID}?simulate_error=500&x={SECRET}")
    await client.get("/readyz", params={"q": SECRET})
    await client.get(f"/graphql/assets/{SECRET}", headers={"Host": SECRET})


async def subscribe_by_every_way(client: httpx.AsyncClient) -> None:
    """Write the secret wherever a subscriber can, and hear of todos that hold it."""
    token = (await client.post("/graphql", json={"query": "{ todos { syncToken } }"})).json()["data"]["todos"]
    since = token["syncToken"]
    create = {"query": f'mutation {{ todoCreate(input: {{title: "{SECRET}"}}) {{ __typename }} }}'}
    await client.post("/graphql", json=create)
    async with (
        subscribed(client, SUBSCRIPTIONS[0], since=since) as events,
        opened(client) as socket,
    ):
        await socket.subscribe(SECRET, SUBSCRIPTIONS[0], since=since)
        await client.post("/graphql", json=create)
        for _ in range(2):
            assert SECRET in str(await events.next())
            assert SECRET in str(await socket.receive())
    for document in SUBSCRIPTIONS[1:]:
        async with subscribed(client, document, headers={"Last-Event-ID": SECRET}):
            pass
        async with opened(client) as socket:
            await socket.subscribe(SECRET, document, since=since)
            await socket.send(MESSAGES[0])
            await socket.receive()
    for message in MESSAGES:
        async with opened(client) as socket:
            await socket.send(message)
            await socket.send({"type": SECRET})
            await socket.closed()
    async with opened(client, initialised=False) as socket:
        await socket.connection.send(SECRET)
        await socket.closed()


@pytest.mark.parametrize("log_format", LogFormat)
async def test_nothing_that_was_typed_is_exported_or_logged(
    log_format: LogFormat, database_url: str, receiver: OTLPReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    set_up_logging(log_format)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # The test's own client tells what it asks for.
    try:
        async with watched(database_url, fault_injection=True) as client:
            await use_every_route(client)
            await subscribe_by_every_way(client)
            stored = (await client.get("/todos")).text
    finally:
        root.handlers = handlers
        root.setLevel(level)

    logged = capsys.readouterr().err
    assert SECRET in stored
    assert "uvicorn.access" in logged
    assert {"deliver TodoEvent", "WebSocket /graphql"} <= {span.name for span in receiver.spans}
    assert receiver.spans
    assert receiver.metrics
    assert receiver.logs
    assert SECRET not in logged
    assert SECRET not in receiver.text
