"""Hear what PostgreSQL notifies, on one connection that comes back by itself."""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Final, Never

import asyncpg

from todo_gql.database.cancellation import heed_cancellation
from todo_gql.database.engine import DriverConnection, connect
from todo_gql.database.failures import DatabaseUnavailable
from todo_gql.database.url import PostgreSQLURL

_SETTINGS: Final = {"application_name": "todo-gql listen"}
_COMMAND_TIMEOUT_S: Final = 5
_PROBE_INTERVAL_S: Final = 10
"""How often an idle connection is asked whether it is still there: a cable that was cut tells nothing by itself."""

_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 5

_log: Final = logging.getLogger(__name__)


class Listener:
    """Calls `wake` at every notification of a channel, and whenever some may have been missed.

    It needs a connection of its own, straight to the server: a pooler that hands connections out by transactions
    would hear for someone else.
    """

    def __init__(self, url: PostgreSQLURL, channel: str, wake: Callable[[], None]) -> None:
        self._url = url
        self._channel = channel
        self._wake = wake

    async def run(self) -> Never:
        """Listen until cancelled."""
        pause_s: float = 0
        while True:
            heed_cancellation()
            try:
                connection = await connect(self._url, command_timeout_s=_COMMAND_TIMEOUT_S, server_settings=_SETTINGS)
            except DatabaseUnavailable as error:
                if not pause_s:
                    _log.warning("Changes are looked for in intervals, as nobody tells of them. %s", error)
                pause_s = min(max(2 * pause_s, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
                await asyncio.sleep(random.uniform(0, pause_s))  # noqa: S311  # Not for secrets.
                continue
            try:
                heed_cancellation()
                await self._listen(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.info("The connection that listens for changes is lost, and made anew: %s", error)
            finally:
                connection.terminate()
            # A server that accepts connections and drops them is not to be stormed.
            pause_s = 0
            await asyncio.sleep(random.uniform(0, _FIRST_PAUSE_S))  # noqa: S311

    async def _listen(self, connection: DriverConnection) -> None:
        """Return, or raise, when the connection is lost."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(self._channel, lambda *_: self._wake())
        self._wake()  # Nobody heard what was notified before.
        while not lost.is_set():
            try:
                async with asyncio.timeout(_PROBE_INTERVAL_S):
                    await lost.wait()
            except TimeoutError:
                await connection.execute("SELECT 1")
