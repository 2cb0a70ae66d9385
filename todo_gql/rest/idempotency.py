"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): the name by which a client may repeat a request."""

import re
from typing import Final

from starlette.datastructures import Headers

from todo_gql.rest.problems import Refused, TransportCode

MAX_LENGTH: Final = 255

# A String of RFC 9651 section 3.3.3.
_CHARACTERS: Final = r'(?:[ !#-\[\]-~]|\\["\\])+'
_STRING: Final = re.compile(f'"({_CHARACTERS})"')
SCHEMA: Final = {"type": "string", "pattern": f'^"{_CHARACTERS}"$', "maxLength": MAX_LENGTH + 2}
"""The header, for the description."""


def read_key(headers: Headers) -> str | None:
    """Read the key of a request, None when it has none. Raises Refused when it is malformed."""
    values = headers.getlist("idempotency-key")
    if not values:
        return None
    found = _STRING.fullmatch(values[0].strip())
    if len(values) > 1 or found is None or len(found[1]) > MAX_LENGTH:
        raise Refused(
            TransportCode.BAD_REQUEST,
            f"`Idempotency-Key` is one string of 1 to {MAX_LENGTH} characters in double quotes.",
        )
    return found[1]
