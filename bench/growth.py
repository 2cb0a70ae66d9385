"""Measure what operations cost as the table grows: `make growth`."""

import argparse
import asyncio
import json
import random
import statistics
import sys
from collections.abc import Iterator
from typing import Final

from bench import todos
from bench.client import ask, send
from bench.contestants import service
from bench.measurement import postmaster_of
from bench.operations import Requests, graphql
from bench.process import processor_us
from tests.tools.postgres import PostgreSQL, running_postgresql
from todo_gql.todos.paging import encode_cursor

_SIZES: Final = (1_000, 100_000, 3_000_000)
_NODES: Final = "{ nodes { id title status priority version createdAt } }"

_CREATE: Final = (
    "mutation Create($input: TodoCreateInput!) { todoCreate(input: $input) { ... on TodoCreated { todo { id } } } }"
)


def main() -> int:
    """Print a table of microseconds of processor time a request, of the service and of PostgreSQL together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, help="how many todos, in turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=200, help="for each operation in a round")
    options = parser.parse_args()
    with running_postgresql() as postgresql:
        columns = [_measure(postgresql, rows, options.rounds, options.requests) for rows in options.sizes]
    print(f"| operation | {' | '.join(f'{rows:,}' for rows in options.sizes)} | growth |")
    print(f"| --- |{' ---: |' * (len(columns) + 1)}")
    for name in columns[0]:
        figures = [column[name] for column in columns]
        print(f"| {name} | {' | '.join(f'{figure:.0f}' for figure in figures)} | {figures[-1] / figures[0]:.1f} |")
    return 0


def _measure(postgresql: PostgreSQL, rows: int, rounds: int, count: int) -> dict[str, float]:
    # Were nearly all blocked, `nextTodos` would have to look at them all to find twenty that are not.
    url = todos.prepare(postgresql, rows, dependent_every=4)
    postmaster = asyncio.run(postmaster_of(url))
    with service(url) as serving:
        # One that a search finds by a word that no other todo has anything of.
        asyncio.run(ask(serving.port, graphql(_CREATE, {"input": {"title": "Feed the axolotl"}})))
        measured: dict[str, float] = {}
        for name, requests in _operations(rows, _token(serving.port)):
            figures = []
            for _ in range(rounds + 1):
                before = processor_us(serving.pid) + processor_us(postmaster)
                asyncio.run(send(serving.port, requests, count))
                figures.append((processor_us(serving.pid) + processor_us(postmaster) - before) / count)
            # The first round warms caches and connections.
            measured[name] = statistics.median(figures[1:])
            print(f"{rows:,} todos, {name}: {measured[name]:.0f} µs", file=sys.stderr)
    return measured


def _operations(rows: int, token: str) -> Iterator[tuple[str, Requests]]:
    def after() -> str:
        return encode_cursor(todos.todo(random.randint(rows // 2, rows - 100)), todos.ORDER)

    def any_id() -> str:
        return todos.id_of(random.randint(1, rows))

    by_id = "query ById($id: ID!) { todo(id: $id) { id title status priority version createdAt } }"
    neighbours = "query Neighbours($id: ID!) { todo(id: $id) { dependencies { id } dependents(first: 5) { nodes { id } } isBlocked } }"  # noqa: E501
    deep = f"query Deep($after: String) {{ todos(first: 20, after: $after) {_NODES} }}"
    changes = "query Changes($since: SyncToken) { changes(since: $since, first: 20) { todos { id } hasMore } }"
    filters = {
        "filtered by status": "filter: {status: [CANCELLED], priority: [HIGH]}",
        "overdue, by due": "filter: {isOverdue: true}, orderBy: {field: DUE}",
        "blocked, by priority": "filter: {isBlocked: true}, orderBy: {field: PRIORITY, direction: DESC}",
        "by title": "orderBy: {field: TITLE}",
    }

    yield "first page", lambda _: graphql(f"{{ todos(first: 20) {_NODES} }}", {})
    yield "deep page", lambda _: graphql(deep, {"after": after()})
    for name, arguments in filters.items():
        page = f"{{ todos(first: 20, {arguments}) {_NODES} }}"
        yield f"page {name}", lambda _, page=page: graphql(page, {})  # type: ignore[misc]
    search = f"query Search($text: String!) {{ todos(first: 20, filter: {{search: $text}}) {_NODES} }}"
    yield "search for a rare word", lambda _: graphql(search, {"text": "axolotl"})
    yield "search for a number", lambda _: graphql(search, {"text": f"number {rows - 7} of"})
    yield "next todos", lambda _: graphql("{ nextTodos(first: 20) { id title } }", {})
    yield "by id", lambda _: graphql(by_id, {"id": any_id()})
    yield "by id, with neighbours", lambda _: graphql(neighbours, {"id": any_id()})
    yield "create", lambda _: graphql(_CREATE, {"input": {"title": "Buy milk"}})
    yield "changes since a token", lambda _: graphql(changes, {"since": token})


def _token(port: int) -> str:
    answer = asyncio.run(ask(port, graphql("{ todos(first: 1) { syncToken } }", {})))
    token: str = json.loads(answer)["data"]["todos"]["syncToken"]
    return token


if __name__ == "__main__":
    sys.exit(main())
