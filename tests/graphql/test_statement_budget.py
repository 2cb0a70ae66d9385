"""How many SQL statements an operation may cost, however many todos it is about."""

import pytest

from tests.graphql.client import GraphQLClient
from tests.statements import counted

DEPTH = "dependencies { title isBlocked dependents(first: 5) { totalCount nodes { title dependencies { title } } } }"
CREATED = "... on TodoCreated { todo { id title version } }"
UPDATED = "... on TodoUpdated { changed todo { id title version } alsoCompleted { id } } ... on Problem { code }"

# Name: (document, statements on SQLite and PostgreSQL alike, without those that begin and end transactions;
# PostgreSQL also locks the graph where dependencies may be added, and logs a creation in the statement that makes it:
# these are counted apart).
QUERIES: dict[str, tuple[str, int]] = {
    "typename": ("{ __typename }", 0),
    "service": ("{ service { version limits { maxDepth } } viewer { id } }", 0),
    "todo": ("query ($id: ID!) { todo(id: $id) { title due { date } } }", 1),
    "todo in the trash": ("query ($id: ID!) { todo(id: $id, trashed: true) { title } }", 1),
    "node": ("query ($id: ID!) { node(id: $id) { id ... on Todo { title } } }", 1),
    "nodes": ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", 1),
    "several by id": ("query ($id: ID!, $of: ID!) { a: todo(id: $id) { title } b: node(id: $of) { id } }", 1),
    "page": ("{ todos(first: 20) { nodes { id title status } edges { cursor } } }", 1),
    "page with its count": ("{ todos { totalCount nodes { id } } }", 2),
    "page forward, with flags": ("{ todos(first: 5) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }", 1),
    "page from a cursor, with flags": (
        "query ($after: String) { todos(first: 5, after: $after) { nodes { id } "
        "pageInfo { hasNextPage hasPreviousPage } } }",
        1,
    ),
    "page to a cursor, with flags": (
        "query ($after: String) { todos(last: 5, before: $after) { nodes { id } "
        "pageInfo { hasNextPage hasPreviousPage } } }",
        2,
    ),
    "filtered and ordered page": (
        '{ todos(filter: {search: "todo", isBlocked: false}, orderBy: {field: PRIORITY, direction: DESC}) '
        "{ nodes { id } } }",
        1,
    ),
    "page with blocked": ("{ todos { nodes { isBlocked } } }", 1),
    "page with blocked and its count": ("{ todos { totalCount nodes { isBlocked } } }", 3),
    "page with dependencies and dependents": (
        "{ todos { nodes { dependencies { title } dependents { nodes { title } } } } }",
        1,
    ),
    "page with more dependencies than one statement reads": (
        "{ todos { nodes { dependencies { dependencies { title } } } } }",
        3,
    ),
    "dependents from a cursor, with flags": (
        "query ($after: String) { todos { nodes { dependents(first: 1, after: $after) { pageInfo { hasPreviousPage } } "
        "before: dependents(last: 1, before: $after) { pageInfo { hasNextPage } } } } }",
        # The page; the dependents from either side; what lies on the other.
        5,
    ),
    "three levels": (f"{{ todos(first: 10) {{ nodes {{ {DEPTH} }} }} }}", 6),
    "page with its token": ("{ todos { syncToken nodes { id } } }", 2),
    "page with tokens of its dependents": ("{ todos { nodes { dependents { syncToken nodes { id } } } } }", 3),
    "page with histories": ("{ todos { nodes { history(last: 2) { nodes { kind todo { title } } } } } }", 3),
    "stats": ("{ todoStats { total open overdue blocked } }", 1),
    "stats of one kind": ("{ todoStats(filter: {priority: HIGH}) { overdue } }", 1),
    # The token and what was purged, then the todos.
    "first page of everything": ("{ changes { syncToken todos { id } } }", 2),
    "changes": ("query ($since: SyncToken) { changes(since: $since) { syncToken todos { id } deleted { id } } }", 2),
    "no changes": ("query ($now: SyncToken) { changes(since: $now) { syncToken todos { id } } }", 1),
    "nextTodos": ("{ nextTodos { id title } }", 1),
    "nextTodos with blocked": ("{ nextTodos { id isBlocked } }", 1),
}

MUTATIONS: dict[str, tuple[str, int]] = {
    "todoCreate": (f'mutation {{ todoCreate(input: {{title: "x"}}) {{ {CREATED} }} }}', 2),
    "todoCreate with dependencies": (
        f'mutation ($ids: [ID!]!) {{ todoCreate(input: {{title: "x", dependencies: $ids}}) {{ {CREATED} }} }}',
        4,
    ),
    "todoUpdate": (f'mutation ($id: ID!) {{ todoUpdate(id: $id, input: {{title: "x"}}) {{ {UPDATED} }} }}', 3),
    "todoUpdate that changes nothing": (
        f"mutation ($id: ID!) {{ todoUpdate(id: $id, input: {{}}) {{ {UPDATED} }} }}",
        # The todo; then its token, which otherwise comes with the row of the log.
        2,
    ),
    "todoUpdate at another version": (
        f"mutation ($id: ID!) {{ todoUpdate(id: $id, ifVersion: 9, input: {{}}) {{ {UPDATED} }} }}",
        2,
    ),
    "todoUpdate of dependencies": (
        f"mutation ($of: ID!, $ids: [ID!]!) {{ todoUpdate(id: $of, input: {{dependencies: $ids}}) {{ {UPDATED} }} }}",
        # The todo, its dependencies, the new ones, no cycle; then delete, insert, row and log.
        8,
    ),
    "todoComplete": (f"mutation ($id: ID!) {{ todoComplete(id: $id) {{ {UPDATED} }} }}", 4),
    "todoComplete with cascade": (
        f"mutation ($last: ID!) {{ todoComplete(id: $last, cascade: true) {{ {UPDATED} }} }}",
        # The todo, its graph, the locks; the row and its log for each of three; whether anything is left.
        10,
    ),
    "todoReopen": (f"mutation ($id: ID!) {{ todoReopen(id: $id) {{ {UPDATED} }} }}", 2),
    "todoDependenciesChange": (
        f"mutation ($of: ID!, $ids: [ID!]!) {{ todoDependenciesChange(id: $of, add: $ids) {{ {UPDATED} }} }}",
        7,
    ),
    "todoDelete": ("mutation ($id: ID!) { todoDelete(id: $id) { ... on TodoDeleted { id } } }", 3),
    "todoRestore": (f"mutation ($id: ID!) {{ todoRestore(id: $id) {{ {UPDATED} }} }}", 2),
    "todoBulk": (
        'mutation { todoBulk(operations: [{create: {title: "x"}}, {create: {title: "y"}}]) { __typename } }',
        # The token from before; then the row and its log for each.
        5,
    ),
}

LOCKING_THE_GRAPH = {
    "todoUpdate of dependencies",
    "todoComplete with cascade",
    "todoDependenciesChange",
}


CREATIONS = {"todoCreate": 1, "todoCreate with dependencies": 1, "todoBulk": 2}


@pytest.mark.parametrize("name", [*QUERIES, *MUTATIONS])
async def test_an_operation_keeps_to_its_budget(client: GraphQLClient, name: str, database_url: str) -> None:
    since = await client.data("{ todos { syncToken } }")
    chain = await client.chain(*(f"todo {number}" for number in range(3)))
    others = [await client.create(f"other {number}", dependencies=chain[:1]) for number in range(6)]
    page = await client.data("{ todos(first: 1) { syncToken pageInfo { endCursor } } }")
    known = {
        "id": chain[0],
        "of": others[0],
        "last": chain[2],
        "ids": others[1:4],
        "after": page["todos"]["pageInfo"]["endCursor"],
        "since": since["todos"]["syncToken"],
        "now": page["todos"]["syncToken"],
    }
    document, budget = (QUERIES | MUTATIONS)[name]
    if database_url.startswith("postgresql"):
        budget += (name in LOCKING_THE_GRAPH) - CREATIONS.get(name, 0)

    with counted() as statements:
        await client.data(document, **{key: value for key, value in known.items() if f"${key}" in document})

    assert len(statements) == budget, "\n".join(statements)
