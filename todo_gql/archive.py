"""Export and import the database, for the command line."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, aclosing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import BinaryIO

from todo_gql.command_error import CommandError
from todo_gql.database import Database, DatabaseUnavailable, DatabaseURL, SQLiteURL, create_engine
from todo_gql.database.migrations import MigrationError, RevisionState, revision_status, upgrade
from todo_gql.todos.archive.batches import MAX_LINE_BYTES, Refused, read_batches, read_head
from todo_gql.todos.archive.exporting import export
from todo_gql.todos.archive.importing import Import, Imported
from todo_gql.todos.archive.lines import Head, write_line
from todo_gql.todos.service import utc_now

Tell = Callable[[int, int], None]
"""Hears how many todos and dependencies are done, of how many."""


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


async def export_database(url: DatabaseURL, file: int, tell: Tell) -> Head:
    """Write everything there is as it is at one moment to an open file, and say how much that was.

    Raises:
        CommandError: the file cannot be written.
        DatabaseUnavailable: the database cannot answer now; what is written is not complete.
        MigrationError: the tables are not those of this version.
    """
    if isinstance(url, SQLiteURL) and not url.path.exists():
        raise CommandError(f"There is no {url} to export.")
    database = Database(create_engine(url))
    try:
        await _check_tables(database)
        head = Head(todos=0, dependencies=0)
        done = 0
        async with aclosing(export(database)) as batches:
            async for lines in batches:
                for line in lines:
                    if isinstance(line, Head):
                        head = line
                    else:
                        done += line.size
                _write(file, b"".join(map(write_line, lines)))
                tell(done, head.size)
        return head
    finally:
        await database.close()


async def import_file(url: DatabaseURL, file: BinaryIO, tell: Tell) -> Imported:
    """Put in what an export holds and the database does not; tables are made where there are none, on SQLite.

    Raises:
        CommandError: a line cannot be used, or the database cannot answer now; the message says what is in by then.
        MigrationError: the tables are not those of this version.
    """
    if isinstance(url, SQLiteURL):
        await upgrade(url)
    database = Database(create_engine(url))
    importing = Import(database, utc_now)
    try:
        await _check_tables(database)
        texts: Iterator[bytes] = iter(partial(file.readline, MAX_LINE_BYTES + 1), b"")
        head = read_head(texts)
        done = 0
        for batch in read_batches(texts, head):
            await importing.take(batch)
            done += sum(line.size for line in batch.lines)
            tell(done, head.size)
    except (Refused, DatabaseUnavailable) as error:
        raise CommandError(
            f"{error} So far: {describe(importing.imported)}. Import the file again to go on."
        ) from error
    finally:
        await database.close()
    return importing.imported


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


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
    except OSError as error:
        raise CommandError(f"The export is not complete, as it cannot be written: {error.strerror}.") from error


async def _check_tables(database: Database) -> None:
    status = await revision_status(database)
    if status.state in {RevisionState.EMPTY, RevisionState.BEHIND}:
        raise MigrationError(str(status))


def describe(imported: Imported) -> str:
    """Say what has become of the lines of an export."""
    parts = [
        f"{imported.todos} todos and {imported.dependencies} dependencies are imported",
        f"{imported.present} todos were there already",
    ]
    if imported.others:
        parts.append(
            f"{imported.others} lines are about todos that are not the same here and stay so, "
            f"the first of them line {imported.first_other}"
        )
    return ", ".join(parts)
