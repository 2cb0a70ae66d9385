"""What is asked of every contestant, in the language that it speaks."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from bench import postgraphile, todos
from bench.client import get, post
from todo_gql.todos.paging import encode_cursor

Requests = Callable[[int], bytes]
"""Writes one request after another; each is given its number."""

_Variables = Callable[[], Mapping[str, Any]]

_FIELDS: Final = "id title description status priority version createdAt updatedAt"
_PAGE: Final = f"query Page($first: Int!, $after: String) {{ todos(first: $first, after: $after) {{ edges {{ cursor node {{ {_FIELDS} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"  # noqa: E501
_BY_ID: Final = f"query ById($id: ID!) {{ todo(id: $id) {{ {_FIELDS} }} }}"
_CREATE: Final = f"mutation Create($input: TodoCreateInput!) {{ todoCreate(input: $input) {{ ... on TodoCreated {{ todo {{ {_FIELDS} }} }} }} }}"  # noqa: E501
_NESTED: Final = "query Nested($first: Int!) { todos(first: $first) { nodes { id title dependencies { id title } dependents(first: 5) { nodes { id title } } } } }"  # noqa: E501
_FILTERED: Final = f"query Filtered {{ todos(first: 20, filter: {{status: [OPEN], priority: [HIGH]}}, orderBy: {{field: DUE}}) {{ nodes {{ {_FIELDS} }} }} }}"  # noqa: E501
_TYPENAME: Final = "{ __typename }"


class Language(Enum):
    """What a contestant understands."""

    GRAPHQL = auto()
    """Documents of this project's schema."""

    FLOOR = auto()
    """Those of them that the floor was written for."""

    POSTGRAPHILE = auto()
    REST = auto()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One question, in every language in which it can be asked."""

    name: str
    requests: Mapping[Language, Requests]
    creates: bool = False


def operations(postgraphile_cursor: str | None) -> Iterator[Operation]:
    """Give all of them.

    Args:
        postgraphile_cursor: Any cursor of PostGraphile's, where it takes part.
    """
    yield Operation(
        name="page of 50",
        requests={
            **_in_both(_PAGE, _random_page),
            Language.POSTGRAPHILE: _asking(postgraphile.PAGE, lambda: _random_page_of(postgraphile_cursor or "")),
        },
    )
    yield Operation(
        name="by id",
        requests={
            **_in_both(_BY_ID, _random_id),
            Language.POSTGRAPHILE: _asking(postgraphile.BY_ID, _random_id),
        },
    )
    yield Operation(
        name="create",
        requests={
            **_in_both(_CREATE, _new_todo),
            Language.POSTGRAPHILE: _asking(postgraphile.CREATE, _new_todo),
        },
        creates=True,
    )
    yield Operation(
        name="20 with their neighbours",
        requests={
            Language.GRAPHQL: _asking(_NESTED, lambda: {"first": 20}),
            Language.POSTGRAPHILE: _asking(postgraphile.NESTED, lambda: {"first": 20}),
        },
    )
    yield Operation(
        name="filtered page of 20",
        requests={
            Language.GRAPHQL: _asking(_FILTERED, dict),
            Language.POSTGRAPHILE: _asking(postgraphile.FILTERED, dict),
        },
    )
    yield Operation(
        name="`__typename`",
        requests={**_in_both(_TYPENAME, dict), Language.POSTGRAPHILE: _asking(_TYPENAME, dict)},
    )
    yield Operation(name="REST list of 50", requests={Language.REST: lambda _: get("/todos?limit=50")})
    yield Operation(
        name="REST create",
        requests={Language.REST: lambda _: post("/todos", json.dumps({"title": "Buy milk"}).encode())},
        creates=True,
    )


def graphql(document: str, variables: Mapping[str, Any]) -> bytes:
    """Write a request for the operation of a document that has only one."""
    return post("/graphql", json.dumps({"query": document, "variables": variables}).encode())


def _asking(document: str, variables: _Variables) -> Requests:
    return lambda _: graphql(document, variables())


def _in_both(document: str, variables: _Variables) -> Mapping[Language, Requests]:
    return dict.fromkeys((Language.GRAPHQL, Language.FLOOR), _asking(document, variables))


def _random_number() -> int:
    return random.randint(1, todos.ROWS - 100)


def _random_page() -> Mapping[str, Any]:
    return {"first": 50, "after": encode_cursor(todos.todo(_random_number()), todos.ORDER)}


def _random_page_of(sample: str) -> Mapping[str, Any]:
    return {"first": 50, "after": postgraphile.cursor_at(sample, _random_number())}


def _random_id() -> Mapping[str, Any]:
    return {"id": todos.id_of(_random_number())}


def _new_todo() -> Mapping[str, Any]:
    return {"input": {"title": "Buy milk"}}
