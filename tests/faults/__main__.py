"""Do bad things to the service and its database while todos are created, and count what is lost: `make faults`."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from tests.faults import faults
from tests.faults.report import HEAD, Bounds, Result
from tests.faults.scenarios import DRAIN_S, Scenario, run, run_stops
from tests.tools.postgres import running_own_postgresql

DURABLE: Final[Mapping[str, str]] = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
CARELESS: Final = {**DURABLE, "synchronous_commit": "off"}

SCENARIOS: Final = (
    Scenario(
        name="backends terminated (pg_terminate_backend)",
        fault=faults.terminate_backends,
        times=20,
        bounds=Bounds(longest_gap_s=3),
    ),
    Scenario(
        name="backend killed (kill -9)",
        fault=faults.kill_a_backend,
        times=20,
        bounds=Bounds(failed_per_mille=1, longest_gap_s=3),
    ),
    Scenario(name="database restarted", fault=faults.restart, times=20, bounds=Bounds(longest_gap_s=3)),
    Scenario(name="database crashed (immediate stop)", fault=faults.crash, times=20, bounds=Bounds(longest_gap_s=3)),
    Scenario(
        name=f"database paused for {faults.SILENCE_S} s (SIGSTOP)",
        fault=faults.pause,
        times=2,
        bounds=Bounds(failed_per_mille=None),
    ),
    Scenario(
        name=f"every packet held for {faults.SILENCE_S} s",
        fault=faults.delay_every_packet,
        times=2,
        bounds=Bounds(failed_per_mille=None),
    ),
    Scenario(
        name=f"every packet lost for {faults.SILENCE_S} s, and each connection",
        fault=faults.lose_every_packet,
        times=2,
        # Those that were just being opened are given up after 3 s.
        bounds=Bounds(failed_per_mille=None, whole_after_s=3.5),
    ),
)
CONTROL: Final = Scenario(
    name="control: crashed with synchronous_commit=off",
    fault=faults.crash,
    times=10,
    bounds=Bounds(failed_per_mille=None, loses=True),
)


def main() -> int:
    """Print the table; fail when a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="part of the name of a fault", default="")
    results = []
    print(HEAD)
    for result in _results(parser.parse_args().only):
        results.append(result)
        print(result, flush=True)
    complaints = [sentence for result in results for sentence in result.complaints()]
    for sentence in complaints:
        print(sentence, file=sys.stderr)
    return 1 if complaints else 0


def _results(only: str) -> Iterator[Result]:
    with running_own_postgresql(DURABLE) as server:
        for scenario in SCENARIOS:
            if only in scenario.name:
                yield asyncio.run(run(scenario, server, server.url_of(server.create_database())))
        name = f"service stopped (SIGTERM), {DRAIN_S} s to drain"
        if only in name:
            yield asyncio.run(run_stops(name, 10, server.url_of(server.create_database())))
    if only in CONTROL.name:
        with running_own_postgresql(CARELESS) as server:
            yield asyncio.run(run(CONTROL, server, server.url_of(server.create_database())))


if __name__ == "__main__":
    sys.exit(main())
