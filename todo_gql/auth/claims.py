"""What a verified token says of the caller: claims of Microsoft Entra ID, of Keycloak, and of whoever is like them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from jwt.exceptions import InvalidTokenError

from todo_gql.auth.owner import owner_of
from todo_gql.todos.model import AccessScope, Caller

LEEWAY_S: Final = 30
"""How far the issuer's clock may be from this one."""

MAX_SUBJECT_LENGTH: Final = 255
"""OpenID Connect Core section 2: a subject has at most 255 ASCII characters."""

_MAX_NAME_LENGTH: Final = 255
_LATEST: Final = datetime.max.replace(tzinfo=UTC).timestamp() - 2 * LEEWAY_S


class WrongClaim(InvalidTokenError):
    """A claim is none that a caller can be told by."""


def read_caller(claims: Mapping[str, Any]) -> Caller:
    """Say who the caller is. Raises WrongClaim for one of a wrong type, which PyJWT would partly let pass."""
    for name in ("iat", "nbf"):
        if name in claims:
            _instant(claims, name)
    # Keycloak signs ID tokens by the same key, and for the same audience where the service is a client itself.
    if claims.get("typ") == "ID":
        raise WrongClaim
    subject = claims["sub"]
    if not (isinstance(subject, str) and 0 < len(subject) <= MAX_SUBJECT_LENGTH and _is_plain(subject)):
        raise WrongClaim
    return Caller(
        owner=owner_of(claims["iss"], subject),
        actor=subject,
        name=_name(claims),
        scopes=_scopes(claims),
        expires_at=_expiry(claims),
    )


def _expiry(claims: Mapping[str, Any]) -> datetime:
    """Say until when the token holds: one that was let in within the leeway, to the end of that."""
    expires_at = _instant(claims, "exp")
    if expires_at <= time.time():
        expires_at += LEEWAY_S
    return datetime.fromtimestamp(expires_at, UTC)


def _instant(claims: Mapping[str, Any], name: str) -> float:
    """Read a NumericDate (RFC 7519 section 2): a JSON number, which need not be whole."""
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise WrongClaim
    return float(value)


def _scopes(claims: Mapping[str, Any]) -> frozenset[AccessScope]:
    """Read what the caller may do.

    Where Entra puts `scp` into a token, a user has signed in, and `roles` are the user's: what the client may do in
    the user's name is in `scp` alone. A token without it is a program's own, and has `roles`.
    """
    granted = {*_words(claims.get("scp")), *_words(claims.get("scope"))}
    if "scp" not in claims:
        granted.update(_words(claims.get("roles")))
    return frozenset(scope for scope in AccessScope if scope.value in granted)


def _words(value: object) -> list[str]:
    """Read a list, or text with spaces between (RFC 9068 section 2.2.3); anything else grants nothing."""
    match value:
        case str():
            return value.split(" ")
        case list():
            return [word for word in value if isinstance(word, str)]
        case _:
            return []


def _name(claims: Mapping[str, Any]) -> str | None:
    for claim in ("name", "preferred_username"):
        value = claims.get(claim)
        if isinstance(value, str) and value:
            # As UTF-8 has no form for a lone surrogate, nor has an answer.
            return value[:_MAX_NAME_LENGTH].encode(errors="replace").decode()
    return None


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
