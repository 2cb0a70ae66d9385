"""End tasks whose client has left."""

import asyncio
from collections.abc import Iterable
from typing import Final

_INTERVAL_S: Final = 0.5


async def stop(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended; one that is just being handed a connection may overhear the first time."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_INTERVAL_S)
