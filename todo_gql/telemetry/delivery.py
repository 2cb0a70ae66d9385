"""Delivery to a collector that may be away: never a delay, never more than a few lines about it."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Final, override

from todo_gql.telemetry.destinations import Destination

MAX_LINES: Final = 2
"""How many lines of the libraries are passed on; one more at the stop says what was lost."""

CLOSE_TIMEOUT_S: Final = 5
"""How long the last delivery may take when the service stops; Kubernetes kills it after 30 s."""
CLOSE_TIMEOUT_WITHOUT_COLLECTOR_S: Final = 0.2

_CONNECT_TIMEOUT_S: Final = 0.5
_LIBRARY: Final = "opentelemetry"

_log: Final = logging.getLogger(__name__)


class LibraryLines(logging.Handler):
    """Passes on the first lines of what the OpenTelemetry libraries log, shortened; an exporter repeats them for ever.

    They stay out of what is exported: a line about each failed export would be the next one's freight.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._left = MAX_LINES

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if self._left == 0:
            return
        self._left -= 1
        last_words = "" if self._left else " Nothing more is said about this."
        _log.warning("%s.%s", record.getMessage().partition("\n")[0].rstrip("."), last_words)


def hear_libraries() -> None:
    """Let the lines of the libraries pass through a handler of their own, and nowhere else."""
    _hand_library_lines_to(LibraryLines())


def silence_libraries() -> None:
    """Drop the lines of the libraries: the threads of exporters outlive the service by a moment, and complain."""
    _hand_library_lines_to(logging.NullHandler())


def _hand_library_lines_to(handler: logging.Handler) -> None:
    library = logging.getLogger(_LIBRARY)
    library.handlers = [handler]
    library.propagate = False


async def deliver_the_rest(
    destinations: Sequence[Destination],
    shutdowns: Sequence[Callable[[], object]],
    interrupts: Sequence[Callable[[], object]],
) -> None:
    """Shut providers down, side by side and within one deadline, so that what is pending arrives.

    Args:
        destinations: Where they deliver to.
        shutdowns: Of the providers; each blocks while it delivers.
        interrupts: Shut the exporters down, which ends what still waits for another attempt.
    """
    is_there = await asyncio.to_thread(_anyone_listens, destinations)
    deadline_s = CLOSE_TIMEOUT_S if is_there else CLOSE_TIMEOUT_WITHOUT_COLLECTOR_S
    # Daemons: the process ends although a collector holds one of them up.
    threads = [Thread(target=shutdown, daemon=True) for shutdown in shutdowns]
    for thread in threads:
        thread.start()
    await asyncio.gather(*(asyncio.to_thread(thread.join, deadline_s) for thread in threads))
    silence_libraries()
    if any(thread.is_alive() for thread in threads):
        _log.warning("The collector did not take the last telemetry: it is lost.")
        for interrupt in interrupts:
            interrupt()


def _anyone_listens(destinations: Sequence[Destination]) -> bool:
    for destination in destinations:
        try:
            socket.create_connection(destination.address, _CONNECT_TIMEOUT_S).close()
        except OSError:
            continue
        return True
    return False
