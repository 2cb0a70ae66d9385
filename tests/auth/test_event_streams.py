"""Who asks for server-sent events, and for how long."""

import time

import httpx

from tests.auth.issuer import RunningIssuer
from tests.graphql.subscriptions.event_stream import subscribed


async def test_a_stream_needs_a_token(client: httpx.AsyncClient) -> None:
    async with subscribed(client) as reader:
        await reader.response.aread()

    assert reader.response.status_code == 401
    assert reader.response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_stream_needs_the_scope_to_read(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    async with subscribed(client, headers=steady_issuer.bearer(scope="todos.write")) as reader:
        await reader.response.aread()

    [error] = reader.response.json()["errors"]
    assert reader.response.status_code == 403
    assert error["message"] == "This needs the scope todos.read."
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_a_stream_ends_when_the_token_expires_and_goes_on_with_another(
    client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    headers = steady_issuer.bearer(sub="nora")
    expiry = time.time() + 2
    short = steady_issuer.bearer(sub="nora", exp=expiry)

    async with subscribed(client, headers=short) as reader:
        await client.post("/todos", json={"title": "Buy milk"}, headers=headers)
        first = await reader.next()
        rest = await reader.rest()
        ended_at = time.time()
    await client.post("/todos", json={"title": "Buy bread"}, headers=headers)
    async with subscribed(client, headers={**headers, "Last-Event-ID": str(first.id)}) as resumed:
        second = await resumed.todo_event()

    # No `complete` among the rest: the client knows that there is more.
    assert rest == []
    assert expiry <= ended_at < expiry + 5
    assert first.data["data"]["todoEvents"]["todo"] == {"title": "Buy milk"}
    assert second["todo"] == {"title": "Buy bread"}


async def test_who_is_late_for_a_stream_is_told_so(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    async with subscribed(client, headers=steady_issuer.bearer(exp=1_000_000_000)) as reader:
        await reader.response.aread()

    assert reader.response.status_code == 401
    assert reader.response.json()["errors"][0]["message"] == "The token has expired."
