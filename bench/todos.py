"""The todos that every contestant has: written by PostgreSQL itself, in seconds."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from tests.tools.postgres import PostgreSQL
from todo_gql.database import parse_database_url, tables
from todo_gql.database.migrations import upgrade
from todo_gql.todos.model import Todo, TodoId, TodoPriority, TodoStatus
from todo_gql.todos.queries import TodoOrderField

ROWS: Final = 100_000
ORDER: Final = TodoOrderField.CREATED_AT

# Ids count up, so that any of them can be asked for; titles, descriptions and due dates are of usual lengths.
_TODOS: Final = """
INSERT INTO todos (owner, id, title, description, title_folded, description_folded, status, priority, due_date, due_at,
                   due_time_zone, overdue_at, version, created_at, updated_at)
SELECT '', id, title, description, lower(title), lower(description), status, number % 5,
       due_at::date, due_at, CASE WHEN due_at IS NULL THEN NULL ELSE 'UTC' END,
       coalesce(due_at, 'infinity'), 1, created_at, created_at + interval '1 hour'
FROM generate_series(1, $1::int) AS number
CROSS JOIN LATERAL (SELECT
    ('01980000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid AS id,
    'Todo number ' || number || ' of many' AS title,
    CASE WHEN number % 3 = 0 THEN NULL ELSE 'A description of the usual length, with "quotes": ' || number END
        AS description,
    (ARRAY['OPEN', 'IN_PROGRESS', 'OPEN', 'CANCELLED'])[1 + number % 4] AS status,
    CASE WHEN number % 2 = 0 THEN timestamptz '2026-12-01 00:00Z' + number * interval '1 minute' END AS due_at,
    timestamptz '2026-01-01 00:00:00.123456Z' + number * interval '1 second' AS created_at
) AS made
"""

# Three dependencies each, on todos nearby; or only every so manieth has them.
_DEPENDENCIES: Final = """
INSERT INTO todo_dependencies (owner, todo_id, depends_on_id, position)
SELECT '', ('01980000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid,
       ('01980000-0000-7000-8000-' || lpad(to_hex(number - nth), 12, '0'))::uuid, nth - 1
FROM generate_series(4, $1::int, $2::int) AS number CROSS JOIN generate_series(1, 3) AS nth
"""

# Of a log that was empty when it was analyzed, a plan that is kept would read all that came since.
_CHANGES: Final = """
INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at)
SELECT owner, id, 'CREATED', 1, '["title"]', created_at FROM todos ORDER BY id
"""


def id_of(number: int) -> str:
    """Name a todo, from 1 on."""
    return f"01980000-0000-7000-8000-{number:012x}"


def todo(number: int) -> Todo:
    """Give as much of a todo as its place in a list takes."""
    created_at = datetime(2026, 1, 1, microsecond=123456, tzinfo=UTC) + timedelta(seconds=number)
    return Todo(
        id=TodoId(UUID(id_of(number))),
        title="",
        description=None,
        status=TodoStatus.OPEN,
        priority=TodoPriority.NONE,
        due=None,
        version=1,
        created_at=created_at,
        updated_at=created_at,
        completed_at=None,
        trashed_at=None,
    )


def prepare(postgresql: PostgreSQL, rows: int = ROWS, *, dependent_every: int = 1) -> str:
    """Make a database with so many todos, of which every so manieth depends on others; give its URL."""
    url = postgresql.url_of(postgresql.create_database())
    asyncio.run(upgrade(parse_database_url(url)))
    asyncio.run(_load(url, rows, dependent_every))
    return url


async def _load(url: str, rows: int, dependent_every: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute(_TODOS, rows)
        await connection.execute(_DEPENDENCIES, rows, dependent_every)
        await connection.execute(_CHANGES)
        await connection.execute("VACUUM (ANALYZE, FREEZE)")
    finally:
        await connection.close()


async def copy_to_sqlite(url: str, path: Path) -> None:
    """Make a SQLite file of what `prepare` has made: `todo-gql import` checks each dependency, and takes minutes."""
    await upgrade(parse_database_url(f"sqlite:///{path}"))
    engine = sa.create_engine(f"sqlite:///{path}")
    connection = await asyncpg.connect(url)
    try:
        with engine.begin() as target:
            for table in (tables.todos, tables.todo_dependencies):
                rows = await connection.fetch(f"SELECT {', '.join(table.c.keys())} FROM {table.name}")
                target.execute(table.insert(), [_aware(row) for row in rows])
    finally:
        await connection.close()
        engine.dispose()


def _aware(row: asyncpg.Record) -> dict[str, Any]:
    """Give the row as it was written: asyncpg reads infinity as an instant without a time zone."""
    return {name: tables.NEVER if value == tables.NEVER.replace(tzinfo=None) else value for name, value in row.items()}
