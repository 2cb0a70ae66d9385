"""How much each caller may ask for: a bucket of tokens that fills up at a steady rate."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MAX_CALLERS: Final = 65_536
"""How many are remembered: as addresses, in 14 MB. Who is forgotten has a full bucket again, as anyone has who comes
from yet another address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a bucket holds, and the seconds in which an empty one fills up."""

    tokens: int
    window_s: int = 60


class Buckets:
    """The buckets of all callers, within a bound.

    Who has anything left is let in, and owes what it then costs: nobody knows that before, and an operation that costs
    more than a bucket holds can still be done, once in a while. Nobody owes more than another bucketful, so that
    nobody waits for longer than a window.

    Args:
        quota: Of each caller.
        clock: Tells the seconds since some moment.
    """

    def __init__(
        self, quota: Quota, *, max_callers: int = MAX_CALLERS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.quota = quota
        self._max_callers = max_callers
        self._clock = clock
        self._rate = quota.tokens / quota.window_s
        # When each will be full, in the order of their last use. One that is full again needs no remembering.
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        """Count the callers that are remembered."""
        return len(self._full_at)

    def left(self, caller: str) -> float:
        """Say how many tokens are left; below zero they are owed."""
        return self.quota.tokens - self._until_full(caller) * self._rate

    def take(self, caller: str, tokens: int) -> None:
        """Take tokens, if need be on credit."""
        self._set(caller, min(self._until_full(caller) + tokens / self._rate, 2 * self.quota.window_s))

    def give_back(self, caller: str, tokens: int) -> None:
        """Put tokens back that were taken for somebody else."""
        self._set(caller, max(0.0, self._until_full(caller) - tokens / self._rate))

    def wait_s(self, caller: str) -> int:
        """Say in how many seconds there will be a whole token; 0: there is one."""
        return max(0, math.ceil((1 - self.left(caller)) / self._rate))

    def until_full_s(self, caller: str) -> int:
        """Say in how many seconds the bucket will be full."""
        return math.ceil(self._until_full(caller))

    def _set(self, caller: str, until_full: float) -> None:
        now = self._clock()
        self._full_at[caller] = now + until_full
        self._full_at.move_to_end(caller)
        self._forget(now)

    def _until_full(self, caller: str) -> float:
        return max(0.0, self._full_at.get(caller, 0.0) - self._clock())

    def _forget(self, now: float) -> None:
        while len(self._full_at) > self._max_callers:
            self._full_at.popitem(last=False)
        # Two at a time at least keep up with one that is new; to look through them all would take too long.
        for _ in range(2):
            caller, full_at = next(iter(self._full_at.items()))
            if full_at > now or len(self._full_at) == 1:
                return
            del self._full_at[caller]
