"""Ariadne with aiodataloader, as its documentation shows them, and with the documents it has seen kept ready."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from aiodataloader import DataLoader
from ariadne import (
    EnumType,
    MutationType,
    ObjectType,
    QueryType,
    ScalarType,
    UnionType,
    load_schema_from_path,
    make_executable_schema,
)
from ariadne.asgi import GraphQL
from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate
from starlette.applications import Starlette
from starlette.routing import Route

from bench.peers.database import CREATE, Database, Row, serve

_COLUMNS: Final = """t.id::text AS id, t.title, t.description, t.status, t.priority, t.version,
    t.created_at AS "createdAt", t.updated_at AS "updatedAt" """
_SORT_KEYS: Final = {"CREATED_AT": "t.created_at, t.id", "DUE": "t.overdue_at, t.created_at, t.id"}
_DEPENDENCIES: Final = f"""
SELECT d.todo_id::text AS of, {_COLUMNS} FROM todo_dependencies d
JOIN todos t ON t.owner = d.owner AND t.id = d.depends_on_id
WHERE d.owner = '' AND d.todo_id = ANY($1::uuid[]) AND t.trashed_at IS NULL ORDER BY d.position
"""
_DEPENDENTS: Final = f"""
SELECT wanted.id::text AS of, found.* FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM todo_dependencies d JOIN todos t ON t.owner = d.owner AND t.id = d.todo_id
    WHERE d.owner = '' AND d.depends_on_id = wanted.id AND t.trashed_at IS NULL
    ORDER BY t.created_at, t.id LIMIT $2
) AS found
"""
_DEFAULT_PAGE: Final = 50

database: Final = Database()
query, mutation = QueryType(), MutationType()
todo_type, connection_type = ObjectType("Todo"), ObjectType("TodoConnection")
create_result = UnionType("TodoCreateResult", lambda *_: "TodoCreated")
date_time = ScalarType("DateTime", serializer=datetime.isoformat)
priority = EnumType("TodoPriority", {"NONE": 0, "LOW": 1, "MEDIUM": 2, "HIGH": 3, "URGENT": 4})


class Loaders:
    """What one request loads together."""

    def __init__(self) -> None:
        self.dependencies = DataLoader(_dependencies)
        self._dependents: dict[int, DataLoader] = {}

    def dependents(self, first: int) -> DataLoader:
        """Give the loader of pages of this size."""
        if first not in self._dependents:

            async def load(ids: Sequence[str]) -> list[Row]:
                rows = await database.rows(_DEPENDENTS, ids, first + 1)
                return [_connection(each, first) for each in _gathered(ids, rows)]

            self._dependents[first] = DataLoader(load)
        return self._dependents[first]


@query.field("todos")
async def resolve_todos(
    _: object,
    __: object,
    *,
    orderBy: Row,  # noqa: N803  # Arguments have the names of the schema.
    first: int = _DEFAULT_PAGE,
    after: str | None = None,
    filter: Row | None = None,
) -> Row:
    """Page. No operation goes on from a page in another order than that of creation."""
    conditions, values = ["t.owner = ''", "t.trashed_at IS NULL"], list[object]([first + 1])
    if after is not None:
        _name, created_at, todo_id = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        values += [datetime.fromisoformat(created_at), UUID(todo_id)]
        conditions.append(f"(t.created_at, t.id) > (${len(values) - 1}, ${len(values)})")
    for name in ("status", "priority"):
        if filter is not None and filter.get(name) is not None:
            values.append(filter[name])
            conditions.append(f"t.{name} = ANY(${len(values)})")
    statement = f"SELECT {_COLUMNS} FROM todos t WHERE {' AND '.join(conditions)} ORDER BY {_SORT_KEYS[orderBy['field']]} LIMIT $1"  # noqa: E501
    return _connection(await database.rows(statement, *values), first)


@query.field("todo")
async def resolve_todo(_: object, __: object, *, id: str, **___: object) -> Row | None:
    """Read one."""
    statement = f"SELECT {_COLUMNS} FROM todos t WHERE t.owner = '' AND t.id = $1 AND t.trashed_at IS NULL"
    rows = await database.rows(statement, UUID(id))
    return rows[0] if rows else None


@mutation.field("todoCreate")
async def resolve_create(_: object, __: object, *, input: Row) -> Row:
    """Create, and write the change."""
    rows = await database.rows(f"{CREATE} SELECT {_COLUMNS} FROM t", input["title"])
    return {"todo": rows[0]}


@todo_type.field("dependencies")
def resolve_dependencies(todo: Row, info: Any) -> Any:
    """Load what this one waits for, together with the others'."""
    return info.context["loaders"].dependencies.load(todo["id"])


@todo_type.field("dependents")
def resolve_dependents(todo: Row, info: Any, *, first: int = _DEFAULT_PAGE) -> Any:
    """Load what waits for this one, together with the others'."""
    return info.context["loaders"].dependents(first).load(todo["id"])


@connection_type.field("edges")
def resolve_edges(connection: Row, _: object) -> list[Row]:
    """Give each node with its cursor."""
    return [{"cursor": _cursor(node), "node": node} for node in connection["nodes"]]


@connection_type.field("pageInfo")
def resolve_page_info(connection: Row, _: object) -> Row:
    """Say where the page ends."""
    nodes = connection["nodes"]
    return {"hasNextPage": connection["hasNextPage"], "endCursor": _cursor(nodes[-1]) if nodes else None}


async def _dependencies(ids: Sequence[str]) -> list[list[Row]]:
    return _gathered(ids, await database.rows(_DEPENDENCIES, ids))


def _gathered(ids: Sequence[str], rows: Sequence[Row]) -> list[list[Row]]:
    found: dict[str, list[Row]] = {todo_id: [] for todo_id in ids}
    for row in rows:
        found[row["of"]].append(row)
    return list(found.values())


def _connection(rows: list[Row], first: int) -> Row:
    return {"nodes": rows[:first], "hasNextPage": len(rows) > first}


def _cursor(node: Row) -> str:
    key = json.dumps(["CREATED_AT", node["createdAt"].isoformat(), node["id"]], separators=(",", ":"))
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


@lru_cache(512)
def _parse(document: str) -> DocumentNode:
    return parse(document)


@lru_cache(512)
def _validate(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    return validate(schema, document)


schema: Final = make_executable_schema(
    load_schema_from_path("schema.graphql"),
    [query, mutation, todo_type, connection_type, create_result, date_time, priority],
)
graphql: Final = GraphQL(
    schema,
    context_value=lambda request, _: {"request": request, "loaders": Loaders()},
    query_parser=lambda _, data: _parse(data["query"]),
    query_validator=lambda schema, document, *_, **__: _validate(schema, document),
)
app: Final = Starlette(lifespan=database.lifespan, routes=[Route("/graphql", graphql.handle_request, methods=["POST"])])

if __name__ == "__main__":
    serve(app)
