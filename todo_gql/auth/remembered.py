"""Callers whose tokens were verified a moment ago."""

import time
from collections.abc import Callable
from typing import Final

from todo_gql.todos.model import Caller

MOST: Final = 2000
SECONDS: Final = 300
"""How long a token goes on to be believed at most when its key is withdrawn."""


class Remembered:
    """Keeps the callers of so many tokens, by the digest of each, for five minutes, and never beyond their expiry.

    Args:
        clock: Tells the seconds since 1970, as tokens do.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._callers: dict[bytes, tuple[Caller, float]] = {}

    def find(self, digest: bytes) -> Caller | None:
        """Find the caller of a token."""
        found = self._callers.get(digest)
        if found is None:
            return None
        caller, until = found
        if self._clock() < until:
            return caller
        del self._callers[digest]
        return None

    def keep(self, digest: bytes, caller: Caller, expires_at: float) -> None:
        """Remember the caller of a token; the oldest is forgotten for it."""
        if len(self._callers) >= MOST:
            del self._callers[next(iter(self._callers))]
        self._callers[digest] = (caller, min(expires_at, self._clock() + SECONDS))
