"""Databases to export from and to import into, and what both do with bytes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tests.todos.world import Clock, World, ids
from todo_gql.database import Database, create_engine, parse_database_url
from todo_gql.todos.archive.batches import read_batches, read_head
from todo_gql.todos.archive.exporting import export
from todo_gql.todos.archive.importing import Import, Imported
from todo_gql.todos.archive.lines import write_line
from todo_gql.todos.commands import ChangeDependencies, Complete, Delete, TodoPatch, Update
from todo_gql.todos.model import Due, Todo, TodoPriority, TodoStatus

ID: Final = "01890000-0000-7000-8000-{:012}"
AT: Final = datetime(2026, 12, 24, 17, 30, tzinfo=UTC)


@asynccontextmanager
async def world_on(url: str) -> AsyncIterator[World]:
    database = Database(create_engine(parse_database_url(url)))
    yield World(database, Clock())
    await database.close()


async def exported(world: World, *, batch: int = 3) -> bytes:
    return b"".join([write_line(line) async for lines in export(world.database, batch=batch) for line in lines])


async def imported(world: World, text: bytes) -> Imported:
    """Import a file whole, or what of it can be imported."""
    lines = iter(text.splitlines(keepends=True))
    importing = Import(world.database, world.clock)
    for batch in read_batches(lines, read_head(lines)):
        await importing.take(batch)
    return importing.imported


async def chain(world: World, *titles: str) -> list[Todo]:
    """Create todos, each of which depends on the one before it, whose lines come in this order."""
    made: list[Todo] = []
    for number, title in enumerate(titles):
        made.append(await world.create(title, id=ID.format(number), dependencies=ids(made[-1:])))
    return made


async def fill(world: World) -> None:
    """Make todos of several owners, of every status, with everything that a todo can have."""
    for owner in ("", "alice", "Bob", "Żaneta", "😀"):
        todos = world.todos(owner)
        plain = await world.create(owner=owner)
        due = Due(date=AT.date(), at=AT, time_zone="Europe/Berlin")
        rich = await world.create(
            'Grüße, "Welt"\\\n\x7f\u2028', owner=owner, description="ẞ 🎄", priority=TodoPriority.URGENT, due=due
        )
        done = await world.create(owner=owner, due=Due(date=date(2026, 12, 24)))
        gone = await world.create("gone", owner=owner, status=TodoStatus.CANCELLED, description="")
        # Against the order of their ids, and not in it.
        await todos.execute(ChangeDependencies(id=str(plain.id), add=ids([gone, rich, done])))
        await todos.execute(ChangeDependencies(id=str(gone.id), add=ids([done])))
        await todos.execute(Complete(id=str(done.id)))
        await todos.execute(Delete(id=str(gone.id)))
        world.clock.advance(timedelta(seconds=1))
        await todos.execute(Update(id=str(rich.id), patch=TodoPatch(status=TodoStatus.IN_PROGRESS)))
