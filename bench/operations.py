"""Measure what operations cost the service, beside a floor and other servers: `make bench`."""

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from bench import todos
from bench.client import get, post, processor_us, send
from tests.tools.postgres import PostgreSQL, running_postgresql
from todo_gql.database import parse_database_url
from todo_gql.database.migrations import upgrade
from todo_gql.todos.paging import encode_cursor

_FIELDS: Final = "id title description status priority version createdAt updatedAt"
_CHILDREN: Final = "id title dependencies { id title } dependents(first: 5) { nodes { id title } }"

Requests = Callable[[int], bytes]


@dataclass(frozen=True)
class Operation:
    """What is sent, to GraphQL or to a REST route."""

    name: str
    requests: Requests
    has_floor: bool = False


@dataclass(frozen=True)
class Contestant:
    """A server on a port of this machine."""

    name: str
    pid: int
    port: int


def main() -> int:
    """Print a table of microseconds of processor time a request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=600, help="for each operation in a round")
    parser.add_argument("--only", help="the name of one operation")
    options = parser.parse_args()
    with running_postgresql() as postgresql, ExitStack() as stack:
        url = prepare(postgresql, todos.ROWS)
        contestants = [stack.enter_context(service(url)), stack.enter_context(_floor(url))]
        postmaster = asyncio.run(postmaster_of(url))
        print(f"{todos.ROWS:,} todos; µs of processor time a request, median of {options.rounds} (spread);", end=" ")
        print("PostgreSQL's apart.\n\n| operation | service | PostgreSQL | floor | PostgreSQL | service / floor |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for operation in _operations():
            if options.only in {None, operation.name}:
                measured = _measure(contestants, operation, postmaster, options.rounds, options.requests)
                print(_row(operation, measured), flush=True)
    return 0


def _operations() -> Iterator[Operation]:
    page = f"query Page($first: Int!, $after: String) {{ todos(first: $first, after: $after) {{ edges {{ cursor node {{ {_FIELDS} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"  # noqa: E501
    by_id = f"query ById($id: ID!) {{ todo(id: $id) {{ {_FIELDS} }} }}"
    create = f"mutation Create($input: TodoCreateInput!) {{ todoCreate(input: $input) {{ ... on TodoCreated {{ todo {{ {_FIELDS} }} }} }} }}"  # noqa: E501
    nested = f"query Nested($first: Int!) {{ todos(first: $first) {{ nodes {{ {_CHILDREN} }} }} }}"
    filtered = f"query Filtered {{ todos(first: 20, filter: {{status: [OPEN], priority: [HIGH]}}, orderBy: {{field: DUE}}) {{ nodes {{ {_FIELDS} }} }} }}"  # noqa: E501
    new_todo = {"input": {"title": "Buy milk"}}

    yield Operation("page of 50", lambda _: graphql(page, "Page", {"first": 50, **_random_cursor()}), has_floor=True)
    yield Operation("by id", lambda _: graphql(by_id, "ById", {"id": _random_id()}), has_floor=True)
    yield Operation("create", lambda _: graphql(create, "Create", new_todo), has_floor=True)
    yield Operation("20 with their neighbours", lambda _: graphql(nested, "Nested", {"first": 20}))
    yield Operation("filtered page of 20", lambda _: graphql(filtered, "Filtered", {}))
    yield Operation("__typename", lambda _: graphql("{ __typename }", None, {}), has_floor=True)
    yield Operation("REST list of 50", lambda _: get("/todos?limit=50"))
    yield Operation("REST create", lambda _: post("/todos", b'{"title": "Buy milk"}'))


def graphql(query: str, name: str | None, variables: Mapping[str, Any]) -> bytes:
    """Write a request for an operation."""
    return post("/graphql", json.dumps({"query": query, "operationName": name, "variables": variables}).encode())


def _random_id() -> str:
    return todos.id_of(random.randint(1, todos.ROWS))  # noqa: S311


def _random_cursor() -> dict[str, str]:
    """Point at a random todo, in the service's words and in those of the floor."""
    todo = todos.todo(random.randint(1, todos.ROWS - 100))  # noqa: S311
    return {"after": encode_cursor(todo, todos.ORDER), "floor": todos.floor_cursor(todo)}


def _measure(
    contestants: list[Contestant], operation: Operation, postmaster: int, rounds: int, count: int
) -> dict[str, list[tuple[float, float]]]:
    measured: dict[str, list[tuple[float, float]]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds + 1):
        for contestant in contestants:
            if contestant.name == "floor" and not operation.has_floor:
                continue
            before = processor_us(contestant.pid), processor_us(postmaster)
            asyncio.run(send(contestant.port, operation.requests, count))
            after = processor_us(contestant.pid), processor_us(postmaster)
            # The first round warms caches and connections.
            if number > 0:
                measured[contestant.name].append(((after[0] - before[0]) / count, (after[1] - before[1]) / count))
    return measured


def _row(operation: Operation, measured: Mapping[str, list[tuple[float, float]]]) -> str:
    cells = [operation.name]
    medians: list[float] = []
    for rounds in measured.values():
        for figures in zip(*rounds, strict=True):
            median = statistics.median(figures)
            spread = (max(figures) - min(figures)) / median if median else 0
            cells.append(f"{median:.0f} ({spread:.0%})")
            medians.append(median)
    ratio = f"{medians[0] / medians[2]:.1f}" if operation.has_floor else ""
    cells += [""] * (5 - len(cells)) + [ratio]
    return f"| {' | '.join(cells)} |"


def prepare(postgresql: PostgreSQL, rows: int, *, dependent_every: int = 1) -> str:
    """Make a database with so many todos."""
    url = postgresql.url_of(postgresql.create_database())
    asyncio.run(upgrade(parse_database_url(url)))
    asyncio.run(todos.load(url, rows, dependent_every=dependent_every))
    return url


def service(url: str) -> AbstractContextManager[Contestant]:
    """Start the service as its users do."""
    return _started("service", ["-m", "todo_gql", "serve"], url)


def _floor(url: str) -> AbstractContextManager[Contestant]:
    return _started("floor", ["-m", "bench.floor"], url)


@contextmanager
def _started(name: str, arguments: Sequence[str], url: str) -> Iterator[Contestant]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    settings = {"APP_DATABASE_URL": url, "APP_PORT": str(port)}
    command = [sys.executable, *arguments]
    # The log goes nowhere: a pipe that nobody reads would fill, and stop the server.
    with subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(name, port)
            yield Contestant(name, process.pid, port)
        finally:
            process.terminate()


def _wait_for(name: str, port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The {name} does not start.")


async def postmaster_of(url: str) -> int:
    """Find the process that all of PostgreSQL's descend from."""
    connection = await asyncpg.connect(url)
    try:
        pid_file: str = await connection.fetchval("SELECT pg_read_file('postmaster.pid')")
        return int(pid_file.split(maxsplit=1)[0])
    finally:
        await connection.close()


if __name__ == "__main__":
    sys.exit(main())
