"""The examples that follow the service are stopped, cut off and sent to another database, and know all at the end."""

import json
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest

from tests import loopback
from tests.examples.test_examples import ENVIRONMENT, EXAMPLES, output_of
from tests.process import Service, serving

pytestmark = pytest.mark.process


def create(service: Service, title: str) -> str:
    response = loopback.post(f"{service.url}/todos", json={"title": title})
    return str(response.raise_for_status().json()["id"])


def mirrored(service: Service, path: Path) -> list[str]:
    """Run the program that keeps a copy, and give what it prints."""
    return output_of(sys.executable, EXAMPLES / "python/mirror.py", service.url, path).splitlines()


def test_a_copy_takes_up_what_has_changed_since_the_last_run(tmp_path: Path) -> None:
    path = tmp_path / "copy.json"
    with serving(tmp_path) as service:
        flour, yeast = create(service, "Buy flour"), create(service, "Buy yeast")
        first = mirrored(service, path)
        loopback.put(f"{service.url}/todos/{flour}", json={"title": "Buy rye flour"}).raise_for_status()
        loopback.delete(f"{service.url}/todos/{yeast}").raise_for_status()
        second = mirrored(service, path)
        third = mirrored(service, path)

    assert (first[:-1], first[-1]) == (["changed: Buy flour", "changed: Buy yeast"], f"Todos in {path}: 2")
    assert (second[:-1], second[-1]) == (["changed: Buy rye flour", "gone: Buy yeast"], f"Todos in {path}: 1")
    assert third == second[-1:]
    assert json.loads(path.read_text())["titles"] == {flour: "Buy rye flour"}


def test_a_copy_has_everything_however_much_that_is(tmp_path: Path) -> None:
    path = tmp_path / "copy.json"
    with serving(tmp_path) as service:
        ids = {create(service, f"Todo {number}") for number in range(101)}
        mirrored(service, path)

    assert json.loads(path.read_text())["titles"].keys() == ids


def test_a_copy_starts_over_when_its_token_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "copy.json"
    with serving(tmp_path, APP_DATABASE_URL=f"sqlite:///{tmp_path}/old.db") as service:
        for title in ("Gone", "With", "Its database"):
            create(service, title)
        mirrored(service, path)

    # What was restored is behind the token.
    with serving(tmp_path, APP_DATABASE_URL=f"sqlite:///{tmp_path}/restored.db") as service:
        restored = create(service, "Restored")
        said = mirrored(service, path)

    assert said[0].endswith("starting over.")
    assert json.loads(path.read_text())["titles"] == {restored: "Restored"}


class Listener:
    """The program that listens, with what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        assert process.stderr
        self.printed, self.complained = _lines(process.stdout), _lines(process.stderr)


def _lines(stream: IO[str]) -> queue.Queue[str]:
    """Read a stream as it is written: who waits for a line of it gives up in the end."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in stream:
            lines.put(line.rstrip("\n"))

    threading.Thread(target=read, daemon=True).start()
    return lines


@contextmanager
def listening(service: Service) -> Iterator[Listener]:
    with subprocess.Popen(
        [sys.executable, EXAMPLES / "python/listen.py", service.url],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            listener = Listener(process)
            assert listener.printed.get(timeout=20) == "listening"
            yield listener
        finally:
            process.kill()


@pytest.mark.slow
def test_a_listener_comes_back_when_it_is_told_to_and_misses_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as service, listening(service) as listener:
        port = str(urlsplit(service.url).port)
        create(service, "Heard live")
        live = listener.printed.get(timeout=20)
        service.signal(signal.SIGTERM)
        service.wait()
        says_when = listener.complained.get(timeout=20)
        # Another process on the same database, which the listener does not know.
        with serving(tmp_path) as elsewhere:
            create(elsewhere, "Missed, with a line\u2028separator")
        with serving(tmp_path, APP_PORT=port) as restarted:
            missed = listener.printed.get(timeout=30)
            create(restarted, "Heard live again")
            again = listener.printed.get(timeout=20)

    [pause_s] = map(float, re.findall(r"in ([0-9.]+) s", says_when))
    assert [live, missed, again] == [
        "CREATED Heard live",
        "CREATED Missed, with a line\u2028separator",
        "CREATED Heard live again",
    ]
    # The service asked for a second; without being asked it would have been three.
    assert 1 <= pause_s <= 2
