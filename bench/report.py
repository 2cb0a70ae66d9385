"""Print what was measured, as the tables of docs/performance.md."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bench.contestants import Contestant
from bench.measurement import Figure, Round
from bench.process import peak_mib

Results = Mapping[str, Mapping[str, Sequence[Round]]]
"""By operation and contestant."""

GOALS: Final[Mapping[tuple[str, str], float]] = {
    ("page of 50", "Mercurius with JIT"): 1.5,
    ("by id", "Mercurius with JIT"): 1.3,
    ("create", "Mercurius with JIT"): 1,
    ("20 with their neighbours", "Mercurius with JIT"): 2,
    ("page of 50", "floor"): 1.5,
    ("by id", "floor"): 1.3,
    ("create", "floor"): 1 / 1.7,
    ("page of 50", "Ariadne"): 10,
    ("by id", "Ariadne"): 3,
    ("create", "Ariadne"): 2,
    **{
        (operation, peer): 2
        for peer in ("PostGraphile", "Apollo Server", "GraphQL Yoga")
        for operation in ("page of 50", "by id", "create", "20 with their neighbours", "filtered page of 20")
    },
    ("REST list of 50", "FastAPI"): 2,
    ("REST create", "FastAPI"): 2,
}
"""How many times as much processor time as the service's a contestant's process is wanted to take."""

_PARTS: Final[Mapping[str, Callable[[Round], float]]] = {
    "the server's process": lambda each: each.server,
    "PostgreSQL": lambda each: each.postgresql,
    "both together": lambda each: each.together,
}


def print_costs(results: Results, contestants: Sequence[Contestant]) -> None:
    """Print what each operation costs each contestant, and how many times the service's that is."""
    names = [contestant.name for contestant in contestants]
    for title, part in _PARTS.items():
        print(f"\nMicroseconds of processor time a request, {title}: median (spread)\n")
        _print_head("operation", names)
        for operation, measured in results.items():
            cells = [str(Figure.of(measured[name], part)) if name in measured else "" for name in names]
            _print_row(operation, cells)
    ours, *others = names
    print(f"\nHow many times that of {ours}: the server's process, and both together; in brackets, what is wanted\n")
    _print_head("operation", others)
    for operation, measured in results.items():
        _print_row(operation, [_ratio(operation, measured, ours, name) for name in others])


def print_processes(contestants: Sequence[Contestant]) -> None:
    """Print what it took each contestant to start, and the most memory that it has had."""
    print("\nFrom its start to the first answer, and the most memory until now\n")
    _print_head("server", ["seconds", "of processor time", "MiB resident", "MiB at most"])
    for contestant in contestants:
        start, most_mib = contestant.start, peak_mib(contestant.pid)
        cells = [f"{start.elapsed_s:.2f}", f"{start.processor_s:.2f}", f"{start.resident_mib:.0f}", f"{most_mib:.0f}"]
        _print_row(contestant.name, cells)


def _ratio(operation: str, measured: Mapping[str, Sequence[Round]], ours: str, name: str) -> str:
    if name not in measured:
        return ""
    server, together = (
        Figure.of(measured[name], _PARTS[part]).median / Figure.of(measured[ours], _PARTS[part]).median
        for part in ("the server's process", "both together")
    )
    wanted = GOALS.get((operation, name))
    return f"{server:.1f}, {together:.1f}" + (f" [{wanted:.1f}]" if wanted else "")


def _print_head(first: str, others: Sequence[str]) -> None:
    _print_row(first, others)
    _print_row("---", ["---:"] * len(others))


def _print_row(first: str, others: Sequence[str]) -> None:
    print(f"| {first} | {' | '.join(others)} |", flush=True)
