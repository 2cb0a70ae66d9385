"""Files that a person names at the terminal; without a name, standard input and output."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from todo_gql.commands.failures import CommandError


def target(name: str | None) -> AbstractContextManager[int]:
    """Open a file to be written, which has its name only once all of it is on the disk; None is standard output.

    Raises:
        CommandError: it cannot be written.
    """
    return nullcontext(sys.stdout.fileno()) if name is None else _written_whole(Path(name))


def source(name: str | None) -> AbstractContextManager[BinaryIO]:
    """Open a file to be read; None is standard input.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        return nullcontext(sys.stdin.buffer) if name is None else Path(name).open("rb")
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error


def write(file: int, data: bytes) -> None:
    """Write all of the data to an open file.

    Raises:
        OSError: a part of it cannot be written.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


@contextmanager
def _written_whole(path: Path) -> Iterator[int]:
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb", buffering=0) as file:
            yield file.fileno()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
