import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, build_schema, parse

from tests.guides.client import send, shown_body
from tests.guides.page import exchanges
from tests.guides.values import Values
from tests.server import running, settings_for
from todo_gql.graphql.errors import ErrorCode
from todo_gql.rest.openapi import openapi_document
from todo_gql.rest.problems import KINDS, Code, Kind
from todo_gql.todos.problems import ProblemCode

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
GRAPHQL = (DOCS / "guide-graphql.md").read_text()
REST = (DOCS / "guide-rest.md").read_text()


@pytest.mark.parametrize("page", ["guide-graphql", "guide-rest"])
async def test_its_requests_get_the_answers_that_it_shows(page: str, database_url: str) -> None:
    values = Values()

    async with running(settings_for(database_url)) as client, asyncio.timeout(60):
        for exchange in exchanges((DOCS / f"{page}.md").read_text()):
            where = f"{page}.md:{exchange.line}"

            answer, body = await send(client, exchange, values)

            expected = values.expect(shown_body(exchange), body)
            assert (where, body) == (where, expected)
            head = {name: answer.headers.get(name) for name in exchange.answer.headers}
            assert (where, head) == (where, values.expect(exchange.answer.headers, head))
            assert exchange.answer.start in {"", answer.start}, where


@pytest.mark.parametrize("root", ["Query", "Mutation", "Subscription"])
def test_every_operation_is_shown(root: str) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())

    assert roots_shown(root.lower()) == fields_of(schema, root)


def roots_shown(operation: str) -> set[str]:
    documents = [exchange.document for exchange in exchanges(GRAPHQL) if exchange.document is not None]
    definitions = [definition for document in documents for definition in parse(document).definitions]
    return {
        node.name.value
        for definition in definitions
        if isinstance(definition, OperationDefinitionNode) and definition.operation.value == operation
        for node in definition.selection_set.selections
        if isinstance(node, FieldNode)
    }


@pytest.mark.parametrize("code", [*ErrorCode, *ProblemCode])
def test_every_code_of_graphql_is_explained(code: str) -> None:
    assert f"| `{code}` |" in GRAPHQL


@pytest.mark.parametrize(("code", "kind"), KINDS.items())
def test_every_code_of_rest_is_listed_with_its_status(code: Code, kind: Kind) -> None:
    assert f"| `{code}` | {kind.status.value} | {kind.title}. |" in REST.splitlines()


def test_every_route_of_todos_has_its_successor() -> None:
    document: Any = openapi_document("1.0.0")
    paths = {path: described for path, described in document["paths"].items() if path.startswith("/todos")}
    routes = {f"{method.upper()} {path}" for path in paths for method in paths[path] if method != "parameters"}

    assert set(re.findall(r"^\| `([A-Z]+ /\S+)` \|", REST, re.MULTILINE)) == routes


def test_every_successor_exists() -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    rows = re.findall(r"^\| [^|]*`[A-Z]+ /todos[^|]* \| ([^|]*) \|", REST, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(?:Subscription\.)?(\w+)", row)} - {"input"}

    known = {name for root in ("Query", "Mutation", "Subscription") for name in fields_of(schema, root)}
    assert named
    assert named <= known


def fields_of(schema: GraphQLSchema, name: str) -> set[str]:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return set(found.fields)
