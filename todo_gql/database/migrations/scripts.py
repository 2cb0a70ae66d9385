"""Find the revisions that this version of the service brings along."""

from functools import cache
from pathlib import Path
from typing import Final

_VERSIONS: Final = Path(__file__).parent / "versions"


@cache
def known_revisions() -> tuple[str, ...]:
    """List the revisions, newest first, as the names of their files begin: Alembic would have to load them."""
    return tuple(sorted((path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py")), reverse=True))
