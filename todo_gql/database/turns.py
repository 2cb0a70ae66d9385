"""Short work one after another, which waits for what turns out to be long no longer than a turn lasts."""

import asyncio
from types import TracebackType
from typing import Final

LONGEST_S: Final = 0.01
"""How long others wait at most for one."""


class Turns:
    """Lets one at a time work, for as long as its turn lasts."""

    def __init__(self) -> None:
        self._lock: Final = asyncio.Lock()

    def next(self) -> "Turn":
        """Give a turn, to be entered."""
        return Turn(self._lock)


class Turn:
    """Begins when it is entered and no other lasts; ends when it is left, or after LONGEST_S."""

    __slots__ = ("_has_ended", "_lock", "_timer")

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock = lock
        self._has_ended = False

    async def __aenter__(self) -> None:
        await self._lock.acquire()
        self._timer = asyncio.get_running_loop().call_later(LONGEST_S, self._end)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._end()

    def _end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._lock.release()
