"""A bar on a terminal that says how far a command is."""

import time
from typing import Final, TextIO

_WIDTH: Final = 30
_INTERVAL_S: Final = 0.1
_ERASE: Final = "\r\x1b[2K"


class Progress:
    """Draws on a terminal, and nothing on anything else: logs and pipes are for sentences.

    Args:
        stream: Where it is drawn.
        is_wanted: False where something else is being written on the same terminal.
    """

    def __init__(self, stream: TextIO, *, is_wanted: bool = True) -> None:
        self._stream = stream
        self._is_shown = is_wanted and stream.isatty()
        self._drawn_at = 0.0

    def tell(self, done: int, total: int) -> None:
        """Draw how many are done, of how many, unless it has just been drawn."""
        now = time.monotonic()
        if self._is_shown and (now - self._drawn_at >= _INTERVAL_S or done == total):
            self._drawn_at = now
            share = min(done / total, 1) if total else 1
            bar = "#" * round(share * _WIDTH)
            self._write(f"{_ERASE}[{bar:<{_WIDTH}}] {share:4.0%}  {done:,} of {total:,}")

    def clear(self) -> None:
        """Make room for a sentence."""
        if self._is_shown:
            self._write(_ERASE)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
