"""The command as an operator runs it: in a process of its own, with no settings but those named."""

import os
import re
import subprocess
import sys
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

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self) -> tuple[int, str]:
        """Wait for its end, and give the exit code and the rest of what it said."""
        _, rest = self._process.communicate(timeout=30)
        return self._process.returncode, rest


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
            yield Service(process, next(line for line in process.stderr if " listens on " in line))
        finally:
            process.kill()
