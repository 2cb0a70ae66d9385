"""Measure what operations cost the service, beside a floor and other servers: `make bench`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import asyncpg

from bench import postgraphile, todos
from bench.answers import check
from bench.client import ask
from bench.contestants import Contestant, floor, node_peers, python_peers, service, service_on_sqlite
from bench.measurement import measure, postmaster_of
from bench.operations import Language, Operation, graphql, operations
from bench.report import print_costs, print_processes
from tests.tools.postgres import running_postgresql


def main() -> int:
    """Print the tables; what is being done goes to the standard error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300, help="for each operation in a round")
    parser.add_argument("--only", nargs="+", help="the names of some operations")
    options = parser.parse_args()
    with running_postgresql() as postgresql, ExitStack() as stack:
        _say(f"Loading {todos.ROWS:,} todos with dependencies.")
        url = todos.prepare(postgresql)
        starts = [service(url), service_on_sqlite(url), floor(url), *python_peers(url)]
        if os.environ.get("BENCH_PEERS") == "1":
            asyncio.run(_execute(url, postgraphile.FUNCTIONS.read_text()))
            starts += node_peers(url)
        contestants = []
        for start in starts:
            contestants.append(stack.enter_context(start))
            _say(f"{contestants[-1].name} answers.")
        chosen = [each for each in _operations(contestants) if options.only is None or each.name in options.only]
        for operation in chosen:
            asyncio.run(check(contestants, operation))
        _say("All give the same answers.")
        postmaster = asyncio.run(postmaster_of(url))
        results = {}
        for operation in chosen:
            _say(f"Measuring: {operation.name}.")
            results[operation.name] = measure(
                contestants, operation, postmaster, rounds=options.rounds, requests=options.requests
            )
        print_costs(results, contestants)
        print_processes(contestants)
    return 0


def _operations(contestants: Sequence[Contestant]) -> Iterator[Operation]:
    cursor = None
    for contestant in contestants:
        if Language.POSTGRAPHILE in contestant.languages:
            answer = asyncio.run(ask(contestant.port, graphql(postgraphile.PAGE, {"first": 1})))
            cursor = json.loads(answer)["data"]["todos"]["pageInfo"]["endCursor"]
    return operations(cursor)


async def _execute(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
