"""List the licences of what the service is installed with: `make licences`.

Those of the pages are in todo_gql/graphql/graphiql/static/licenses.md, which `make explorer` writes.
"""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final, NamedTuple

LOCK: Final = Path(__file__).parent.parent / "requirements.txt"

ALLOWED: Final = frozenset(
    {
        *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MIT-0", "PSF-2.0"),
        "MPL-2.0",  # Asks for the sources of its own files alone, none of which is changed here.
    }
)

# What packages write that have no License-Expression (PEP 639) yet.
_SPDX: Final = {
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


class Licensed(NamedTuple):
    """A package and its licence, an SPDX expression or whatever its author has written."""

    package: str
    version: str
    licence: str

    @property
    def is_allowed(self) -> bool:
        """Say whether the service may be shipped with it: every licence that it names must be fit for that."""
        named = set(re.findall(r"[\w.-]+", self.licence)) - {"AND", "OR"}
        return bool(named) and named <= ALLOWED


def licences(lock: Path = LOCK) -> Iterator[Licensed]:
    """Yield what the lock pins, as it is installed; what is for other systems is not."""
    for name in re.findall(r"^([\w.-]+)==", lock.read_text(), re.MULTILINE):
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue
        classifiers = [each for each in about.get_all("Classifier") or () if each.startswith("License ::")]
        written = about.get("License-Expression") or about.get("License") or " AND ".join(classifiers)
        yield Licensed(name, about["Version"], _SPDX.get(written, written))


def main() -> None:
    """Print one line for each."""
    for package, version, licence in licences():
        print(f"{package:<42} {version:<12} {licence}")


if __name__ == "__main__":
    main()
