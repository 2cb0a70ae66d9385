"""Writing to a connection once in a turn of the event loop."""

import asyncio
from typing import Any, Final

_MOST_HELD: Final = 65_536


class CorkedTransport:
    """Holds back what is written until the other callbacks of this turn of the loop have run, or 64 KiB are there.

    uvicorn writes the head and the body of an answer one after the other: two system calls, of which each costs as
    much as reading a row from the database does.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.uncorked = transport
        self._held: list[bytes] = []
        self._bytes_held = 0

    def __getattr__(self, name: str) -> Any:
        """Be the transport in everything else."""
        return getattr(self.uncorked, name)

    def write(self, data: bytes) -> None:
        """Write soon."""
        if not self._held:
            asyncio.get_running_loop().call_soon(self.flush)
        self._held.append(data)
        self._bytes_held += len(data)
        if self._bytes_held > _MOST_HELD:
            self.flush()

    def close(self) -> None:
        """Write what is held, and close."""
        self.flush()
        self.uncorked.close()

    def flush(self) -> None:
        """Write what is held."""
        if self._held:
            data, self._held, self._bytes_held = b"".join(self._held), [], 0
            self.uncorked.write(data)
