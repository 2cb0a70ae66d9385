"""`todo-gql export` and `todo-gql import`: everything into a file, and out of one."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import BinaryIO

from todo_gql.commands.environment import database_url, read_settings
from todo_gql.commands.failures import CommandError
from todo_gql.commands.files import source, target, write
from todo_gql.commands.progress import Progress
from todo_gql.database import Database, DatabaseUnavailable, DatabaseURL, SQLiteURL, create_engine
from todo_gql.database.migrations import check_tables, upgrade
from todo_gql.todos.archive.batches import MAX_LINE_BYTES, Refused, read_batches, read_head
from todo_gql.todos.archive.exporting import export
from todo_gql.todos.archive.importing import Import, Imported
from todo_gql.todos.archive.lines import Head, Line, write_line
from todo_gql.todos.times import utc_now

Tell = Callable[[int, int], None]
"""Hears how many todos and dependencies are done, of how many."""


def run_export(options: argparse.Namespace) -> int:
    """Run `export`."""
    url = database_url(read_settings())
    progress = Progress(sys.stderr, is_wanted=options.file is not None or not sys.stdout.isatty())
    try:
        with target(options.file) as file:
            head = asyncio.run(_export(url, file, progress.tell))
    finally:
        progress.clear()
    # Standard output may be the export.
    print(f"{url}: exported {head.todos} todos and {head.dependencies} dependencies.", file=sys.stderr)
    return 0


def run_import(options: argparse.Namespace) -> int:
    """Run `import`."""
    url = database_url(read_settings())
    progress = Progress(sys.stderr)
    try:
        with source(options.file) as file:
            imported = asyncio.run(_import(url, file, progress.tell))
    finally:
        progress.clear()
    print(f"{url}: {_describe(imported)}.")
    return 0


async def _export(url: DatabaseURL, file: int, tell: Tell) -> Head:
    """Write everything there is as it is at one moment to an open file, and say how much that was."""
    if isinstance(url, SQLiteURL) and not url.path.exists():
        raise CommandError(f"There is no {url} to export.")
    database = Database(create_engine(url))
    try:
        await check_tables(database)
        head = Head(todos=0, dependencies=0)
        done = 0
        async with aclosing(export(database)) as batches:
            async for lines in batches:
                for line in lines:
                    if isinstance(line, Head):
                        head = line
                    else:
                        done += line.size
                _write(file, lines)
                tell(done, head.size)
        return head
    finally:
        await database.close()


async def _import(url: DatabaseURL, file: BinaryIO, tell: Tell) -> Imported:
    """Put in what an export holds and the database does not; tables are made where there are none, on SQLite.

    Raises CommandError for a line that cannot be used, or a database that is away; it says what is in by then.
    """
    if isinstance(url, SQLiteURL):
        await upgrade(url)
    database = Database(create_engine(url))
    importing = Import(database, utc_now)
    try:
        await check_tables(database)
        texts: Iterator[bytes] = iter(partial(file.readline, MAX_LINE_BYTES + 1), b"")
        head = read_head(texts)
        done = 0
        for batch in read_batches(texts, head):
            await importing.take(batch)
            done += sum(line.size for line in batch.lines)
            tell(done, head.size)
    except (Refused, DatabaseUnavailable) as error:
        raise CommandError(
            f"{error} So far: {_describe(importing.imported)}. Import the file again to go on."
        ) from error
    finally:
        await database.close()
    return importing.imported


def _write(file: int, lines: Sequence[Line]) -> None:
    try:
        write(file, b"".join(map(write_line, lines)))
    except OSError as error:
        raise CommandError(f"The export is not complete, as it cannot be written: {error.strerror}.") from error


def _describe(imported: Imported) -> str:
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
