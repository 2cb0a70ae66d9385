"""What the peers on Python share: asyncpg alone, connections that are not reset, and uvicorn at its fastest."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import uvicorn

Row = dict[str, Any]

CREATE: Final = """
WITH t AS (
    INSERT INTO todos (owner, id, title, title_folded, status, priority, overdue_at, version, created_at, updated_at)
    VALUES ('', gen_random_uuid(), $1, lower($1), 'OPEN', 0, 'infinity', 1, now(), now())
    RETURNING *
), logged AS (
    INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at)
    SELECT '', id, 'CREATED', 1, '["title"]', created_at FROM t
)
"""
"""Makes a todo of its title, and writes its change; what follows selects from `t`."""


class Database:
    """A pool of ten connections while the application runs."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """Connect until the application stops."""
        url = os.environ["APP_DATABASE_URL"]
        async with asyncpg.create_pool(url, min_size=10, max_size=10, reset=_keep) as self._pool:
            yield

    async def rows(self, statement: str, *values: object) -> list[Row]:
        """Run a statement; asyncpg prepares each once for a connection."""
        assert self._pool  # noqa: S101
        async with self._pool.acquire() as connection:
            return list(map(dict, await connection.fetch(statement, *values)))


def serve(app: Callable[..., Any]) -> None:
    """Serve in one process, with what uvicorn calls its standard for speed."""
    port = int(os.environ["APP_PORT"])
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")


async def _keep(_: object) -> None:
    """Leave a connection as it is."""
