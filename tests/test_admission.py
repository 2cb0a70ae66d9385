"""More requests than can be answered at once: some wait, the others are told at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.server import serving, settings_for
from todo_gql.app import create_app

BUSY: Final = "The service has more to do than it can; try again."


class Gate:
    """A route that answers when it is told to, and a stream of events that never ends by itself."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self._entered = asyncio.Semaphore(0)

    async def answer(self, _: Request) -> Response:
        self._entered.release()
        await self.opened.wait()
        return Response("done")

    async def stream(self, _: Request) -> Response:
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def entered(self, count: int) -> None:
        """Return when so many requests are being answered."""
        for _ in range(count):
            await self._entered.acquire()

    async def _events(self) -> AsyncIterator[bytes]:
        yield b"event: next\n\n"
        await self.opened.wait()


async def break_down(_: Request) -> Response:
    raise RuntimeError


@asynccontextmanager
async def serving_gate(path: Path, *, places: int, waiting: int) -> AsyncIterator[tuple[Gate, httpx.AsyncClient]]:
    gate = Gate()
    app = create_app(settings_for(f"sqlite:///{path}", limit_requests=places, limit_waiting=waiting))
    app.router.routes += [Route("/gate", gate.answer), Route("/events", gate.stream), Route("/broken", break_down)]
    async with serving(app) as client:
        yield gate, client
        gate.opened.set()


async def test_what_is_beyond_those_that_work_and_wait_is_refused_at_once(sqlite_path: Path) -> None:
    async with serving_gate(sqlite_path, places=2, waiting=1) as (gate, client):
        working = [asyncio.create_task(client.get("/gate")) for _ in range(2)]
        await gate.entered(2)
        both = [asyncio.create_task(client.get("/gate")) for _ in range(2)]
        (refused,), (waiting,) = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        gate.opened.set()
        answers = await asyncio.gather(*working, waiting)

    assert refused.result().status_code == 503
    assert refused.result().headers["Retry-After"] == "1"
    assert [answer.status_code for answer in answers] == [200] * 3


async def test_the_refusal_has_the_form_of_each_api(sqlite_path: Path) -> None:
    async with serving_gate(sqlite_path, places=1, waiting=0) as (gate, client):
        working = asyncio.create_task(client.get("/gate"))
        await gate.entered(1)
        rest = await client.post("/todos", json={"title": "Milk"})
        graphql = await client.post("/graphql", json={"query": "{ __typename }"})
        gate.opened.set()
        await working

    assert rest.status_code == 503
    assert rest.headers["Content-Type"] == "application/problem+json"
    assert (rest.json()["code"], rest.json()["detail"]) == ("UNAVAILABLE", BUSY)
    assert graphql.status_code == 503
    assert graphql.headers["Retry-After"] == "1"
    assert [(error["extensions"]["code"], error["message"]) for error in graphql.json()["errors"]] == [
        ("UNAVAILABLE", BUSY)
    ]


async def test_probes_are_answered_meanwhile(sqlite_path: Path) -> None:
    async with serving_gate(sqlite_path, places=1, waiting=0) as (gate, client):
        working = asyncio.create_task(client.get("/gate"))
        await gate.entered(1)
        probes = [await client.get("/livez"), await client.get("/readyz")]
        gate.opened.set()
        await working

    assert [probe.status_code for probe in probes] == [200, 200]


async def test_nobody_waits_for_long(sqlite_path: Path) -> None:
    async with serving_gate(sqlite_path, places=1, waiting=1) as (gate, client):
        working = asyncio.create_task(client.get("/gate"))
        await gate.entered(1)
        waited = await client.get("/todos")
        gate.opened.set()
        await working
        afterwards = await client.get("/todos")

    assert waited.status_code == 503
    assert afterwards.status_code == 200


async def test_a_stream_of_events_holds_no_place(sqlite_path: Path) -> None:
    async with serving_gate(sqlite_path, places=1, waiting=0) as (gate, client):
        async with client.stream("GET", "/events") as stream:
            events = stream.aiter_bytes()
            await anext(events)
            meanwhile = await client.get("/todos")
            gate.opened.set()
            assert [chunk async for chunk in events] == []
        afterwards = await client.get("/todos")

    assert [answer.status_code for answer in (meanwhile, afterwards)] == [200, 200]


async def test_a_request_that_fails_leaves_its_place(sqlite_path: Path) -> None:
    async with serving_gate(sqlite_path, places=1, waiting=0) as (_, client):
        failed = await client.get("/broken")
        afterwards = await client.get("/todos")

    assert (failed.status_code, afterwards.status_code) == (500, 200)


async def test_a_slow_sender_holds_no_place(sqlite_path: Path) -> None:
    begun, more = asyncio.Event(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b'{"title": '
        begun.set()
        await more.wait()
        yield b'"Milk"}'

    async with serving_gate(sqlite_path, places=1, waiting=0) as (_, client):
        sending = asyncio.create_task(
            client.post("/todos", content=body(), headers={"Content-Type": "application/json"})
        )
        await begun.wait()
        meanwhile = await client.get("/todos")
        more.set()
        sent = await sending

    assert (meanwhile.status_code, sent.status_code) == (200, 201)
