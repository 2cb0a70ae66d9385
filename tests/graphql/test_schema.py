from pathlib import Path

from graphql import build_client_schema, build_schema, get_introspection_query, is_object_type

from tests.graphql.client import GraphQLClient
from todo_gql.graphql.schema import build_schema as build_executable_schema
from todo_gql.graphql.schema import print_sdl
from todo_gql.todos.problems import ProblemCode

ROOT = Path(__file__).parents[2]


def test_the_file_is_what_the_code_prints() -> None:
    assert (ROOT / "schema.graphql").read_text() == print_sdl(), "Run `make schema`."


def test_every_problem_code_has_a_type_and_every_result_can_be_forbidden() -> None:
    schema = build_schema(print_sdl())
    problem = schema.type_map["Problem"]

    types = {name for name, kind in schema.type_map.items() if is_object_type(kind) and problem in kind.interfaces}
    unions = {
        name: {member.name for member in kind.types} for name, kind in schema.type_map.items() if hasattr(kind, "types")
    }

    assert len(types) == len(ProblemCode)
    assert all("ForbiddenProblem" in members for members in unions.values())


def test_roots_that_can_fail_are_nullable() -> None:
    schema = build_executable_schema()
    assert schema.mutation_type

    required = {name for name, field in schema.mutation_type.fields.items() if str(field.type).endswith("!")}

    assert required == set()


async def test_a_client_that_asks_is_told_the_schema(client: GraphQLClient) -> None:
    told = await client.data(get_introspection_query(descriptions=False))
    named = await client.data('{ __type(name: "Todo") { name } __typename todos { totalCount } }')

    assert build_client_schema(told).type_map.keys() == build_schema(print_sdl()).type_map.keys()
    assert named == {"__type": {"name": "Todo"}, "__typename": "Query", "todos": {"totalCount": 0}}
