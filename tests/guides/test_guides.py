import asyncio
from pathlib import Path

import pytest
from graphql import FieldNode, GraphQLObjectType, OperationDefinitionNode, build_schema, parse

from tests.guides.client import send, shown_body
from tests.guides.page import exchanges
from tests.guides.values import Values
from tests.server import running, settings_for
from todo_gql.graphql.errors import ErrorCode
from todo_gql.todos.problems import ProblemCode

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
GRAPHQL = (DOCS / "guide-graphql.md").read_text()


@pytest.mark.parametrize("page", ["guide-graphql"])
async def test_its_requests_get_the_answers_that_it_shows(page: str, database_url: str) -> None:
    values = Values()

    async with running(settings_for(database_url)) as client, asyncio.timeout(60):
        for exchange in exchanges((DOCS / f"{page}.md").read_text()):
            where = f"{page}.md:{exchange.line}"

            answer, body = await send(client, exchange, values)

            expected = values.expect(shown_body(exchange), body)
            assert (where, body) == (where, expected)
            head = {name: answer.headers.get(name.lower()) for name in exchange.answer.headers}
            assert (where, head) == (where, values.expect(exchange.answer.headers, head))
            assert exchange.answer.start in {"", answer.start}, where


@pytest.mark.parametrize("root", ["Query", "Mutation", "Subscription"])
def test_every_operation_is_shown(root: str) -> None:
    operations = build_schema((ROOT / "schema.graphql").read_text()).type_map[root]

    assert isinstance(operations, GraphQLObjectType)
    assert roots_shown(root.lower()) == set(operations.fields)


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
