"""The end of a caller's token, while a stream or a socket of theirs is open."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

EXPIRED: Final = "The token has expired; resume with a new one and the last sync token."


def call_at(expires_at: datetime, call: Callable[[], None]) -> asyncio.TimerHandle:
    """Call once a token has expired; at once, if it has."""
    remaining_s = (expires_at - datetime.now(UTC)).total_seconds()
    return asyncio.get_running_loop().call_later(remaining_s, call)
