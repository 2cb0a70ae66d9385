"""Count requests a second with one worker and with two: `make bench`.

The machine serves, keeps the database and asks, all at once: with two cores, a second worker has none for itself.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from contextlib import ExitStack
from typing import Final

from bench import todos
from bench.client import send
from bench.contestants import Contestant, service
from bench.operations import Operation, operations
from tests.tools.postgres import running_postgresql

_WORKERS: Final = (1, 2)
_OPERATIONS: Final = frozenset({"page of 50", "by id", "create", "REST list of 50"})


def main() -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=500, help="for each operation in a round")
    options = parser.parse_args()
    with running_postgresql() as postgresql, ExitStack() as stack:
        url = todos.prepare(postgresql)
        contestants = [stack.enter_context(service(url, workers=count)) for count in _WORKERS]
        print(f"\nRequests a second on {os.cpu_count()} cores, median of {options.rounds} (spread)\n")
        print("| operation | one worker | two workers |\n| --- | ---: | ---: |")
        for operation in operations(None):
            if operation.name in _OPERATIONS:
                rates = _rates(contestants, operation, options.rounds, options.requests)
                print(f"| {operation.name} | {' | '.join(map(_figure, rates))} |", flush=True)
    return 0


def _rates(contestants: list[Contestant], operation: Operation, rounds: int, requests: int) -> list[list[float]]:
    rates: list[list[float]] = [[] for _ in contestants]
    for number in range(rounds + 1):
        for contestant, measured in zip(contestants, rates, strict=True):
            rate = _rate(contestant, operation, requests)
            # The first round warms caches and connections.
            if number > 0:
                measured.append(rate)
    return rates


def _rate(contestant: Contestant, operation: Operation, requests: int) -> float:
    write = contestant.requests_of(operation)
    assert write  # noqa: S101
    started_at = time.perf_counter()
    asyncio.run(send(contestant.port, write, requests))
    return requests / (time.perf_counter() - started_at)


def _figure(rates: list[float]) -> str:
    median = statistics.median(rates)
    return f"{median:.0f} ({(max(rates) - min(rates)) / median:.0%})"


if __name__ == "__main__":
    sys.exit(main())
