"""The change log as GraphQL shows it."""

import pytest

from tests.graphql.client import GraphQLClient

CHANGES = """
query ($since: SyncToken, $first: Int! = 100) {
  changes(since: $since, first: $first) { todos { id title } deleted { id deletedAt } syncToken hasMore reset }
}
"""


async def test_a_client_follows_from_the_token_of_a_page(client: GraphQLClient) -> None:
    first = await client.create("first")
    page = await client.data("{ todos { syncToken nodes { id } } }")
    second = await client.create("second")
    deleted = await client.data(
        "mutation ($id: ID!) { todoDelete(id: $id) { ... on TodoDeleted { syncToken restorableUntil } } }", id=first
    )

    changes = (await client.data(CHANGES, since=page["todos"]["syncToken"]))["changes"]
    nothing = (await client.data(CHANGES, since=deleted["todoDelete"]["syncToken"]))["changes"]

    assert [todo["id"] for todo in changes["todos"]] == [second]
    assert [gone["id"] for gone in changes["deleted"]] == [first]
    assert (changes["hasMore"], changes["reset"]) == (False, False)
    assert (nothing["todos"], nothing["deleted"]) == ([], [])


async def test_without_a_token_everything_comes(client: GraphQLClient) -> None:
    await client.create("one")
    await client.create("two")

    first = (await client.data(CHANGES, first=1))["changes"]
    second = (await client.data(CHANGES, first=1, since=first["syncToken"]))["changes"]

    assert sorted(todo["title"] for page in (first, second) for todo in page["todos"]) == ["one", "two"]
    assert (first["hasMore"], second["hasMore"]) == (True, True)


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", 5])
async def test_what_is_no_token_is_a_bad_argument(client: GraphQLClient, token: object) -> None:
    answer = await client.send(CHANGES, since=token)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "selection",
    ["syncToken", "... { syncToken }", "... on TodoConnection { token: syncToken }", "...Token"],
)
async def test_the_token_of_a_page_is_found_wherever_it_is_selected(client: GraphQLClient, selection: str) -> None:
    fragment = "fragment Token on TodoConnection { ...Deeper } fragment Deeper on TodoConnection { syncToken }"
    document = f"{{ todos {{ {selection} }} }}"

    data = await client.data(f"{document} {fragment}" if selection == "...Token" else document)

    assert all(data["todos"].values())


async def test_the_dependents_of_a_todo_have_a_token_too(client: GraphQLClient) -> None:
    first, second = await client.chain("first", "second")
    page = "{ todo(id: $id) { dependents { syncToken nodes { id } } } }"
    dependents = (await client.data(f"query ($id: ID!) {page}", id=first))["todo"]["dependents"]
    third = await client.create("third", dependencies=[first])

    changes = (await client.data(CHANGES, since=dependents["syncToken"]))["changes"]

    assert [node["id"] for node in dependents["nodes"]] == [second]
    assert [todo["id"] for todo in changes["todos"]] == [third]


HISTORY = """
query ($id: ID!, $after: String) {
  todo(id: $id) {
    history(first: 1, after: $after) {
      edges { cursor node { id kind version changedFields at actor traceId syncToken todo { title } } }
      nodes { kind todoId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}
"""


async def test_the_history_of_a_todo_is_paged(client: GraphQLClient) -> None:
    todo_id = await client.create("todo", description="old")
    await client.data(
        'mutation ($id: ID!) { todoUpdate(id: $id, input: {title: "new"}) { ... on TodoUpdated { changed } } }',
        id=todo_id,
    )

    first = (await client.data(HISTORY, id=todo_id))["todo"]["history"]
    second = (await client.data(HISTORY, id=todo_id, after=first["pageInfo"]["endCursor"]))["todo"]["history"]

    assert first["nodes"] == [{"kind": "CREATED", "todoId": todo_id}]
    assert first["pageInfo"]["hasNextPage"]
    assert not first["pageInfo"]["hasPreviousPage"]
    event = second["edges"][0]["node"]
    assert {name: event[name] for name in ("kind", "version", "changedFields", "actor", "todo")} == {
        "kind": "UPDATED",
        "version": 2,
        "changedFields": ["title"],
        "actor": None,
        "todo": {"title": "new"},
    }
    assert len(event["traceId"]) == 32
    assert event["syncToken"]
    assert second["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": second["edges"][0]["cursor"],
        "endCursor": second["edges"][0]["cursor"],
    }


async def test_a_bad_cursor_of_one_history_fails_that_one_alone(client: GraphQLClient) -> None:
    todo_id = await client.create()
    document = (
        "query ($id: ID!) { good: todo(id: $id) { history { nodes { kind } } } bad: todo(id: $id) "
        '{ history(after: "x") { nodes { kind } } } }'
    )

    answer = await client.send(document, id=todo_id)

    assert answer["data"] == {"good": {"history": {"nodes": [{"kind": "CREATED"}]}}, "bad": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_todos_are_counted_by_what_they_are(client: GraphQLClient) -> None:
    _, second, _ = await client.chain("first", "second", "third")
    await client.create("late", due={"date": "2020-01-01"}, priority="HIGH")
    await client.create("done", status="COMPLETED")
    await client.create("dropped", status="CANCELLED")
    await client.create("begun", status="IN_PROGRESS", priority="HIGH")
    await client.data("mutation ($id: ID!) { todoDelete(id: $id) { __typename } }", id=second)
    counts = "{ total open inProgress completed cancelled overdue blocked }"

    data = await client.data(
        f"{{ all: todoStats {counts} high: todoStats(filter: {{priority: HIGH}}) {counts} "
        f"trashed: todoStats(filter: {{trashed: true}}) {counts} }}"
    )

    names = ("total", "open", "inProgress", "completed", "cancelled", "overdue", "blocked")
    assert [data["all"][name] for name in names] == [6, 3, 1, 1, 1, 1, 0]
    assert [data["high"][name] for name in names] == [2, 1, 1, 0, 0, 1, 0]
    assert [data["trashed"][name] for name in names] == [1, 1, 0, 0, 0, 0, 1]
