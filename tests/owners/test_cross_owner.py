"""Nothing that is another's is found or changed, whichever way it is asked for."""

from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import httpx
import pytest
from graphql import GraphQLArgument, GraphQLField, GraphQLInputObjectType, GraphQLObjectType, get_named_type

from tests.owners.askers import arrive
from tests.owners.case import Case
from tests.owners.graphql_cases import changing, in_bulk, neighbours, reading
from tests.owners.guards import Guards, Service
from tests.owners.rest_cases import all_todos, one_todo
from tests.owners.stream_cases import following
from tests.owners.table import Tried
from tests.owners.unconditioned import without_owner
from tests.server import settings_for
from todo_gql.app import create_app
from todo_gql.graphql.schema import build_schema

CASES: Final = [*reading(), *neighbours(), *changing(), *in_bulk(), *following(), *all_todos(), *one_todo()]
ELSEWHERE: Final = {"/", "/graphql", "/docs", "/graphql/assets/{name}", "/livez", "/readyz"}
"""Routes on which GraphQL is asked, or nothing about todos."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_nothing_of_hers_is_found_or_changed(service: Service, case: Case, tried: list[Tried]) -> None:
    names = {name: f"{name}-{uuid4().hex}" for name in ("alice", "bob")}
    bob = service.asker(names["bob"], "Bob")
    alice = await arrive(service.asker(names["alice"], "Alice"))
    await bob.create("mine")
    before = await service.rows_of(names["alice"])

    try:
        result = await case.act(bob, alice)
    except (AssertionError, LookupError, TimeoutError, TypeError) as error:
        # Without a guard nearly anything may be answered.
        result = repr(error)
    after = await service.rows_of(names["alice"])

    one = Tried(
        case=case,
        guards=service.guards,
        result=result,
        has_learnt=bob.has_learnt_of(alice),
        has_changed=after != before and not case.she_writes,
    )
    tried.append(one)
    if service.guards is Guards.NEITHER:
        assert one.is_harmless == (case.stands_alone is not None)
    else:
        assert (one.result, one.has_learnt, one.has_changed) == (case.result, False, False)
    assert len(before) >= 9


def coordinates() -> Iterator[str]:
    """Name the operations, what hangs on a todo, and wherever something that exists can be named."""
    schema = build_schema()
    assert schema.query_type
    assert schema.mutation_type
    assert schema.subscription_type
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in root.fields.items():
            yield f"{root.name}.{name}"
            yield from arguments(f"{root.name}.{name}", field)
    todo = schema.type_map["Todo"]
    assert isinstance(todo, GraphQLObjectType)
    for name, field in todo.fields.items():
        if isinstance(get_named_type(field.type), GraphQLObjectType) and name != "due":
            yield f"Todo.{name}"
            yield from arguments(f"Todo.{name}", field)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            for name, member in kind.fields.items():
                if get_named_type(member.type).name == "ID" or kind.name == "TodoOperation":
                    yield f"{kind.name}.{name}"


def arguments(coordinate: str, field: GraphQLField) -> Iterator[str]:
    def names_something(name: str, argument: GraphQLArgument) -> bool:
        return get_named_type(argument.type).name in {"ID", "SyncToken"} or name in {"after", "before"}

    for name, argument in field.args.items():
        if names_something(name, argument):
            yield f"{coordinate}({name}:)"


async def routes(sqlite_url: str) -> set[str]:
    """Name every method of every path of REST."""
    app = create_app(settings_for(sqlite_url))
    paths = {str(getattr(route, "path", "")) for route in app.routes} - ELSEWHERE
    found: set[str] = set()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        for path in paths:
            answer = await client.options(path.replace("{id}", str(uuid4())))
            if allowed := answer.headers.get("Allow"):
                found |= {f"{method} {path}" for method in allowed.split(", ") if method != "OPTIONS"}
            else:
                [route] = [route for route in app.routes if getattr(route, "path", "") == path]
                found |= {f"{method} {path}" for method in getattr(route, "methods", ()) if method != "OPTIONS"}
    return found


async def test_every_operation_and_route_is_tried(tmp_path: object) -> None:
    covered = frozenset().union(*(case.covers for case in CASES))

    assert covered == {*coordinates(), *await routes(f"sqlite:///{tmp_path}/todo.db")}
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("SELECT x FROM todos WHERE todos.owner = $1::TEXT", "SELECT x FROM todos WHERE $1::TEXT IS NOT NULL"),
        ("todos JOIN d ON todos.owner = d.owner AND todos.id = d.id", "todos JOIN d ON true AND todos.id = d.id"),
        ("INSERT INTO todos (owner, id) VALUES ($1, $2)", "INSERT INTO todos (owner, id) VALUES ($1, $2)"),
    ],
)
def test_the_owner_can_be_taken_out_of_a_statement(text: str, left: str) -> None:
    assert without_owner(text) == left
