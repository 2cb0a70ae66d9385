"""Check that all contestants give the same answers, and write the same rows, before any of them is timed."""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg

from bench.client import ask
from bench.contestants import Contestant
from bench.operations import Operation
from todo_gql.todos.model import TodoPriority

_SAMPLES: Final = 3
_PRIORITIES: Final = list(TodoPriority)
_INSTANTS: Final = frozenset({"createdAt", "updatedAt", "created_at", "updated_at", "completed_at", "at"})
# What no two new todos have in common, and what only the service keeps: the hash that tells a repeated creation.
_OF_ITS_OWN: Final = frozenset({"id", "input_hash", *_INSTANTS})
_WRITTEN: Final = """
SELECT to_jsonb(todos) - $2::text[] AS todo, (
    SELECT jsonb_agg(jsonb_build_array(owner, kind, version, changed_fields)) FROM todo_changes WHERE todo_id = todos.id
) AS changes
FROM todos WHERE id = $1
"""


class Different(Exception):
    """A contestant answers otherwise than the first."""


async def check(contestants: Sequence[Contestant], operation: Operation) -> None:
    """Ask each contestant the same. Raises Different."""
    for seed in range(_SAMPLES):
        first: tuple[str, object] | None = None
        for contestant in contestants:
            requests = contestant.requests_of(operation)
            # Whether the service writes the same to SQLite is for its tests.
            if requests is None or (operation.creates and contestant.database_url.startswith("sqlite")):
                continue
            # The same todo, or place, in every language.
            random.seed(seed)
            answer = json.loads(await ask(contestant.port, requests(0)))
            given = await _created(answer, contestant.database_url) if operation.creates else normal(answer)
            first = first or (contestant.name, given)
            if given != first[1]:
                raise Different(f"{operation.name}: {first[0]} gives\n{first[1]}\nand {contestant.name}\n{given}")
    random.seed()


def normal(value: Any) -> Any:
    """Give an answer without what may differ: how instants and priorities are written, and what a cursor is."""
    if isinstance(value, list):
        return [normal(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "edges" in value and "pageInfo" in value:
        value = _without_cursors(value)
    return {name: _normal_member(name, member) for name, member in value.items()}


def _normal_member(name: str, value: Any) -> Any:
    if name in _INSTANTS and isinstance(value, str):
        return datetime.fromisoformat(value).timestamp()
    if name == "priority" and isinstance(value, int):
        return _PRIORITIES[value]
    if name in {"dependencies", "dependents"} and isinstance(value, dict):
        # PostGraphile's lead over the table between todos.
        return [normal(node.get("todo", node)) for node in value["nodes"]]
    return normal(value)


def _without_cursors(connection: Mapping[str, Any]) -> dict[str, Any]:
    cursors = [edge["cursor"] for edge in connection["edges"]]
    page_info = connection["pageInfo"]
    return {
        "nodes": [edge["node"] for edge in connection["edges"]],
        "has_next_page": page_info["hasNextPage"],
        "has_a_cursor_each": len(set(cursors)) == len(cursors),
        "ends_at_the_last": page_info["endCursor"] == cursors[-1],
    }


async def _created(answer: Any, url: str) -> object:
    """Give what was answered, and what was written."""
    todo = answer["data"]["todoCreate"]["todo"] if "data" in answer else answer
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(_WRITTEN, todo["id"], list(_OF_ITS_OWN))
    finally:
        await connection.close()
    assert row  # noqa: S101
    answered = {name: value for name, value in normal(todo).items() if name not in _OF_ITS_OWN}
    return answered, json.loads(row["todo"]), row["changes"] and json.loads(row["changes"])
