"""Ask the issuer for its keys (OpenID Connect Discovery 1.0)."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

MAX_BYTES: Final = 524_288
"""A hundred keys with their certificates have less."""

TIMEOUT_S: Final = 5
"""For both documents together: requests may be waiting."""

_CONNECT_TIMEOUT_S: Final = 3
# Unpacked, a small answer could be a large one.
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "todo-gql"}

_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {"RS256": ("kty", "n", "e"), "ES256": ("kty", "crv", "x", "y")}
"""The algorithms that tokens can be signed by, and the members of their keys (RFC 7518 section 6)."""

ALGORITHMS: Final = tuple(_MEMBERS)

type Keys = Mapping[tuple[str, str], PyJWK]
"""Keys by id and algorithm."""


class IssuerError(Exception):
    """The issuer cannot be reached, or what it answers cannot be used; the message is for the log."""


async def ask_for_keys(issuer: str) -> Keys:
    """Ask where the issuer's keys are, and for them. Raises IssuerError."""
    try:
        async with asyncio.timeout(TIMEOUT_S), httpx2.AsyncClient(headers=_HEADERS, timeout=_CONNECT_TIMEOUT_S) as http:
            address = f"{issuer.removesuffix('/')}/.well-known/openid-configuration"
            jwks_uri = _check_description(await _read(http, address), issuer)
            return _read_keys(await _read(http, jwks_uri))
    except TimeoutError as error:
        raise IssuerError(f"{issuer} has not answered within {TIMEOUT_S} s.") from error


async def _read(http: httpx2.AsyncClient, address: str) -> dict[str, Any]:
    """Read a JSON object; redirections are not followed, as they might lead to anyone."""
    body = bytearray()
    try:
        async with http.stream("GET", address) as response:
            if response.status_code != httpx2.codes.OK:
                raise IssuerError(f"{address} answers {response.status_code}.")
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise IssuerError(f"{address} answers more than {MAX_BYTES} bytes.")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise IssuerError(f"{address} cannot be read: {type(error).__name__}.") from error
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise IssuerError(f"{address} does not answer JSON.") from error
    if not isinstance(document, dict):
        raise IssuerError(f"{address} does not answer a JSON object.")
    return document


def _check_description(document: Mapping[str, Any], issuer: str) -> str:
    """Give the address of the keys, once the document is known to be the issuer's own (section 4.3)."""
    if document.get("issuer") != issuer:
        raise IssuerError(f"The description at {issuer} is of another issuer, {document.get('issuer')!r:.200}.")
    jwks_uri = document.get("jwks_uri")
    if not isinstance(jwks_uri, str) or urlsplit(jwks_uri).scheme != urlsplit(issuer).scheme:
        raise IssuerError(f"The description at {issuer} says in no usable way where its keys are.")
    return jwks_uri


def _read_keys(document: Mapping[str, Any]) -> Keys:
    """Read the keys that can be used; issuers publish others beside them."""
    listed = document.get("keys")
    found = [_read_key(jwk) for jwk in listed if isinstance(jwk, dict)] if isinstance(listed, list) else []
    keys = {key_id: key for each in found if each is not None for key_id, key in [each]}
    if not keys:
        raise IssuerError(f"The issuer has no keys for {' or '.join(ALGORITHMS)}.")
    return keys


def _read_key(jwk: Mapping[str, Any]) -> tuple[tuple[str, str], PyJWK] | None:
    algorithm = {"RSA": "RS256", "EC": "ES256"}.get(str(jwk.get("kty")))
    kid = jwk.get("kid")
    if algorithm is None or not isinstance(kid, str):
        return None
    # Each key is for one algorithm, whatever the header of a token says.
    if jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig" or jwk.get("crv", "P-256") != "P-256":
        return None
    members = {name: jwk.get(name) for name in _MEMBERS[algorithm]}
    if not all(isinstance(value, str) for value in members.values()):
        return None
    try:
        return (kid, algorithm), PyJWK(members, algorithm)
    except (PyJWTError, ValueError):
        return None
