"""What each caller may ask for.

A quota of 6 fills up by one token in ten seconds, one of 30 in two: while a test looks, by none.
"""

import asyncio
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.graphql.subscriptions.event_stream import subscribed
from tests.graphql.subscriptions.web_socket import opened
from tests.rest.conftest import hold_against_openapi
from tests.shell.conftest import Serve

SIX = {"rate_limit": 6}
THIRTY = {"rate_limit": 30}
EVENTS = "subscription { todoEvents { kind } }"
NOTHING = "{ __typename }"


def left(response: httpx.Response) -> int:
    """Read how many tokens are left."""
    return int(response.headers["RateLimit"].split("r=")[1].split(";")[0])


def code_of(response: httpx.Response) -> str:
    body: Any = response.json()
    return str(body["errors"][0]["extensions"]["code"] if "errors" in body else body["code"])


async def ask(client: httpx.AsyncClient, document: str, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": document}, headers=headers)


async def spend_all(client: httpx.AsyncClient) -> None:
    while left(await client.get("/nowhere")):
        pass


async def test_nobody_counts_by_default(client: httpx.AsyncClient) -> None:
    response = await client.get("/todos")

    assert "RateLimit" not in response.headers
    assert "RateLimit-Policy" not in response.headers


async def test_every_answer_tells_what_is_left(serve: Serve) -> None:
    async with serve(rate_limit=6) as client:
        first = await client.get("/nowhere")
        second = await client.get("/todos")

    assert first.headers["RateLimit-Policy"] == '"cost";q=6;w=60'
    assert first.headers["RateLimit"] == '"cost";r=5;t=10'
    assert second.headers["RateLimit"] == '"cost";r=4;t=20'


async def test_who_has_nothing_left_is_refused_in_rest_as_described(serve: Serve) -> None:
    async with serve(**SIX) as client:
        await hold_against_openapi(client)
        answers = [await client.get("/todos") for _ in range(5)]
        refused = await client.get("/todos")
        still = await client.post("/todos", json={"title": "x"})

    assert [answer.status_code for answer in answers] == [200] * 5
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["RateLimit"] == '"cost";r=0;t=60'
    assert {**refused.json(), "traceId": ""} == {
        "type": "/openapi.json#/components/examples/RATE_LIMITED",
        "title": "Too much was asked for",
        "status": 429,
        "detail": "You have asked for more than you may in a minute; wait.",
        "instance": "/todos",
        "code": "RATE_LIMITED",
        "traceId": "",
        "error": "You have asked for more than you may in a minute; wait.",
    }
    # Asking in vain costs nothing: who waits is let in.
    assert (still.status_code, still.headers["Retry-After"]) == (429, "10")


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "text/event-stream"])
async def test_who_has_nothing_left_is_refused_in_graphql(serve: Serve, accept: str) -> None:
    async with serve(**SIX) as client:
        await spend_all(client)
        refused = await ask(client, EVENTS, Accept=accept)

    assert (refused.status_code, code_of(refused)) == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == "10"


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        (NOTHING, 0),
        ("{ service { version } }", 1),
        ("{ todos(first: 20) { nodes { id } } }", 21),
        ("{ todos(first: 4) { nodes { dependents(first: 3) { nodes { id } } } } }", 1 + 4 * (1 + 1 + 3)),
        ('mutation { todoBulk(operations: [{delete: {id: "x"}}, {delete: {id: "y"}}]) { __typename } }', 2),
        ("{ nonsense }", 0),
        ("{ todos(first: 100) { nodes { dependencies { dependencies { dependencies { id } } } } } }", 0),
    ],
    ids=["nothing", "service", "page", "nested pages", "bulk", "not valid", "too costly"],
)
async def test_a_graphql_operation_costs_what_it_can_resolve(serve: Serve, document: str, cost: int) -> None:
    async with serve(**THIRTY) as client:
        response = await ask(client, document)

    assert left(response) == 30 - 1 - cost


async def test_a_list_costs_its_todos_and_an_unchanged_one_nothing(serve: Serve) -> None:
    async with serve(**THIRTY) as client:
        for number in range(3):
            await client.post("/todos", json={"title": str(number)})
        whole = await client.get("/todos")
        after_whole = left(await client.get("/nowhere"))
        page = await client.get("/todos?limit=2")
        unchanged = await client.get("/todos", headers={"If-None-Match": whole.headers["ETag"]})

    assert after_whole == 30 - 3 - (1 + 3) - 1
    assert left(page) == after_whole - (1 + 2)
    assert (unchanged.status_code, left(unchanged)) == (304, left(page) - 1)


async def test_what_costs_more_than_is_left_is_done_and_owed(serve: Serve) -> None:
    async with serve(**SIX) as client:
        done = await ask(client, "{ todos(first: 8) { nodes { id } } }")
        refused = await ask(client, NOTHING)

    assert (done.status_code, left(done)) == (200, 0)
    # Six less ten: four are owed, and one more is needed.
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "50")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_probes_are_answered_always_and_cost_nothing(serve: Serve, path: str) -> None:
    async with serve(**SIX) as client:
        probes = [await client.get(path) for _ in range(10)]
        await spend_all(client)
        probes.append(await client.get(path))

    assert {probe.status_code for probe in probes} == {200}


async def test_a_preflight_costs_nothing(serve: Serve) -> None:
    preflight = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}

    async with serve(**SIX, cors_origins="https://app.example.com") as client:
        for _ in range(10):
            await client.options("/graphql", headers=preflight)
        response = await client.get("/todos")

    assert left(response) == 5


async def test_a_body_is_not_read_from_who_has_nothing_left(serve: Serve) -> None:
    async with serve(**SIX, limit_body=1024) as client:
        await spend_all(client)
        response = await client.post("/todos", content=b"x" * 2048)

    assert response.status_code == 429


class TestSockets:
    async def test_opening_one_costs_a_token(self, serve: Serve) -> None:
        async with serve(**SIX) as client, opened(client, initialised=False):
            response = await client.get("/nowhere")

        assert left(response) == 6 - 1 - 1

    async def test_nobody_opens_one_with_nothing_left(self, serve: Serve) -> None:
        async with serve(**SIX) as client:
            await spend_all(client)
            with pytest.raises(InvalidStatus) as refused:
                async with opened(client):
                    pass

        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"] == "10"

    async def test_each_message_costs_a_token_and_each_operation_what_it_can_resolve(self, serve: Serve) -> None:
        async with serve(**THIRTY) as client, opened(client) as socket:
            await socket.send({"type": "ping"})
            await socket.receive()
            await socket.subscribe("1", "{ todos(first: 10) { nodes { id } } }")
            await socket.receive()
            response = await client.get("/nowhere")

        handshake, initialisation, ping, subscribe = 1, 1, 1, 1 + 11
        assert left(response) == 30 - handshake - initialisation - ping - subscribe - 1

    async def test_an_operation_is_refused_and_the_socket_stays(self, serve: Serve) -> None:
        async with serve(**SIX) as client, opened(client) as socket:
            await spend_all(client)
            await socket.subscribe("1", NOTHING)
            refused = await socket.receive()
            await socket.send({"type": "ping"})
            pong = await socket.receive()

        assert (refused["id"], refused["type"], pong) == ("1", "error", {"type": "pong"})
        assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        # What was asked for in vain is owed here: no client asks again before it is told to.
        assert refused["payload"][0]["extensions"]["retryAfter"] == 10

    @pytest.mark.parametrize(
        "message",
        [{"type": "ping"}, {"type": "subscribe", "payload": {"query": NOTHING}}],
        ids=["pings", "operations"],
    )
    async def test_a_flood_ends_the_socket_with_the_code_after_which_clients_wait(
        self, serve: Serve, message: dict[str, object]
    ) -> None:
        async with serve(**SIX) as client, opened(client) as socket:
            for number in range(20):
                await socket.send({**message, "id": str(number)})

            assert (await socket.closed())[0] == 1013

    async def test_what_a_stream_catches_up_with_costs_its_events(self, serve: Serve) -> None:
        async with serve(**THIRTY) as client:
            token = (await ask(client, "{ todos { syncToken } }")).json()["data"]["todos"]["syncToken"]
            for number in range(5):
                await client.post("/todos", json={"title": str(number)})
            before = left(await client.get("/nowhere"))
            async with subscribed(client, since=token) as events:
                for _ in range(5):
                    await events.next()
                after = left(await client.get("/nowhere"))

        subscription = 1 + 1 + 1
        assert before - after == subscription + 5 + 1


class TestCallers:
    async def ask_for(self, client: httpx.AsyncClient, address: str) -> int:
        response = await client.get("/nowhere", headers={"X-Forwarded-For": address})
        return left(response)

    @pytest.mark.parametrize(
        ("first", "second", "left"),
        [
            ("203.0.113.1", "203.0.113.1", 4),
            ("203.0.113.1", "203.0.113.2", 5),
            ("203.0.113.1", "203.0.113.1:49152", 4),
            ("203.0.113.1", "::ffff:203.0.113.1", 4),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", 4),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", 5),
            ("2001:db8:0:1::1", "[2001:db8:0:1::2]:443", 4),
            # A caller can write whatever it likes before what the trusted proxy has added.
            ("203.0.113.1", "198.51.100.7, 203.0.113.1", 4),
            ("203.0.113.1", "198.51.100.7, 203.0.113.1, 127.0.0.1", 4),
            ("not an address", "nor this", 4),
        ],
    )
    async def test_a_caller_is_the_last_address_that_no_trusted_proxy_has(
        self, serve: Serve, first: str, second: str, left: int
    ) -> None:
        async with serve(**SIX, trusted_proxies="127.0.0.1") as client:
            await self.ask_for(client, first)

            assert await self.ask_for(client, second) == left

    @pytest.mark.parametrize("settings", [{}, {"trusted_proxies": "10.0.0.0/8"}], ids=["no one is", "another one is"])
    async def test_nobody_who_is_not_trusted_changes_who_they_are(
        self, serve: Serve, settings: dict[str, object]
    ) -> None:
        async with serve(**SIX, **settings) as client:
            await self.ask_for(client, "203.0.113.1")

            assert await self.ask_for(client, "203.0.113.2") == 4

    async def test_one_caller_uses_up_nothing_of_anothers(self, serve: Serve) -> None:
        async with serve(**SIX, trusted_proxies="127.0.0.1") as client:
            greedy = {"X-Forwarded-For": "203.0.113.1"}
            async with asyncio.TaskGroup() as group:
                for _ in range(20):
                    group.create_task(client.get("/todos", headers=greedy))

            refused = await client.get("/todos", headers=greedy)
            answered = await client.get("/todos", headers={"X-Forwarded-For": "203.0.113.2"})

        assert (refused.status_code, answered.status_code) == (429, 200)
