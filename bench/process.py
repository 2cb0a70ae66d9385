"""What the system knows of a process: the processor time and the memory that it has taken, with its children."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def processor_us(pid: int) -> float:
    """Read the processor time of a process with its threads and children (Documentation/scheduler/sched-stats.rst)."""
    return sum(_spent_ns(each) for each in _family(pid)) / 1000


def resident_mib(pid: int) -> float:
    """Read the resident memory (proc_pid_status(5)); what processes share counts for each of them."""
    return _memory_mib(pid, "VmRSS")


def peak_mib(pid: int) -> float:
    """Read the most that was resident at any time."""
    return _memory_mib(pid, "VmHWM")


def _spent_ns(pid: int) -> int:
    spent = 0
    with suppress(OSError):  # It, or one of its threads, has just ended.
        for task in Path(f"/proc/{pid}/task").iterdir():
            spent += int((task / "schedstat").read_text().split()[0])
    return spent


def _memory_mib(pid: int, name: str) -> float:
    kib = 0
    for each in _family(pid):
        status = dict(line.split(":", 1) for line in Path(f"/proc/{each}/status").read_text().splitlines())
        kib += int(status[name].split()[0])
    return kib / 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _family(int(child))
