"""How long the work for a request may take, and that it ends when nobody waits for its answer any more."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from inspect import iscoroutine
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.types import Receive

_UNWATCHED_S: Final = 0.05
"""For how long nobody looks whether the client is still there: most work is done by then, and to look takes a task."""

_log: Final = logging.getLogger(__name__)

_ending: Final[set[asyncio.Future[Any]]] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The seconds that a read, or one batch of a long one, may take, and those for anything else."""

    read_s: float
    write_s: float


async def within[T](seconds: float, work: Awaitable[T], *, for_client: Receive | None = None) -> T:
    """Give what the work gives, or stop it; raise TimeoutError then, without waiting until it has ended.

    `asyncio.timeout` would wait: to give up a transaction on a database that does not answer takes seconds more.

    Args:
        seconds: How long the work may take.
        work: Is cancelled when it is stopped.
        for_client: Of a request that has been read: the work is stopped when its client leaves. Not for work that
            writes, which is done whole or told to be unknown.

    Raises:
        TimeoutError: it was not done in time.
        ClientDisconnect: the client has left.
    """
    # Begun at once: what waits for nothing is done then, and everything else a turn of the loop earlier.
    running = _begun(work)
    try:
        if not running.done():
            await asyncio.wait((running,), timeout=seconds if for_client is None else min(_UNWATCHED_S, seconds))
        if for_client is not None and not running.done():
            await _watch(running, for_client, seconds - _UNWATCHED_S)
        if running.done():
            return running.result()
        raise TimeoutError
    finally:
        if not running.done():
            running.cancel()
            # The event loop itself keeps only weak references.
            _ending.add(running)
            running.add_done_callback(_ended)


def _begun[T](work: Awaitable[T]) -> asyncio.Future[T]:
    if iscoroutine(work):
        return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
    return asyncio.ensure_future(work)


async def _watch(running: asyncio.Future[Any], receive: Receive, seconds: float) -> None:
    """Wait until it is done, but not any longer; raise ClientDisconnect when the client leaves before."""
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((running, leaving), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if leaving.done() and not running.done():
            raise ClientDisconnect
    finally:
        leaving.cancel()


async def _left(receive: Receive) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _ended(stopped: asyncio.Future[Any]) -> None:
    _ending.discard(stopped)
    if not stopped.cancelled() and (error := stopped.exception()) is not None:
        _log.debug("What was stopped has failed: %s", error)
