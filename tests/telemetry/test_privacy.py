"""Nothing that a caller typed leaves the service by its telemetry or its log."""

import logging
from typing import Any

import httpx
import pytest

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
            stored = (await client.get("/todos")).text
    finally:
        root.handlers = handlers
        root.setLevel(level)

    logged = capsys.readouterr().err
    assert SECRET in stored
    assert "uvicorn.access" in logged
    assert receiver.spans
    assert receiver.metrics
    assert receiver.logs
    assert SECRET not in logged
    assert SECRET not in receiver.text
