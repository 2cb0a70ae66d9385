"""How long the work for a request may take."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final

_log: Final = logging.getLogger(__name__)

_ending: Final[set[asyncio.Future[Any]]] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The seconds that a read, or one batch of a long one, may take, and those for anything else."""

    read_s: float
    write_s: float


async def within[T](seconds: float, work: Awaitable[T]) -> T:
    """Give what the work gives, or stop it; raise TimeoutError then, without waiting until it has ended.

    `asyncio.timeout` would wait: to give up a transaction on a database that does not answer takes seconds more.
    """
    running = asyncio.ensure_future(work)
    try:
        await asyncio.wait((running,), timeout=seconds)
        if running.done():
            return running.result()
        raise TimeoutError
    finally:
        if not running.done():
            running.cancel()
            # The event loop itself keeps only weak references.
            _ending.add(running)
            running.add_done_callback(_ended)


def _ended(stopped: asyncio.Future[Any]) -> None:
    _ending.discard(stopped)
    if not stopped.cancelled() and (error := stopped.exception()) is not None:
        _log.debug("What was stopped has failed: %s", error)
