"""How the process itself is doing."""

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from todo_gql.telemetry import names

_PERIOD_S: Final = 0.25

# Linux tells of a process in files; elsewhere these two have no values.
_STATM: Final = Path("/proc/self/statm")
_DESCRIPTORS: Final = Path("/proc/self/fd")


def observe_process(meter: Meter) -> None:
    """Let the process be looked at whenever metrics are exported."""
    started_at = time.monotonic()

    def cpu(_: CallbackOptions) -> Iterable[Observation]:
        times = os.times()
        return [
            Observation(times.user, {"cpu.mode": "user"}),
            Observation(times.system, {"cpu.mode": "system"}),
        ]

    def memory(_: CallbackOptions) -> Iterable[Observation]:
        with suppress(OSError):
            resident_pages = int(_STATM.read_text().split()[1])
            yield Observation(resident_pages * os.sysconf("SC_PAGE_SIZE"))

    def descriptors(_: CallbackOptions) -> Iterable[Observation]:
        with suppress(OSError):
            yield Observation(len(list(_DESCRIPTORS.iterdir())))

    def uptime(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(time.monotonic() - started_at)]

    def collections(_: CallbackOptions) -> Iterable[Observation]:
        return [
            Observation(generation["collections"], {"cpython.gc.generation": number})
            for number, generation in enumerate(gc.get_stats())
        ]

    names.CPU_TIME.observe(meter, cpu)
    names.MEMORY.observe(meter, memory)
    names.FILE_DESCRIPTORS.observe(meter, descriptors)
    names.UPTIME.observe(meter, uptime)
    names.GC_COLLECTIONS.observe(meter, collections)


class EventLoopLag:
    """Measures how late the event loop comes back to those who wait for it."""

    def __init__(self, meter: Meter) -> None:
        self._longest_s = 0.0
        names.EVENT_LOOP_LAG.observe(meter, self._take)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Measure within."""
        task = asyncio.create_task(self._measure())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _measure(self) -> None:
        while True:
            # Not the loop's own time: uvloop's has milliseconds, and stands still while a callback runs.
            due_at = time.monotonic() + _PERIOD_S
            await asyncio.sleep(_PERIOD_S)
            self._longest_s = max(self._longest_s, time.monotonic() - due_at)

    def _take(self, _: CallbackOptions) -> Iterable[Observation]:
        longest_s, self._longest_s = self._longest_s, 0.0
        return [Observation(longest_s)]
