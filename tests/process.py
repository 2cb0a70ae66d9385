"""The command as an operator runs it: in a process of its own, with no settings but those named."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

COMMAND = (sys.executable, "-m", "todo_gql")


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("APP_", "OTEL_"))}
    return {**inherited, **settings}


def run(directory: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=directory,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Service:
    """A service in a process of its own, that has said where it listens."""

    def __init__(self, process: subprocess.Popen[str], first_line: str) -> None:
        self.first_line = first_line
        self.url = re.findall("http://[0-9.:]+", first_line)[0]
        self._process = process
        self._rest: list[str] = []
        # A pipe that nobody reads fills up with log lines, and the service then waits to write its next one.
        self._reading = threading.Thread(target=self._read_on, daemon=True)
        self._reading.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def said(self) -> list[str]:
        """Give the lines so far, from the one that says where it listens."""
        return [self.first_line, *self._rest]

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self) -> tuple[int, str]:
        """Wait for its end, and give the exit code and the rest of what it said."""
        code = self._process.wait(timeout=30)
        self._reading.join()
        return code, "".join(self._rest)

    def _read_on(self) -> None:
        assert self._process.stderr is not None
        self._rest.extend(self._process.stderr)


@contextmanager
def serving(directory: Path, **settings: str) -> Iterator[Service]:
    with subprocess.Popen(
        [*COMMAND, "serve"],
        cwd=directory,
        env=environment({"APP_PORT": "0"} | settings),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            service = Service(process, next(line for line in process.stderr if " listens on " in line))
            try:
                yield service
            finally:
                process.kill()
                # Before the pipe is closed under it.
                service.wait()
        finally:
            process.kill()
