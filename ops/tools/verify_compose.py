"""Bring docker-compose.yml up, look at it, break it, look again, and take it all away: `make verify-compose`."""

import os
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from ops.tools.client import Client, walk
from ops.tools.containers import CheckFailed, check, docker, inspect, succeeds, wait_for
from ops.tools.subscriber import subscribed, walk_subscriptions

ROOT: Final = Path(__file__).parents[2]
NAME: Final = f"todo-gql-verify-{os.getpid()}"
FILES: Final = ("--file", str(ROOT / "docker-compose.yml"), "--file", str(ROOT / "ops/tools/verify-compose.yaml"))
SERVICES: Final = ("app", "replica", "load", "otel-lgtm", "pooled")
"""With all that these depend on; the proxy needs an image that nothing here can stand in for."""

# One of each face, one of the database; and what the semantic conventions ask every server for.
SPANS: Final = ("POST /todos", "POST /graphql", "SELECT")
METRIC: Final = "http.server.request.duration"


class Stack:
    """The services of the file, in a project of their own."""

    def __init__(self) -> None:
        self.app_port, self.replica_port, self.sink_port, self.pooled_port = free_ports(4)
        self._environment = {
            **os.environ,
            "VERIFY_IMAGE": NAME,
            "VERIFY_APP_PORT": str(self.app_port),
            "VERIFY_REPLICA_PORT": str(self.replica_port),
            "VERIFY_SINK_PORT": str(self.sink_port),
            "VERIFY_POOLED_PORT": str(self.pooled_port),
        }

    def compose(self, *arguments: str) -> str:
        """Run a command of docker compose."""
        command = ("compose", "--project-name", NAME, *FILES, *arguments)
        return docker(*command, environment=self._environment)

    def up(self) -> None:
        """Start what is not running, and wait until it is healthy."""
        self.compose("up", "--wait", *SERVICES)

    def container(self, service: str) -> str:
        """Name the container of a service."""
        return self.compose("ps", "--all", "--quiet", service)


def main() -> None:
    """Check the stack, or say in one sentence what is wrong with it."""
    for profiles in ((), ("--profile", "load"), ("--profile", "replicas"), ("--profile", "pgbouncer")):
        docker("compose", "--file", str(ROOT / "docker-compose.yml"), *profiles, "config", "--quiet")
    stack = Stack()
    try:
        with _running(stack):
            ids = _post_samples(stack)
            _check_load(stack)
            _check_events(stack)
            _check_pooled(stack)
            _check_telemetry(stack)
            ids += _break_and_mend(stack)
            _check_ids(stack.app_port, ids)
            stack.compose("down", "--timeout", "20")
            started = time.monotonic()
            stack.up()
            print(f"healthy again in {time.monotonic() - started:.0f} s")
            _check_ids(stack.app_port, ids)
            _check_ids(stack.replica_port, ids)
            print(f"{len(ids)} acknowledged todos are all there, also after `down` and `up`, and at the second replica")
    except CheckFailed as failure:
        sys.exit(f"The stack is not as it should be. {failure}")
    print("The stack is as it should be.")


@contextmanager
def _running(stack: Stack) -> Iterator[None]:
    try:
        started = time.monotonic()
        stack.up()
        print(f"built and healthy in {time.monotonic() - started:.0f} s")
        yield
    except CheckFailed:
        print(stack.compose("logs", "--tail", "15"))
        raise
    finally:
        stack.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20")
        succeeds("image", "rm", "--force", NAME, f"{NAME}-pgbouncer")


def _post_samples(stack: Stack) -> list[str]:
    """Create the sample data as the README says, go through the service, and give the ids."""
    lines = stack.compose("exec", "--no-TTY", "app", "todo-gql", "seed").splitlines()
    ids = [match[1] for line in lines if (match := re.search(r"([0-9a-f-]{36})  ", line))]
    check(len(ids) == len(lines) > 0, f"The sample data were not created: {lines}.")
    print(f"{len(ids)} sample todos")
    with closing(Client(stack.app_port)) as client:
        walk(client)
    return ids


def _check_load(stack: Stack) -> None:
    """See that the load creates todos, and complains of nothing."""
    count = '{ todos(filter: {search: "dough"}) { totalCount } }'
    with closing(Client(stack.replica_port)) as client:
        wait_for(lambda: client.graphql(count)["todos"]["totalCount"] > 0, "The load creates no todos.")
    complaints = stack.compose("logs", "--no-log-prefix", "load")
    check(complaints == "", f"The load complains: {complaints[-500:]}")
    stack.compose("stop", "load")


def _check_events(stack: Stack) -> None:
    """Hear at one replica of what is written through the other."""
    walk_subscriptions(stack.app_port)
    with closing(Client(stack.app_port)) as client, subscribed(stack.replica_port) as stream:
        client.create("Heard of elsewhere")
        heard = stream.next().title
    check(heard == "Heard of elsewhere", f"The second replica told of {heard}.")


def _check_pooled(stack: Stack) -> None:
    """Go through PgBouncer, hear of what was written past it, and find its connections in the database."""
    with closing(Client(stack.pooled_port)) as pooled, closing(Client(stack.app_port)) as app:
        walk(pooled)
        with subscribed(stack.pooled_port) as stream:
            app.create("Heard of past PgBouncer")
            heard = stream.next().title
    check(heard == "Heard of past PgBouncer", f"Behind PgBouncer {heard} was heard of.")
    print("the same through PgBouncer")


def _check_telemetry(stack: Stack) -> None:
    """Find at the collector what the service says that it sent, and the very trace that an answer named."""
    with closing(Client(stack.app_port)) as client:
        trace_id = client.post("/todos", {"title": " "}).body["traceId"]
    with closing(Client(stack.sink_port)) as sink:

        def received() -> Any:
            return sink.get("/received").body

        wait_for(lambda: trace_id in received()["trace_ids"], "The trace that an answer named has not arrived.")
        wait_for(lambda: METRIC in received()["metrics"], f"The metric {METRIC} has not arrived.")
        wait_for(lambda: received()["logs"] != {}, "No log line has arrived.")
        told = received()
    missing = [name for name in SPANS if not any(span.startswith(name) for span in told["spans"])]
    check(missing == [], f"No span is called {missing}: there are {sorted(told['spans'])}.")
    counts = ", ".join(f"{sum(told[kind].values())} {kind} ({len(told[kind])} names)" for kind in ("spans", "metrics"))
    print(f"the collector has {counts} and {sum(told['logs'].values())} log lines")


class Writer(threading.Thread):
    """Creates todos without a pause, and keeps the ids of those that were acknowledged."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.failures = 0
        self._port = port
        self._is_stopping = threading.Event()

    def run(self) -> None:
        """Go on until told to stop, whatever happens to the service."""
        with closing(Client(self._port)) as client:
            while not self._is_stopping.is_set():
                try:
                    self.ids.append(client.create("Was acknowledged"))
                except (CheckFailed, OSError, HTTPException, ValueError, KeyError, TypeError):
                    # Not acknowledged, in whichever way.
                    self.failures += 1
                    client.close()
                    time.sleep(0.1)

    def stop(self) -> list[str]:
        """Stop, and give the ids."""
        self._is_stopping.set()
        self.join()
        return self.ids


def _break_and_mend(stack: Stack) -> list[str]:
    """Kill the database and then the service under way, and give the ids of what was acknowledged meanwhile."""
    writer = Writer(stack.app_port)
    writer.start()
    try:
        _wait_for_more(writer)
        started = inspect(stack.container("app"), ".State.StartedAt")
        stack.compose("kill", "postgres")
        with closing(Client(stack.app_port)) as client:
            wait_for(lambda: client.get("/readyz").status == 503, "/readyz does not tell that the database is away.")
            check(client.get("/livez").status == 200, "/livez fails although it is the database that is away.")
        stack.up()
        _wait_for_more(writer)
        check(
            inspect(stack.container("app"), ".State.StartedAt") == started, "The service did not survive its database."
        )
        stack.compose("kill", "app")
        stack.up()
        _wait_for_more(writer)
    finally:
        ids = writer.stop()
    print(f"{len(ids)} todos acknowledged and {writer.failures} requests failed while postgres and app were killed")
    return ids


def _wait_for_more(writer: Writer) -> None:
    before = len(writer.ids)
    wait_for(lambda: len(writer.ids) > before + 20, "The service acknowledges nothing any more.")


def _check_ids(port: int, ids: list[str]) -> None:
    with closing(Client(port)) as client:
        lost = [each for each in ids if client.get(f"/todos/{each}").status != 200]
    check(lost == [], f"{len(lost)} of {len(ids)} acknowledged todos are lost.")


def free_ports(count: int) -> list[int]:
    """Find ports of this machine on which nothing listens."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


if __name__ == "__main__":
    main()
