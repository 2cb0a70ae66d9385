"""The files that `make explorer` builds."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

DIRECTORY: Final = Path(__file__).with_name("static")

# Named here, because what the `mimetypes` module says depends on the machine, and browsers are told to believe it.
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFile:
    """A built file as it is sent."""

    content: bytes
    media_type: str
    is_gzipped: bool

    @property
    def etag(self) -> str:
        """Give the entity tag, which differs between the two encodings (RFC 9110 section 8.8.3.3)."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'


def find_built_file(directory: Path, name: str, *, gzip: bool = False) -> BuiltFile | None:
    """Read a file of a directory, compressed if `gzip` and there is such a copy; None when there is no such file."""
    media_type = _MEDIA_TYPES.get(PurePath(name).suffix)
    if media_type is None:
        return None
    try:
        # A name that stands in the listing leads to nowhere else, whatever it is made of.
        names = {path.name for path in directory.iterdir()}
        if name not in names:
            return None
        is_gzipped = gzip and f"{name}.gz" in names
        content = (directory / (f"{name}.gz" if is_gzipped else name)).read_bytes()
    except FileNotFoundError:
        # Not built yet, or just being built anew.
        return None
    return BuiltFile(content=content, media_type=media_type, is_gzipped=is_gzipped)
