"""Labels out of what callers send, few enough for metrics."""

import re
from collections.abc import Iterable
from typing import Final

MAX_CLIENTS: Final = 50
"""How many programs that call have names."""

OTHER: Final = "_other"
UNKNOWN: Final = "_unknown"

# RFC 9110 section 10.1.5: a product is a token; versions are left out, since each release would be another client.
_PRODUCT: Final = re.compile(r"[A-Za-z][\w.+-]{0,39}", re.ASCII)


class BoundedNames:
    """Admits the first names that come, up to a limit; every later one is `_other`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._admitted: set[str] = set()

    def admit(self, name: str) -> str:
        """Give the name, or `_other`."""
        if name in self._admitted:
            return name
        if len(self._admitted) < self._limit:
            self._admitted.add(name)
            return name
        return OTHER


def client_name(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Name the program that calls: by `graphql-client-name`, or the first product of its `User-Agent`."""
    found = dict(headers)
    sent = found.get(b"graphql-client-name") or found.get(b"user-agent") or b""
    product = _PRODUCT.match(sent.decode("latin-1"))
    return product[0] if product else UNKNOWN
