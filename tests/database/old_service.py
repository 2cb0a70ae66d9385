"""The table of the service before this one, made and filled as that service did."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from todo_gql.database import DatabaseURL
from todo_gql.database.engine import create_migration_engine

metadata = sa.MetaData()

todos = sa.Table(
    "todos",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.String(80), nullable=False),
    sa.Column("description", sa.String(120)),
    sa.Column("depends_on", sa.Uuid, sa.ForeignKey("todos.id")),
)

# Not in the order of their ids; the third depends on the first.
MILK = {"id": UUID(int=3), "title": "Buy MILK", "description": None, "depends_on": None}
STREET = {"id": UUID(int=1), "title": "Sweep the Straße", "description": "BOTH sides", "depends_on": None}
BAKE = {"id": UUID(int=2), "title": "Bake", "description": "", "depends_on": MILK["id"]}


async def run_on[T](url: DatabaseURL, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Run work in a transaction as the old service did: on SQLite without foreign keys."""
    engine = create_migration_engine(url)
    try:
        async with engine.begin() as connection:
            return await work(connection)
    finally:
        await engine.dispose()


async def make_old_table(url: DatabaseURL, *rows: dict[str, object]) -> None:
    """Make the old service's table with these rows, in this order."""

    async def work(connection: AsyncConnection) -> None:
        await connection.run_sync(metadata.create_all)
        for row in rows:
            await connection.execute(todos.insert(), row)

    await run_on(url, work)


async def old_rows(url: DatabaseURL) -> list[dict[str, object]]:
    """List the rows of the old service's table by id, as that service read them."""
    result = await run_on(url, lambda connection: connection.execute(sa.select(todos).order_by(todos.c.id)))
    return [dict(row) for row in result.mappings()]
