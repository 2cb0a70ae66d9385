"""A patience that can be begun, given up, and ended."""

import asyncio
from collections.abc import Callable


class Timer:
    """Calls once, when it was started and so many seconds have passed."""

    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self._seconds = seconds
        self._call: Callable[[], None] | None = call
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Call it in so many seconds, unless it is to be called already."""
        if self._handle is None and self._call is not None:
            self._handle = asyncio.get_running_loop().call_later(self._seconds, self._call)

    def stop(self) -> None:
        """Do not call it."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def end(self) -> None:
        """Never call it."""
        self.stop()
        self._call = None
