"""How a service stops that others send requests to: it says so, and loses none."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests import loopback
from tests.process import Service, serving

pytestmark = pytest.mark.process


@pytest.fixture
def stopping(tmp_path: Path) -> Iterator[tuple[Service, httpx.Client]]:
    """A service that was told to stop, and takes its time."""
    with (
        serving(tmp_path, APP_DRAIN_SECONDS="30") as service,
        loopback.client(service.url) as client,
    ):
        service.signal(signal.SIGTERM)
        yield service, client


def until_unready(client: httpx.Client) -> httpx.Response:
    while (answer := client.get("/readyz")).is_success:
        pass
    return answer


def test_it_is_not_ready_and_still_answers(stopping: tuple[Service, httpx.Client]) -> None:
    _, client = stopping

    probe = until_unready(client)
    created = client.post("/todos", json={"title": "Milk"})
    alive = client.get("/livez")

    assert probe.status_code == 503
    assert probe.json() == {
        "status": "unready",
        "checks": {"drain": "The service is stopping: send requests elsewhere."},
    }
    assert (created.status_code, alive.status_code) == (201, 200)
    assert [answer.headers.get("Connection") for answer in (probe, created, alive)] == ["close"] * 3


def test_a_second_signal_stops_it_at_once(stopping: tuple[Service, httpx.Client]) -> None:
    service, client = stopping

    until_unready(client)
    service.signal(signal.SIGTERM)
    code, rest = service.wait()

    assert code == 0
    assert rest.endswith(" todo_gql.server: todo-gql has stopped\n")


@contextmanager
def writing(url: str) -> Iterator[tuple[list[int], threading.Event, threading.Event]]:
    """Create todos one after another, each on a new connection, until the service is gone."""
    statuses: list[int] = []
    has_written, was_told = threading.Event(), threading.Event()

    def write() -> None:
        while not was_told.is_set():
            answer = loopback.post(f"{url}/todos", json={"title": "Milk"})
            statuses.append(answer.status_code)
            has_written.set()
            if answer.headers.get("Connection") == "close":
                was_told.set()

    writer = threading.Thread(target=write)
    writer.start()
    yield statuses, has_written, was_told
    writer.join()


def test_no_request_is_lost_to_those_who_heed_it(tmp_path: Path) -> None:
    with serving(tmp_path, APP_DRAIN_SECONDS="5") as service:
        with writing(service.url) as (statuses, has_written, was_told):
            assert has_written.wait(20)
            service.signal(signal.SIGTERM)
            assert was_told.wait(20)
        code, _ = service.wait()

    assert set(statuses) == {201}
    assert code == 0
