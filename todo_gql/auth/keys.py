"""The issuer's keys as this process knows them."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from typing import Final

from jwt import PyJWK
from jwt.exceptions import InvalidTokenError

from todo_gql.auth.issuer import IssuerError, Keys, ask_for_keys
from todo_gql.todos.problems import IssuerUnavailable

MAX_AGE_S: Final = 900
"""Keys that are older are asked for anew before they are believed: a withdrawn one is soon none any more."""

MIN_INTERVAL_S: Final = 30
"""Tokens with made-up key ids cannot have the issuer asked more often."""

MIN_INTERVAL_WITHOUT_KEYS_S: Final = 5
"""As long as nobody can be let in, an issuer that comes back is soon found."""

_log: Final = logging.getLogger(__name__)


class UnknownKey(InvalidTokenError):
    """The issuer has no such key."""


class KeyCache:
    """Keeps the issuer's keys, and asks for them when they are old, or when a token names one that is not there.

    All who wait for keys wait for the same answer, and the keys that are known serve while the issuer is away.

    Args:
        issuer: Its `iss`.
        clock: Tells seconds that only grow.
    """

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._keys: Keys = {}
        self._is_away = False
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask for the keys before a token needs them, and stop asking at the end."""
        self._ask()
        try:
            yield
        finally:
            if (asking := self._asking) is not None:
                asking.cancel()
                with suppress(asyncio.CancelledError):
                    await asking

    async def find(self, key_id: str, algorithm: str) -> PyJWK:
        """Find a key. Raises UnknownKey if the issuer has none such, IssuerUnavailable if it cannot be asked."""
        name = key_id, algorithm
        key = self._keys.get(name)
        is_due = self._has_passed(self._interval_s(is_known=key is not None))
        if is_due:
            self._ask()
        if self._asking is not None and (key is None or (is_due and not self._is_away)):
            # One who leaves takes nothing from the others who wait.
            await asyncio.shield(self._asking)
            key = self._keys.get(name)
        if key is None:
            raise IssuerUnavailable if self._is_away else UnknownKey
        return key

    def _interval_s(self, *, is_known: bool) -> int:
        if not self._keys:
            return MIN_INTERVAL_WITHOUT_KEYS_S
        return MAX_AGE_S if is_known and not self._is_away else MIN_INTERVAL_S

    def _has_passed(self, interval_s: int) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at >= interval_s

    def _ask(self) -> None:
        if self._asking is None:
            self._asked_at = self._clock()
            # It is no part of the trace of the request that happens to begin it.
            self._asking = asyncio.create_task(self._renew(), context=Context())

    async def _renew(self) -> None:
        try:
            self._keys = await ask_for_keys(self._issuer)
            self._is_away = False
        except IssuerError as error:
            self._is_away = True
            _log.warning("The keys of tokens cannot be had%s: %s", ", the old ones serve" if self._keys else "", error)
        finally:
            self._asking = None
