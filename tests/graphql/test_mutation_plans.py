"""Which mutations are done without graphql-core, and what that keeps."""

import gc
from typing import Any

import pytest
import strawberry
from graphql import GraphQLNonNull, GraphQLSchema, OperationDefinitionNode, parse, validate
from strawberry.permission import BasePermission

from todo_gql.graphql.mutation_plans import MutationPlan, make_mutation_plan
from todo_gql.graphql.problems import ForbiddenProblem
from todo_gql.graphql.schema import build_schema


class Never(BasePermission):
    message = "No."

    def has_permission(self, *_: Any, **__: Any) -> bool:
        return False


@strawberry.type
class Done:
    text: str


DoneResult = Done | ForbiddenProblem


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def plain(self, info: strawberry.Info) -> DoneResult:
        return Done(text=info.field_name)

    @strawberry.mutation(permission_classes=[Never])  # type: ignore[untyped-decorator]  # Its overload with classes.
    async def permitted(self, info: strawberry.Info) -> DoneResult:
        return Done(text=info.field_name)

    @strawberry.mutation
    def at_once(self, info: strawberry.Info) -> DoneResult:
        return Done(text=info.field_name)

    @strawberry.mutation
    async def without_info(self) -> DoneResult:
        return Done(text="done")

    @strawberry.mutation
    async def never_refused(self, info: strawberry.Info) -> Done:
        return Done(text=info.field_name)


@strawberry.type
class Query:
    ok: bool = True


def plan(schema: GraphQLSchema, text: str) -> MutationPlan | None:
    document = parse(text)
    assert not validate(schema, document)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return make_mutation_plan(schema, document, operation)


@pytest.mark.parametrize(
    ("text", "has_plan"),
    [
        pytest.param("mutation { plain { ... on Done { text } } }", True, id="plain"),
        pytest.param("mutation { permitted { ... on Done { text } } }", False, id="one that Strawberry guards"),
        pytest.param("mutation { atOnce { ... on Done { text } } }", False, id="one that does not wait"),
        pytest.param("mutation { withoutInfo { ... on Done { text } } }", False, id="one without a context"),
        pytest.param("mutation { neverRefused { text } }", False, id="one whose refusals are errors"),
    ],
)
def test_what_strawberry_does_beside_a_resolver_is_left_to_it(text: str, has_plan: bool) -> None:
    schema = strawberry.Schema(query=Query, mutation=Mutation)._schema  # noqa: SLF001  # As in todo_gql.graphql.schema.

    assert (plan(schema, text) is not None) == has_plan


def test_every_mutation_of_the_service_can_have_a_plan() -> None:
    schema = build_schema()
    assert schema.mutation_type

    without = [
        name
        for name, field in schema.mutation_type.fields.items()
        if plan(schema, f"mutation {{ {name}{arguments(field)} {{ __typename }} }}") is None
    ]

    assert without == []


def arguments(field: Any) -> str:
    values = {"ID!": '"x"', "TodoCreateInput!": '{title: "x"}', "TodoUpdateInput!": "{}", "[TodoOperation!]!": "[]"}
    needed = [f"{name}: {values[str(each.type)]}" for name, each in field.args.items() if str(each.type) in values]
    return f"({', '.join(needed)})"


def test_a_document_of_many_members_has_no_plan() -> None:
    members = " ".join(f"t{number}: title" for number in range(301))
    text = f'mutation {{ todoReopen(id: "x") {{ ... on TodoUpdated {{ todo {{ {members} }} }} }} }}'

    assert plan(build_schema(), text) is None


def test_the_same_members_are_kept_once() -> None:
    roots = " ".join(f"r{number}: todoBulk(operations: []) {{ ...F }}" for number in range(28))
    fragment = "fragment F on TodoBulkResult { ... on TodoBulkDone { results { ... on TodoCreated { todo { id } } } } }"

    assert plan(build_schema(), f"mutation {{ {roots} }} {fragment}") is not None


def test_the_types_that_a_document_makes_go_with_it() -> None:
    schema = build_schema()
    text = "mutation ($id: ID!, $ids: [ID!]!) { todoDependenciesChange(id: $id, add: $ids) { __typename } }"
    plan(schema, text)
    kept = non_null_types()

    for _ in range(10):
        plan(schema, text)

    assert non_null_types() == kept


def non_null_types() -> int:
    gc.collect()
    return sum(type(each) is GraphQLNonNull for each in gc.get_objects())
