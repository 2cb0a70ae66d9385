"""What hand-written Starlette, asyncpg and orjson need for the same bytes: the practical limit of Python.

No validation, no limits, no owner's choice of fields: three statements written out.
"""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from todo_gql.todos.model import TodoPriority

_COLUMNS: Final = "id, title, description, status, priority, version, created_at, updated_at"
_PAGE: Final = f"SELECT {_COLUMNS} FROM todos WHERE owner = '' AND trashed_at IS NULL AND (created_at, id) > ($1, $2) ORDER BY created_at, id LIMIT $3"  # noqa: E501
_BY_ID: Final = f"SELECT {_COLUMNS} FROM todos WHERE owner = '' AND id = $1 AND trashed_at IS NULL"
_CREATE: Final = f"""
WITH made AS (
    INSERT INTO todos (owner, id, title, title_folded, status, priority, overdue_at, version, created_at, updated_at)
    VALUES ('', $1, $2, lower($2), 'OPEN', 0, 'infinity', 1, now(), now()) RETURNING {_COLUMNS}
), logged AS (
    INSERT INTO todo_changes (owner, todo_id, kind, version, changed_fields, at)
    VALUES ('', $1, 'CREATED', 1, $3, now())
)
SELECT {_COLUMNS} FROM made
"""
_PRIORITIES: Final = [priority.value for priority in TodoPriority]


def _todo(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "title": row["title"],
        "description": row["description"],
        "status": row["status"],
        "priority": _PRIORITIES[row["priority"]],
        "version": row["version"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }


def _cursor(row: asyncpg.Record) -> str:
    """Write the cursor that the service writes."""
    key = f'["CREATED_AT","{row["created_at"].isoformat()}","{row["id"]}"]'
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


async def _graphql(request: Request) -> Response:
    body = orjson.loads(await request.body())
    variables = body.get("variables") or {}
    pool: asyncpg.Pool[asyncpg.Record] = request.app.state.pool
    data: dict[str, Any]
    async with pool.acquire() as connection:
        match body["query"].split("(", 1)[0]:
            case "query Page":
                _, created_at, todo_id = orjson.loads(base64.urlsafe_b64decode(variables["after"] + "=="))
                after = (datetime.fromisoformat(created_at), UUID(todo_id))
                rows = await connection.fetch(_PAGE, *after, variables["first"] + 1)
                shown = rows[: variables["first"]]
                data = {
                    "todos": {
                        "edges": [{"cursor": _cursor(row), "node": _todo(row)} for row in shown],
                        "pageInfo": {"hasNextPage": len(rows) > len(shown), "endCursor": _cursor(shown[-1])},
                    }
                }
            case "query ById":
                row = await connection.fetchrow(_BY_ID, UUID(variables["id"]))
                data = {"todo": row and _todo(row)}
            case "mutation Create":
                row = await connection.fetchrow(_CREATE, uuid4(), variables["input"]["title"], '["title"]')
                data = {"todoCreate": {"todo": row and _todo(row)}}
            case _:
                data = {"__typename": "Query"}
    return Response(orjson.dumps({"data": data}, option=orjson.OPT_UTC_Z), media_type="application/json")


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["APP_DATABASE_URL"], min_size=10, max_size=10, reset=_keep) as pool:
        app.state.pool = pool
        yield


async def _keep(_: object) -> None:
    """Leave a connection as it is."""


app = Starlette(lifespan=_lifespan, routes=[Route("/graphql", _graphql, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["APP_PORT"]), log_level="warning")
