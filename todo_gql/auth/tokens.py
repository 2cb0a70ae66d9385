"""Bearer tokens (RFC 6750) that an OpenID Connect issuer has signed (RFC 7519), checked as RFC 8725 advises."""

import hashlib
import logging
from contextlib import AbstractAsyncContextManager
from typing import Final

import jwt
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from todo_gql.auth.claims import LEEWAY_S, read_caller
from todo_gql.auth.issuer import ALGORITHMS
from todo_gql.auth.keys import KeyCache
from todo_gql.auth.remembered import Remembered
from todo_gql.todos.model import Caller
from todo_gql.todos.problems import BadToken, Unauthenticated

MAX_LENGTH: Final = 16_384
"""A token of Entra with 200 groups, the most that it puts into one, has some 11,000 characters."""

_log: Final = logging.getLogger(__name__)


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
                raise BadToken
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
        except ExpiredSignatureError as error:
            raise BadToken("The token has expired.") from error
        except PyJWTError as error:
            # What exactly is wrong is for the operator, not for the caller. PyJWT's messages may quote the token.
            _log.debug("A token is refused: %s", type(error).__name__)
            raise BadToken from error
        caller = read_caller(claims)
        self._remembered.keep(digest, caller, float(claims["exp"]))
        return caller
