"""Count what each contestant spends on an operation, in turn, so that the machine's noise hits them alike."""

import asyncio
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from bench.client import send
from bench.contestants import Contestant
from bench.operations import Operation
from bench.process import processor_us

_WARMING: Final = 1000
"""Requests before the first round: they fill caches, and V8 compiles anew what it has seen some hundred times."""


@dataclass(frozen=True, slots=True)
class Round:
    """Microseconds of processor time a request."""

    server: float
    postgresql: float

    @property
    def together(self) -> float:
        """Give the sum."""
        return self.server + self.postgresql


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of the rounds, and how far they lie apart."""

    median: float
    spread: float

    @classmethod
    def of(cls, rounds: Sequence[Round], part: Callable[[Round], float]) -> "Figure":
        """Sum up the rounds."""
        values = [part(each) for each in rounds]
        median = statistics.median(values)
        return cls(median, (max(values) - min(values)) / median if median else 0)

    def __str__(self) -> str:
        # Next to nothing, it is all spread.
        return f"{self.median:.0f} ({self.spread:.0%})" if self.median >= 10 else f"{self.median:.0f}"


def measure(
    contestants: Sequence[Contestant], operation: Operation, postmaster: int, *, rounds: int, requests: int
) -> Mapping[str, Sequence[Round]]:
    """Ask each contestant in each round, and give the rounds by its name; who does not speak of it is left out."""
    able = [(contestant, write) for contestant in contestants if (write := contestant.requests_of(operation))]
    for contestant, write in able:
        asyncio.run(send(contestant.port, write, _WARMING))
    measured: dict[str, list[Round]] = {contestant.name: [] for contestant, _ in able}
    for _ in range(rounds):
        for contestant, write in able:
            before = processor_us(contestant.pid), processor_us(postmaster)
            asyncio.run(send(contestant.port, write, requests))
            after = processor_us(contestant.pid), processor_us(postmaster)
            spent = Round((after[0] - before[0]) / requests, (after[1] - before[1]) / requests)
            measured[contestant.name].append(spent)
    return measured


async def postmaster_of(url: str) -> int:
    """Find the process that all of PostgreSQL's descend from."""
    connection = await asyncpg.connect(url)
    try:
        pid_file: str = await connection.fetchval("SELECT pg_read_file('postmaster.pid')")
        return int(pid_file.split(maxsplit=1)[0])
    finally:
        await connection.close()
