"""Several processes that answer on one port, and one that watches over them."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from socket import socket
from typing import Final

Work = Callable[[Callable[[], None]], int]
"""Serves until a signal stops it, and gives the exit code; calls what it is given once it can answer."""

_STOPS: Final = frozenset({signal.SIGINT, signal.SIGTERM})
_READY: Final = signal.SIGUSR1
_SIGNALS: Final = _STOPS | {signal.SIGCHLD, _READY}

_YOUNG_S: Final = 10
_PAUSE_S: Final = 1
"""Before a worker is replaced that ended young: what ended it may not be over."""

_log: Final = logging.getLogger(__name__)


def run_workers(count: int, work: Work, listener: socket) -> int:
    """Do the work in so many processes until SIGINT or SIGTERM, and replace each that ends before; give the exit code.

    All accept connections from one socket: those that wait in it are lost with no process but the last.

    Args:
        count: How many.
        work: Is called in each process.
        listener: Is closed here as soon as they are told to stop.
    """
    return _Workers(count, work, listener).run()


class _Workers:
    def __init__(self, count: int, work: Work, listener: socket) -> None:
        self._count = count
        self._work = work
        self._listener = listener
        self._started_at: dict[int, float] = {}
        # However this process ends, its end of the pipe is closed then, and those that read from the other notice.
        self._end_of_parent, self._held_by_parent = os.pipe()

    def run(self) -> int:
        # Each is waited for where it can be handled, so that none comes between two lines.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self._start()
        # The others follow when the first can answer: what keeps it from that is said once.
        while (received := signal.sigwait(_SIGNALS)) != _READY:
            if received in _STOPS:
                return self._stop(received)
            for code in self._ended():
                return code
        while len(self._started_at) < self._count:
            self._start()
        while (received := signal.sigwait(_SIGNALS)) not in _STOPS:
            for code in self._ended():
                _log.warning("A worker has ended (exit code %d), and is replaced", code)
                self._start()
        return self._stop(received)

    def _stop(self, received: int) -> int:
        """Hand on the signal, and any that follows, until all have ended."""
        # Open here, it would take connections that nobody answers any more.
        self._listener.close()
        self._tell(received)
        while self._started_at:
            received = signal.sigwait(_SIGNALS)
            if received in _STOPS:
                self._tell(received)
            for _ in self._ended():
                pass
        return 0

    def _tell(self, number: int) -> None:
        for pid in self._started_at:
            os.kill(pid, number)

    def _ended(self) -> Iterator[int]:
        """Forget those that have ended, and yield the exit code of each; a signal's is its number, negative."""
        for pid, started_at in list(self._started_at.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._started_at[pid]
                if time.monotonic() - started_at < _YOUNG_S:
                    time.sleep(_PAUSE_S)
                yield os.waitstatus_to_exitcode(status)

    def _start(self) -> None:
        pid = os.fork()
        if pid:
            self._started_at[pid] = time.monotonic()
            return
        code = 1
        try:
            code = self._work_in_child()
        except Exception:  # noqa: BLE001  # The outermost edge of this process.
            _log.exception("A worker has failed")
        finally:
            os._exit(code)  # What the parent has registered for its own end is not for this one.

    def _work_in_child(self) -> int:
        # Ctrl-C on a terminal is for the parent, which hands it on.
        os.setpgid(0, 0)
        # Until it serves, it ends without a word.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(self._held_by_parent)
        threading.Thread(target=self._end_with_parent, daemon=True).start()
        parent = os.getppid()
        return self._work(lambda: os.kill(parent, _READY))

    def _end_with_parent(self) -> None:
        os.read(self._end_of_parent, 1)
        os.kill(os.getpid(), signal.SIGTERM)
