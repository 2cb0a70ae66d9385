"""Run a unit of work again when it was lost, within bounds."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final

from todo_gql.database.failures import Interrupted

# Half the deadline of an operation: what runs again must still have the time to answer.
WITHIN_S: Final = 5.0

_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 1.0
_TOKENS: Final = 1000
_TOKENS_FOR_A_SUCCESS: Final = 0.1

_log: Final = logging.getLogger(__name__)


class Retry:
    """Runs units of work until they succeed, the time is up, or so many fail that trying again would do harm.

    The pauses grow, with full jitter (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter). The budget is
    gRPC's (github.com/grpc/proposal/blob/master/A6-client-retries.md, throttling): each unit that fails takes a token,
    each success gives a tenth of one back, and below half of them nothing is run again. How often one unit is tried is
    bounded by its time; if each attempt took a token, 50 requests would use them up in the first seconds of a restart.
    """

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._tokens = float(_TOKENS)

    async def run[T](self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Give what the first successful attempt gives.

        Raises:
            Interrupted: the last attempt failed so.
        """
        end = time.monotonic() + self._within_s
        longest_pause_s = _FIRST_PAUSE_S
        price = 1
        while True:
            try:
                answer = await attempt()
            except Interrupted as error:
                self._tokens = max(self._tokens - price, 0)
                price = 0
                pause_s = random.uniform(0, longest_pause_s)  # noqa: S311  # Not for secrets.
                if time.monotonic() + pause_s > end or self._tokens < _TOKENS / 2:
                    raise
                _log.debug("%s It is tried again.", error)
            else:
                self._tokens = min(self._tokens + _TOKENS_FOR_A_SUCCESS, _TOKENS)
                return answer
            await asyncio.sleep(pause_s)
            longest_pause_s = min(2 * longest_pause_s, _LONGEST_PAUSE_S)
