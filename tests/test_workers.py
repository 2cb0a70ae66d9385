"""Several processes on one port: one that is killed loses nothing that was acknowledged, and is replaced."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest

from tests import loopback
from tests.command import call
from tests.faults.ledger import WRITERS, writing
from tests.graphql.subscriptions.event_stream import subscribed
from tests.process import Service, run, serving
from tests.tools.otlp import attributes, receiving

pytestmark = pytest.mark.process

ON_POSTGRESQL: Final = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """A service of three workers, all of which can answer."""
    with serving(tmp_path, APP_DATABASE_URL=database_url, APP_WORKERS="3") as service:
        until_all_listen(3, service)
        yield service


def workers_of(service: Service) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()]


def until_there_are(count: int, service: Service, *, without: int | None = None) -> None:
    deadline = time.monotonic() + 30
    while len(workers := workers_of(service)) != count or without in workers:
        assert time.monotonic() < deadline, workers
        time.sleep(0.05)


def until_all_listen(count: int, service: Service) -> None:
    deadline = time.monotonic() + 30
    while sum(" listens on " in line for line in service.said) < count:
        assert time.monotonic() < deadline, service.said
        time.sleep(0.05)


def until_ended(pids: list[int]) -> None:
    deadline = time.monotonic() + 30
    while alive := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, alive
        time.sleep(0.05)


@ON_POSTGRESQL
async def test_one_that_is_killed_loses_nothing_and_is_replaced(service: Service) -> None:
    async with loopback.async_client(service.url, timeout=30) as client:
        async with writing(client) as ledger:
            for _ in range(3):
                await ledger.grow_by(2 * WRITERS)
                killed = workers_of(service)[0]
                os.kill(killed, signal.SIGKILL)
                await asyncio.to_thread(until_there_are, 3, service, without=killed)
            await ledger.grow_by(2 * WRITERS)
        audit = await ledger.audit(client)

    assert audit.lost == audit.doubled == ()
    # What it was working on has no answer; whatever else is asked has.
    assert len(audit.failed) <= 3 * WRITERS
    assert all("Error" in failure for failure in audit.failed), audit


@ON_POSTGRESQL
async def test_each_hears_of_what_any_of_them_wrote(service: Service) -> None:
    async with AsyncExitStack() as stack:
        # Connections of their own, so that not all of them are one worker's.
        clients = [await stack.enter_async_context(loopback.async_client(service.url)) for _ in range(12)]
        followers = [await stack.enter_async_context(subscribed(client)) for client in clients]
        for follower in followers:
            await follower.opened()

        created = await clients[0].post("/todos", json={"title": "Milk"})
        heard = [await follower.todo_event() for follower in followers]

    assert {event["todoId"] for event in heard} == {created.json()["id"]}


@ON_POSTGRESQL
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_of_them(number: signal.Signals, service: Service) -> None:
    workers = workers_of(service)

    service.signal(number)
    code, rest = service.wait()

    assert code == 0
    assert rest.count("todo-gql has stopped") == 3
    assert "Traceback" not in rest
    until_ended(workers)


@ON_POSTGRESQL
def test_they_do_not_outlive_the_process_that_watches_over_them(service: Service) -> None:
    workers = workers_of(service)

    service.signal(signal.SIGKILL)

    until_ended(workers)


@ON_POSTGRESQL
def test_each_tells_its_own_telemetry(database_url: str, tmp_path: Path) -> None:
    with receiving() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.grpc_address, "APP_WORKERS": "2"}
        with serving(tmp_path, APP_DATABASE_URL=database_url, **settings) as service:
            until_all_listen(2, service)
            answers = [loopback.get(f"{service.url}/todos") for _ in range(20)]
            service.signal(signal.SIGTERM)
            code, rest = service.wait()

    assert (code, "Traceback" in rest) == (0, False)
    assert len({attributes(resource)["service.instance.id"] for resource in receiver.resources}) == 2
    asked = {answer.headers["traceresponse"].split("-")[1] for answer in answers}
    assert len(asked) == 20
    assert {span.trace_id.hex() for span in receiver.spans if span.name == "GET /todos"} == asked


def test_what_keeps_them_from_serving_is_said_once(empty_postgresql_url: str, tmp_path: Path) -> None:
    done = run(tmp_path, "serve", APP_PORT="0", APP_DATABASE_URL=empty_postgresql_url, APP_WORKERS="3")

    assert done.returncode == 1
    assert done.stderr == "todo-gql: The database is empty: run `todo-gql migrate`.\n"


def test_sqlite_is_for_one_process(tmp_path: Path) -> None:
    done = call(tmp_path, "serve", APP_PORT="0", APP_WORKERS="2")

    assert done.returncode == 2
    assert done.stderr == "todo-gql: APP_WORKERS must be 1 on SQLite, which is for one process: use PostgreSQL.\n"
