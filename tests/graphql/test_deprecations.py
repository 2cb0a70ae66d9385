import pytest
from graphql import build_schema, parse

from todo_gql.graphql.deprecations import Deprecations

SCHEMA = """
type Query { todo(id: ID, number: Int @deprecated(reason: "2026-11-23: use id")): Todo old: [Item] }
interface Item { done: Boolean @deprecated(reason: "2026-11-23: use status") }
type Todo implements Item { id: ID done: Boolean @deprecated(reason: "2026-11-23: use status") }
"""


@pytest.mark.parametrize(
    ("document", "uses"),
    [
        ("{ todo(id: 1) { id } }", set()),
        ("{ todo { done } }", {"Todo.done"}),
        ("{ todo { a: done ...F } } fragment F on Todo { done }", {"Todo.done"}),
        ("{ old { done ... on Todo { done } } }", {"Item.done", "Todo.done"}),
        ("{ todo(number: 1) { id } }", {"Query.todo(number:)"}),
        ("query ($n: Int) { todo(number: $n) { __typename } }", {"Query.todo(number:)"}),
    ],
)
def test_what_a_document_asks_for_that_is_deprecated_is_named(document: str, uses: set[str]) -> None:
    deprecations = Deprecations(build_schema(SCHEMA))

    assert deprecations.in_document(parse(document)) == uses
