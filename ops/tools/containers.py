"""Docker's command line, as the checks of ops/ use it."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Final

TIMEOUT_S: Final = 900
"""For one command; the longest builds an image with nothing cached."""


class CheckFailed(Exception):
    """Something is not as it should be; the message is one sentence."""


def check(is_true: bool, sentence: str) -> None:
    """Refuse what is not so.

    Raises:
        CheckFailed: it is not true.
    """
    if not is_true:
        raise CheckFailed(sentence)


def wait_for(is_so: Callable[[], bool], otherwise: str, timeout_s: float = 60) -> None:
    """Wait until something is so.

    Raises:
        CheckFailed: it is not in time.
    """
    deadline = time.monotonic() + timeout_s
    while not is_so():
        check(time.monotonic() < deadline, otherwise)
        time.sleep(0.2)


def docker(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a command of docker and give what it prints on standard output.

    Raises:
        CheckFailed: it failed; the message holds the end of what it said.
    """
    done = subprocess.run(
        ["docker", *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        env=environment,
    )
    check(done.returncode == 0, f"docker {' '.join(arguments)} failed: {done.stderr.strip()[-3000:]}")
    return done.stdout.strip()


def succeeds(*arguments: str) -> bool:
    """Say whether a command of docker ends well."""
    return subprocess.run(["docker", *arguments], capture_output=True, timeout=TIMEOUT_S, check=False).returncode == 0


def inspect(name: str, template: str) -> object:
    """Read one property of an image or a container, by its path in what `docker inspect` prints."""
    answer: object = json.loads(docker("inspect", "--format", "{{json " + template + "}}", name))
    return answer


def published_port(container: str, port: int) -> int:
    """Find the port of this machine that leads to one of a container."""
    return int(docker("port", container, f"{port}/tcp").splitlines()[0].rpartition(":")[2])


def wait_until_healthy(container: str, timeout_s: float = 60) -> None:
    """Wait for the health check of a container to pass.

    Raises:
        CheckFailed: it has ended, or is not healthy in time; the message holds its log.
    """
    deadline = time.monotonic() + timeout_s
    while inspect(container, ".State.Health.Status") != "healthy":
        log = docker("logs", "--tail", "20", container)
        check(inspect(container, ".State.Running") is True, f"{container} has ended: {log}")
        check(time.monotonic() < deadline, f"{container} is not healthy after {timeout_s:.0f} s: {log}")
        time.sleep(0.2)


def memory_mib(container: str) -> float:
    """Read how much memory a container uses, as its control group counts it, less the cache of files."""
    used = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", container).partition("/")[0].strip()
    number, unit = float(used.rstrip("KMGiB")), used.lstrip("0123456789.")
    return number * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[unit]
