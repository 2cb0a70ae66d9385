"""Time what hostile requests cost the server, in its own processor time: `make bench`."""

import sys
import tempfile
from pathlib import Path
from typing import Final

import httpx

from bench.process import processor_us
from tests.graphql.hostile import hostile_requests
from tests.process import Service, serving

MOST_MS: Final = 500
"""The bound that each has to keep."""

ROUNDS: Final = 3


def main() -> int:
    """Print a table, the slowest first; fail when one passes the bound."""
    with tempfile.TemporaryDirectory() as directory, serving(Path(directory)) as service:
        rows = sorted(_rows(service), reverse=True)
    print("| request | answer | bytes | processor time, ms |\n| --- | --- | ---: | ---: |")
    for spent_ms, name, code, size in rows:
        print(f"| {name} | {code or 'data'} | {size:,} | {spent_ms:.0f} |")
    return 0 if rows[0][0] <= MOST_MS else 1


def _rows(service: Service) -> list[tuple[float, str, str | None, int]]:
    rows: list[tuple[float, str, str | None, int]] = []
    with httpx.Client(base_url=service.url, headers={"Content-Type": "application/json"}, trust_env=False) as client:
        for request in hostile_requests():
            # A comment makes each round's document another one, which no cache has.
            spent = [_spent_ms(service, client, request.body(f"#{number}\n")) for number in range(ROUNDS)]
            rows.append((sorted(spent)[ROUNDS // 2], request.name, request.code, len(request.body())))
    return rows


def _spent_ms(service: Service, client: httpx.Client, body: bytes) -> float:
    before = processor_us(service.pid)
    client.post("/graphql", content=body, timeout=60)
    return (processor_us(service.pid) - before) / 1000


if __name__ == "__main__":
    sys.exit(main())
