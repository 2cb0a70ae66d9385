"""Todos as the JSON of this API: the old service's four members first."""

import json
import re
from collections.abc import Sequence
from typing import Final

import orjson
from starlette.responses import Response

from todo_gql.rest.preconditions import entity_tag
from todo_gql.todos.model import Due, Todo, TodoId
from todo_gql.todos.shapes import DateOrInstantShape, DependencyIds, DueField, DueShape, TodoField, TodoShape
from todo_gql.todos.times import format_instant

JSON: Final = "application/json"

TODO: Final = TodoShape(
    {
        "depends_on": DependencyIds.FIRST,
        "description": TodoField.DESCRIPTION,
        "id": TodoField.ID,
        "title": TodoField.TITLE,
        "dependencies": DependencyIds.ALL,
        "completed": TodoField.IS_COMPLETED,
        "status": TodoField.STATUS,
        "priority": TodoField.PRIORITY,
        "due": DateOrInstantShape(
            date=DueShape({"date": DueField.DATE}),
            instant=DueShape({"at": DueField.AT, "time_zone": DueField.TIME_ZONE}),
        ),
        "completed_at": TodoField.COMPLETED_AT,
        "created_at": TodoField.CREATED_AT,
        "updated_at": TodoField.UPDATED_AT,
        "version": TodoField.VERSION,
    }
)
"""What `present` gives, for todos that the database writes."""

_NOT_ASCII: Final = re.compile("[^\0-\x7f]+")


def present(todo: Todo, dependency_ids: Sequence[TodoId]) -> dict[str, object]:
    """Give the members of a todo, in their order."""
    dependencies = [str(todo_id) for todo_id in dependency_ids]
    return {
        "depends_on": dependencies[0] if dependencies else None,
        "description": todo.description,
        "id": str(todo.id),
        "title": todo.title,
        "dependencies": dependencies,
        "completed": todo.is_completed,
        "status": todo.status,
        "priority": todo.priority,
        "due": None if todo.due is None else _present_due(todo.due),
        "completed_at": None if todo.completed_at is None else format_instant(todo.completed_at),
        "created_at": format_instant(todo.created_at),
        "updated_at": format_instant(todo.updated_at),
        "version": todo.version,
    }


def encode(todo: Todo, dependency_ids: Sequence[TodoId]) -> str:
    """Write a todo in ASCII, as the old service did."""
    # Eight times as fast as the standard library, which alone escapes what is not ASCII.
    return in_ascii(orjson.dumps(present(todo, dependency_ids)).decode())


def in_ascii(text: str) -> str:
    """Escape what is not ASCII in a JSON text: it can only stand in strings."""
    return text if text.isascii() else _NOT_ASCII.sub(_escaped, text)


def version_in(text: str) -> int:
    """Say at which version a todo was written."""
    version: int = orjson.loads(text)["version"]
    return version


def todo_response(text: str) -> Response:
    """Answer with a todo, written in ASCII, and its entity tag."""
    return Response(text + "\n", 200, {"ETag": entity_tag(version_in(text))}, JSON)


def creation_response(text: str, *, is_replayed: bool = False) -> Response:
    """Answer with a new todo as it was written, perhaps to an earlier request."""
    todo = orjson.loads(text)
    headers = {
        "ETag": entity_tag(todo["version"]),
        "Location": f"/todos/{todo['id']}",
        **({"Idempotency-Replayed": "true"} if is_replayed else {}),
    }
    return Response(text + "\n", 201, headers, JSON)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _present_due(due: Due) -> dict[str, object]:
    if due.at is None:
        return {"date": due.date.isoformat()}
    return {"at": format_instant(due.at), "time_zone": due.time_zone}
