"""Bearer tokens (RFC 6750) that an OpenID Connect issuer has signed (RFC 7519), checked as RFC 8725 advises."""

import hashlib
import logging
import math
import time
from contextlib import AbstractAsyncContextManager
from typing import Final

import jwt
from jwt.exceptions import ExpiredSignatureError, InvalidTokenError, PyJWTError

from todo_gql.auth.claims import LEEWAY_S, read_caller
from todo_gql.auth.issuer import ALGORITHMS
from todo_gql.auth.keys import KeyCache
from todo_gql.auth.remembered import Remembered
from todo_gql.todos.model import Caller
from todo_gql.todos.problems import BadToken, Unauthenticated

MAX_LENGTH: Final = 16_384
"""A token of Entra with 200 groups, the most that it puts into one, has some 11,000 characters."""

_REFUSALS_INTERVAL_S: Final = 60

_log: Final = logging.getLogger(__name__)


class WrongHeader(InvalidTokenError):
    """The header names no key, or an algorithm that is not accepted."""


class Tokens:
    """Tells the caller of a token.

    Args:
        issuer: The `iss` that tokens must have.
        audience: The `aud`, of which they must have one.
        keys: Those of the issuer.
    """

    def __init__(self, issuer: str, audience: frozenset[str], keys: KeyCache) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._remembered = Remembered()
        self._refusals = _Refusals()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Keep the issuer's keys at hand."""
        return self._keys.running()

    async def authenticate(self, credentials: str | None) -> Caller:
        """Say who the caller is who sent `Bearer ...`, or nothing at all.

        Raises Unauthenticated, BadToken, or IssuerUnavailable.
        """
        scheme, _, token = (credentials or "").strip().partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        token = token.strip()
        if len(token) > MAX_LENGTH or not token.isascii():
            raise BadToken
        digest = hashlib.sha256(token.encode()).digest()
        return self._remembered.find(digest) or await self._verify(token, digest)

    async def _verify(self, token: str, digest: bytes) -> Caller:
        try:
            header = jwt.get_unverified_header(token)
            key_id, algorithm = header.get("kid"), header.get("alg")
            if not isinstance(key_id, str) or algorithm not in ALGORITHMS:
                raise WrongHeader
            key = await self._keys.find(key_id, algorithm)
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
            )
            caller = read_caller(claims)
        except ExpiredSignatureError as error:
            raise BadToken("The token has expired.") from error
        except PyJWTError as error:
            self._refusals.tell(type(error).__name__)
            raise BadToken from error
        self._remembered.keep(digest, caller, float(claims["exp"]))
        return caller


class _Refusals:
    """Tells the operator why tokens are refused, which callers are not told: each reason once a minute.

    Reasons are the names of exceptions: the messages of PyJWT may quote the token.
    """

    def __init__(self) -> None:
        self._told_at: dict[str, float] = {}

    def tell(self, reason: str) -> None:
        now = time.monotonic()
        if now - self._told_at.get(reason, -math.inf) >= _REFUSALS_INTERVAL_S:
            self._told_at[reason] = now
            _log.warning("A token is refused: %s. Others for the same reason are not told for a minute.", reason)
