"""What a caller may do: every operation of GraphQL and every route of REST asks for its scope."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType, GraphQLSchema, build_schema

from tests.auth.issuer import RunningIssuer
from tests.rest.conftest import hold_against_openapi
from todo_gql.graphql.schema import print_sdl

ID = "00000000-0000-7000-8000-000000000000"
QUERIES = {
    "node": f'node(id: "{ID}") {{ id }}',
    "nodes": f'nodes(ids: ["{ID}"]) {{ id }}',
    "todo": f'todo(id: "{ID}") {{ id }}',
    "todos": "todos { nodes { id } }",
    "nextTodos": "nextTodos { id }",
    "todoStats": "todoStats { open }",
    "changes": "changes { syncToken }",
}
OPEN_QUERIES = {"viewer": "viewer { id name scopes }", "service": "service { version }"}
MUTATIONS = {
    "todoCreate": 'todoCreate(input: {title: "Buy milk"})',
    "todoUpdate": f'todoUpdate(id: "{ID}", input: {{title: "Buy milk"}})',
    "todoComplete": f'todoComplete(id: "{ID}")',
    "todoReopen": f'todoReopen(id: "{ID}")',
    "todoDependenciesChange": f'todoDependenciesChange(id: "{ID}")',
    "todoDelete": f'todoDelete(id: "{ID}")',
    "todoRestore": f'todoRestore(id: "{ID}")',
    "todoBulk": f'todoBulk(operations: [{{delete: {{id: "{ID}"}}}}], dryRun: true)',
}
FORBIDDEN = "__typename ... on ForbiddenProblem { code message requiredScope }"
READS = [("GET", "/todos"), ("HEAD", "/todos"), ("GET", "/todos?limit=5"), ("GET", f"/todos/{ID}")]
WRITES = [("POST", "/todos"), ("PUT", f"/todos/{ID}"), ("PATCH", f"/todos/{ID}"), ("DELETE", f"/todos/{ID}")]


@pytest.fixture
async def described(client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The same client, for REST: every answer is one that /openapi.json declares."""
    await hold_against_openapi(client)
    yield client
    client.event_hooks = {}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(print_sdl())


async def ask(client: httpx.AsyncClient, document: str, headers: dict[str, str]) -> Any:
    response = await client.post("/graphql", json={"query": document}, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def test_every_operation_is_tried_here(schema: GraphQLSchema) -> None:
    assert isinstance(schema.query_type, GraphQLObjectType)
    assert isinstance(schema.mutation_type, GraphQLObjectType)
    assert isinstance(schema.subscription_type, GraphQLObjectType)

    assert set(schema.query_type.fields) == {*QUERIES, *OPEN_QUERIES}
    assert set(schema.mutation_type.fields) == set(MUTATIONS)
    assert set(schema.subscription_type.fields) == {"todoEvents"}


@pytest.mark.parametrize("scope", ["openid", "todos.write"])
@pytest.mark.parametrize("field", QUERIES.values(), ids=QUERIES)
async def test_a_query_needs_the_scope_to_read(
    field: str, scope: str, client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    headers = steady_issuer.bearer(scope=scope)

    # Alone some have a plan, which needs no resolver.
    alone = await ask(client, f"{{ {field} }}", headers)
    beside = await ask(client, f"{{ {field} service {{ version }} }}", headers)

    for answer in (alone, beside):
        errors = [(error["message"], error["extensions"]["code"]) for error in answer["errors"]]
        assert set(errors) == {("This needs the scope todos.read.", "FORBIDDEN")}
    assert alone["data"] is None or not any(alone["data"].values())
    # `nodes` can be of anything but null.
    assert beside["data"] is None or beside["data"].pop("service")["version"]
    assert beside["data"] is None or not any(beside["data"].values())


@pytest.mark.parametrize("field", QUERIES.values(), ids=QUERIES)
async def test_the_scope_to_read_is_enough_for_a_query(
    field: str, client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    answer = await ask(client, f"{{ {field} }}", steady_issuer.bearer(scope="todos.read"))

    assert "errors" not in answer


@pytest.mark.parametrize("field", MUTATIONS.values(), ids=MUTATIONS)
async def test_a_mutation_needs_the_scope_to_write(
    field: str, client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    document = f"mutation {{ done: {field} {{ {FORBIDDEN} }} }}"

    answer = await ask(client, document, steady_issuer.bearer(scope="todos.read"))

    assert answer == {
        "data": {
            "done": {
                "__typename": "ForbiddenProblem",
                "code": "FORBIDDEN",
                "message": "This needs the scope todos.write.",
                "requiredScope": "todos.write",
            }
        }
    }


@pytest.mark.parametrize("field", MUTATIONS.values(), ids=MUTATIONS)
async def test_the_scope_to_write_is_enough_for_a_mutation(
    field: str, client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    document = f"mutation {{ done: {field} {{ {FORBIDDEN} }} }}"

    answer = await ask(client, document, steady_issuer.bearer(scope="todos.write"))

    assert answer["data"]["done"]["__typename"] != "ForbiddenProblem"


async def test_a_write_answers_what_it_wrote_without_the_scope_to_read(
    client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    headers = steady_issuer.bearer(scope="todos.write")
    document = """mutation { todoCreate(input: {title: "Buy milk"}) {
        ... on TodoCreated { todo { title isBlocked dependencies { id } dependents { totalCount } } }
    } }"""

    graphql = await ask(client, document, headers)
    rest = await client.post("/todos", json={"title": "Buy bread"}, headers=headers)

    assert graphql["data"]["todoCreate"]["todo"] == {
        "title": "Buy milk",
        "isBlocked": False,
        "dependencies": [],
        "dependents": {"totalCount": 0},
    }
    assert (rest.status_code, rest.json()["title"]) == (201, "Buy bread")


@pytest.mark.parametrize(("method", "path"), READS)
async def test_rest_reads_only_for_who_may_read(
    method: str, path: str, described: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    response = await described.request(method, path, headers=steady_issuer.bearer(scope="todos.write"))

    assert response.status_code == 403
    assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="todos.read"'
    if method != "HEAD":
        assert response.json()["code"] == "FORBIDDEN"
        assert response.json()["detail"] == "This needs the scope todos.read."


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_rest_writes_only_for_who_may_write(
    method: str, path: str, described: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    body = {} if method == "DELETE" else {"json": {"title": "Buy milk"}}

    refused = await described.request(method, path, headers=steady_issuer.bearer(scope="todos.read"), **body)  # type: ignore[arg-type]
    done = await described.request(method, path, headers=steady_issuer.bearer(scope="todos.write"), **body)  # type: ignore[arg-type]

    assert refused.status_code == 403
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="todos.write"'
    assert refused.json()["detail"] == "This needs the scope todos.write."
    assert done.status_code in {200, 201, 204}


async def test_a_key_gives_nobody_a_scope(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    key = {"Idempotency-Key": '"1"'}
    await client.post("/todos", json={"title": "Buy milk"}, headers=key | steady_issuer.bearer())

    response = await client.post(
        "/todos", json={"title": "Buy milk"}, headers=key | steady_issuer.bearer(scope="todos.read")
    )

    assert response.status_code == 403


async def test_what_was_refused_was_not_done(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    reader = steady_issuer.bearer(sub="carol", scope="todos.read")
    await ask(client, f"mutation {{ {MUTATIONS['todoCreate']} {{ {FORBIDDEN} }} }}", reader)
    await client.post("/todos", json={"title": "Buy milk"}, headers=reader)

    answer = await ask(client, "{ todoStats { total } }", reader)

    assert answer == {"data": {"todoStats": {"total": 0}}}


async def test_the_viewer_is_who_asks(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    headers = steady_issuer.bearer(sub="bob", name="Bob", scope="openid todos.read")

    answer = await ask(client, "{ viewer { id name scopes } }", headers)

    assert answer == {"data": {"viewer": {"id": "bob", "name": "Bob", "scopes": ["todos.read"]}}}


async def test_a_program_may_do_what_its_roles_say(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    headers = steady_issuer.bearer(scope=None, roles=["todos.read"])

    reads = await client.get("/todos", headers=headers)
    writes = await client.post("/todos", json={"title": "Buy milk"}, headers=headers)

    assert (reads.status_code, writes.status_code) == (200, 403)


async def test_everyone_has_todos_of_their_own(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    dora, emil = steady_issuer.bearer(sub="dora"), steady_issuer.bearer(sub="emil")
    created = (await client.post("/todos", json={"title": "Buy milk"}, headers=dora)).json()

    assert [todo["id"] for todo in (await client.get("/todos", headers=dora)).json()] == [created["id"]]
    assert (await client.get("/todos", headers=emil)).json() == []
    assert (await client.get(f"/todos/{created['id']}", headers=emil)).status_code == 404


async def test_the_change_log_names_the_subject(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    headers = steady_issuer.bearer(sub="frida")
    await client.post("/todos", json={"title": "Buy milk"}, headers=headers)

    answer = await ask(client, "{ todos { nodes { history { nodes { kind actor } } } } }", headers)

    [todo] = answer["data"]["todos"]["nodes"]
    assert todo["history"]["nodes"] == [{"kind": "CREATED", "actor": "frida"}]
