"""The servers that are compared: each in a process of its own, started as its documentation says."""

import asyncio
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import todos
from bench.operations import Language, Operation, Requests
from bench.process import processor_us, resident_mib

_ROOT: Final = Path(__file__).parents[1]
_SERVICE: Final = (sys.executable, "-m", "todo_gql")
_SILENT: Final = {"OTEL_SDK_DISABLED": "true"}
_PATIENCE_S: Final = 60
_TYPENAME: Final = '{"query": "{ __typename }"}'


@dataclass(frozen=True, kw_only=True)
class Start:
    """What it took from the start of a process to its first answer."""

    elapsed_s: float
    processor_s: float
    resident_mib: float


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A server on a port of this machine."""

    name: str
    pid: int
    port: int
    database_url: str
    languages: frozenset[Language]
    start: Start

    def requests_of(self, operation: Operation) -> Requests | None:
        """Give the operation in a language of this one, None where it speaks none."""
        spoken = [write for language, write in operation.requests.items() if language in self.languages]
        return spoken[0] if spoken else None


def service(url: str, *, workers: int = 1) -> AbstractContextManager[Contestant]:
    """Start the service as its users do, with telemetry off."""
    settings = {**_SILENT, "APP_WORKERS": str(workers)}
    return _started("this service", [*_SERVICE, "serve"], url, Language.GRAPHQL, Language.REST, settings=settings)


@contextmanager
def service_on_sqlite(url: str) -> Iterator[Contestant]:
    """Start the service on a SQLite file with the todos of a database."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "todos.db"
        asyncio.run(todos.copy_to_sqlite(url, path))
        command = [*_SERVICE, "serve"]
        languages = (Language.GRAPHQL, Language.REST)
        with _started("on SQLite", command, f"sqlite:///{path}", *languages, settings=_SILENT) as contestant:
            yield contestant


def floor(url: str) -> AbstractContextManager[Contestant]:
    """Start what has nothing to spare."""
    return _started("floor", [sys.executable, "-m", "bench.floor"], url, Language.FLOOR)


def python_peers(url: str) -> Iterator[AbstractContextManager[Contestant]]:
    """Start the peers of .tools/bench."""
    python = str(_ROOT / ".tools/bench/bin/python")
    yield _started("Ariadne", [python, "-m", "bench.peers.ariadne_app"], url, Language.GRAPHQL)
    yield _started("FastAPI", [python, "-m", "bench.peers.fastapi_app"], url, Language.REST)


def node_peers(url: str) -> Iterator[AbstractContextManager[Contestant]]:
    """Start the peers from npm, with the Node.js that tools/npm.sh finds."""
    where = [str(_ROOT / "tools/npm.sh"), "exec", "--offline", "--call", "node --print process.execPath"]
    node = subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip()
    for name, module, language in (
        ("Mercurius with JIT", "mercurius.js", Language.GRAPHQL),
        ("PostGraphile", "postgraphile.js", Language.POSTGRAPHILE),
        ("Apollo Server", "apollo.js", Language.GRAPHQL),
        ("GraphQL Yoga", "yoga.js", Language.GRAPHQL),
    ):
        command = [node, str(_ROOT / "bench/peers" / module)]
        yield _started(name, command, url, language, settings={"NODE_ENV": "production"})


@contextmanager
def _started(
    name: str, command: Sequence[str], url: str, *languages: Language, settings: Mapping[str, str] | None = None
) -> Iterator[Contestant]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    environment = {**os.environ, **(settings or {}), "APP_DATABASE_URL": url, "APP_PORT": str(port)}
    started_at = time.perf_counter()
    # What they say goes nowhere: a pipe that nobody reads would fill, and stop the server.
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=nowhere, stderr=nowhere) as process:
        try:
            _wait_for_an_answer(name, process, port, languages)
            start = Start(
                elapsed_s=time.perf_counter() - started_at,
                processor_s=processor_us(process.pid) / 1e6,
                resident_mib=resident_mib(process.pid),
            )
            yield Contestant(
                name=name,
                pid=process.pid,
                port=port,
                database_url=url,
                languages=frozenset(languages),
                start=start,
            )
        finally:
            process.terminate()


def _wait_for_an_answer(
    name: str, process: subprocess.Popen[bytes], port: int, languages: Collection[Language]
) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
        try:
            if Language.REST in languages:
                connection.request("GET", "/todos?limit=1")
            else:
                connection.request(
                    "POST", "/graphql", '{"query": "{ __typename }"}', {"Content-Type": "application/json"}
                )
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    raise RuntimeError(f"{name} does not answer.")
