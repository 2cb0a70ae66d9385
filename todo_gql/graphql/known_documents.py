"""Documents that are known before anyone sends them."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

_SHA256: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class KnownDocumentsError(Exception):
    """The known documents cannot be used; the message is one sentence that says why."""


def read_known_documents(path: Path) -> Mapping[str, str]:
    """Read documents by their hash (SHA-256, hexadecimal).

    Args:
        path: A JSON object of hashes and documents, as relay-compiler (`persistConfig`) and the client preset of
            graphql-codegen (`persistedDocuments`) write it; or a directory whose `*.graphql` files are documents.

    Raises:
        KnownDocumentsError: it is neither.
    """
    try:
        if path.is_dir():
            texts = [file.read_text(encoding="utf-8") for file in sorted(path.rglob("*.graphql"))]
            return {hash_of(text): text for text in texts}
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KnownDocumentsError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise KnownDocumentsError(f"{path} is not JSON in UTF-8: {error}.") from error
    if not isinstance(manifest, dict):
        raise KnownDocumentsError(f"{path} is not a JSON object of hashes and documents.")
    return dict(_entry(path, key, text) for key, text in manifest.items())


def hash_of(document: str) -> str:
    """Name a document by its text."""
    return sha256(document.encode("utf-8", "surrogatepass")).hexdigest()


def _entry(path: Path, key: str, text: object) -> tuple[str, str]:
    match = _SHA256.fullmatch(key)
    if match is None or not isinstance(text, str):
        raise KnownDocumentsError(
            f"{path} has an entry that is no SHA-256 hash with a document: let the compiler use that algorithm."
        )
    return match[1], text
