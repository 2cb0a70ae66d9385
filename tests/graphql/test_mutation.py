from typing import Any

import pytest

from tests.graphql.client import GraphQLClient

ID = "01890000-0000-7000-8000-00000000abcd"
OTHER = "01890000-0000-7000-8000-00000000ffff"

CREATE = """
    mutation ($input: TodoCreateInput!) {
      todoCreate(input: $input) {
        __typename
        ... on TodoCreated { todo { id title version dependencies { id } isBlocked } }
        ... on Problem { code message }
        ... on ValidationProblem { violations { path rule message limit } }
        ... on IdConflictProblem { existing { title } }
        ... on BlockedProblem { blockedBy { title } }
      }
    }
"""

REVISED = """
    __typename
    ... on TodoUpdated { changed todo { title description status version isCompleted } alsoCompleted { title } }
    ... on Problem { code message }
    ... on ValidationProblem { violations { path rule message limit } }
    ... on NotFoundProblem { id }
    ... on VersionConflictProblem { expected current { title version } conflictingFields }
    ... on CycleProblem { cycle { title } }
    ... on BlockedProblem { blockedBy { title } }
    ... on LimitProblem { limit actual }
"""

UPDATE = f"""
    mutation ($id: ID!, $ifVersion: Int, $input: TodoUpdateInput!) {{
      todoUpdate(id: $id, ifVersion: $ifVersion, input: $input) {{ {REVISED} }}
    }}
"""
COMPLETE = f"""
    mutation ($id: ID!, $ifVersion: Int, $cascade: Boolean! = false) {{
      todoComplete(id: $id, ifVersion: $ifVersion, cascade: $cascade) {{ {REVISED} }}
    }}
"""
REOPEN = f"mutation ($id: ID!, $ifVersion: Int) {{ todoReopen(id: $id, ifVersion: $ifVersion) {{ {REVISED} }} }}"
DEPENDENCIES = f"""
    mutation ($id: ID!, $ifVersion: Int, $add: [ID!]! = [], $remove: [ID!]! = []) {{
      todoDependenciesChange(id: $id, ifVersion: $ifVersion, add: $add, remove: $remove) {{ {REVISED} }}
    }}
"""
RESTORE = f"mutation ($id: ID!, $ifVersion: Int) {{ todoRestore(id: $id, ifVersion: $ifVersion) {{ {REVISED} }} }}"
DELETE = """
    mutation ($id: ID!, $ifVersion: Int) {
      todoDelete(id: $id, ifVersion: $ifVersion) {
        __typename
        ... on TodoDeleted { id restorableUntil }
        ... on Problem { code message }
        ... on NotFoundProblem { id }
        ... on VersionConflictProblem { expected current { version } conflictingFields }
      }
    }
"""
BULK = """
    mutation ($operations: [TodoOperation!]!, $atomic: Boolean! = true, $dryRun: Boolean! = false) {
      todoBulk(operations: $operations, atomic: $atomic, dryRun: $dryRun) {
        __typename
        ... on TodoBulkDone {
          committed succeeded failed
          results {
            __typename
            ... on TodoCreated { todo { title isBlocked dependencies { title } } }
            ... on TodoUpdated { todo { title status } }
            ... on TodoDeleted { id }
            ... on Problem { code }
            ... on ValidationProblem { violations { path rule } }
          }
        }
        ... on LimitProblem { code message limit actual }
      }
    }
"""


async def only(client: GraphQLClient, document: str, **variables: Any) -> Any:
    """Send a document with one root field that succeeds, and give that field's answer."""
    [answer] = (await client.data(document, **variables)).values()
    return answer


async def test_a_todo_is_created(client: GraphQLClient) -> None:
    created = await only(client, CREATE, input={"title": "Buy milk", "id": ID})

    assert created == {
        "__typename": "TodoCreated",
        "todo": {"id": ID, "title": "Buy milk", "version": 1, "dependencies": [], "isBlocked": False},
    }


@pytest.mark.parametrize(
    ("field", "value", "path", "rule", "message", "limit"),
    [
        ("title", " ", ["title"], "BLANK", "The title is blank.", None),
        ("title", "x" * 1_000_000, ["title"], "TOO_LONG", "The title is longer than 200 characters.", 200),
        ("title", "a\0b", ["title"], "FORBIDDEN_CHARACTER", "The title contains U+0000 or a lone surrogate.", None),
        ("title", "\ud800", ["title"], "FORBIDDEN_CHARACTER", "The title contains U+0000 or a lone surrogate.", None),
        (
            "description",
            "x" * 10_001,
            ["description"],
            "TOO_LONG",
            "The description is longer than 10000 characters.",
            10_000,
        ),
        ("id", "42", ["id"], "MALFORMED", "An id is a UUID.", None),
        ("dependencies", ["42"], ["dependencies", "0"], "MALFORMED", "An id is a UUID.", None),
        ("dependencies", [OTHER] * 51, ["dependencies"], "TOO_MANY", "More than 50 dependencies are given.", 50),
        (
            "dependencies",
            [OTHER],
            ["dependencies", "0"],
            "UNKNOWN_REFERENCE",
            "There is no todo with this id to depend on.",
            None,
        ),
    ],
    ids=["blank", "1 MB", "NUL", "surrogate", "long description", "id", "dependency", "51 dependencies", "unknown"],
)
async def test_a_bad_input_is_a_validation_problem(
    client: GraphQLClient, field: str, value: object, path: list[str], rule: str, message: str, limit: int | None
) -> None:
    refused = await only(client, CREATE, input={"title": "Buy milk", field: value})

    assert refused == {
        "__typename": "ValidationProblem",
        "code": "VALIDATION",
        "message": message,
        "violations": [{"path": ["input", *path], "rule": rule, "message": message, "limit": limit}],
    }


async def test_creation_is_idempotent_and_conflicts_are_answered(client: GraphQLClient) -> None:
    await client.create("Buy milk", id=ID)

    again = await only(client, CREATE, input={"title": "Buy milk", "id": ID})
    other = await only(client, CREATE, input={"title": "Buy bread", "id": ID})

    assert again["todo"]["version"] == 1
    assert other == {
        "__typename": "IdConflictProblem",
        "code": "ID_CONFLICT",
        "message": "A todo with this id was created from another input.",
        "existing": {"title": "Buy milk"},
    }


async def test_a_creation_that_is_blocked_is_refused(client: GraphQLClient) -> None:
    flour = await client.create("flour")

    refused = await only(client, CREATE, input={"title": "bread", "status": "COMPLETED", "dependencies": [flour]})

    assert (refused["code"], refused["blockedBy"]) == ("BLOCKED", [{"title": "flour"}])


async def test_an_update_changes_what_is_present_and_null_clears(client: GraphQLClient) -> None:
    todo_id = await client.create("Buy milk", description="Two litres", due={"date": "2026-12-24"})

    updated = await only(client, UPDATE, id=todo_id, ifVersion=1, input={"title": "Buy oat milk", "description": None})
    again = await only(client, UPDATE, id=todo_id, input={"title": "Buy oat milk"})
    kept = await client.data("query ($id: ID!) { todo(id: $id) { due { date } } }", id=todo_id)

    assert updated["todo"] == {
        "title": "Buy oat milk",
        "description": None,
        "status": "OPEN",
        "version": 2,
        "isCompleted": False,
    }
    assert (updated["changed"], again["changed"]) == (True, False)
    assert kept == {"todo": {"due": {"date": "2026-12-24"}}}


@pytest.mark.parametrize("field", ["title", "status", "priority"])
async def test_null_is_refused_where_a_field_cannot_be_empty(client: GraphQLClient, field: str) -> None:
    todo_id = await client.create()

    refused = await only(client, UPDATE, id=todo_id, input={field: None})

    message = f"The {field} cannot be null."
    assert refused["violations"] == [{"path": ["input", field], "rule": "NOT_NULL", "message": message, "limit": None}]


@pytest.mark.parametrize("document", [UPDATE, COMPLETE, REOPEN, DEPENDENCIES, DELETE, RESTORE])
@pytest.mark.parametrize("todo_id", [ID, "42", "\ud800"], ids=["unknown", "malformed", "surrogate"])
async def test_an_unknown_target_is_not_found(client: GraphQLClient, document: str, todo_id: str) -> None:
    variables = {"input": {"title": "x"}} if document is UPDATE else {}

    refused = await only(client, document, id=todo_id, **variables)

    assert refused == {
        "__typename": "NotFoundProblem",
        "code": "NOT_FOUND",
        "message": "There is no todo with this id.",
        "id": todo_id,
    }


@pytest.mark.parametrize("document", [UPDATE, COMPLETE, REOPEN, DEPENDENCIES, DELETE, RESTORE])
async def test_another_version_is_a_conflict(client: GraphQLClient, document: str) -> None:
    todo_id = await client.create("mine")
    await only(client, UPDATE, id=todo_id, input={"title": "theirs"})
    variables = {"input": {"title": "x", "description": "y"}} if document is UPDATE else {}

    refused = await only(client, document, id=todo_id, ifVersion=1, **variables)

    assert (refused["code"], refused["expected"], refused["current"]["version"]) == ("VERSION_CONFLICT", 1, 2)
    assert refused["conflictingFields"] == (["title"] if document is UPDATE else [])


async def test_a_cycle_is_refused_with_the_way_around(client: GraphQLClient) -> None:
    flour, _, cake = await client.chain("flour", "dough", "cake")

    refused = await only(client, DEPENDENCIES, id=flour, add=[cake])

    assert (refused["code"], refused["cycle"]) == (
        "DEPENDENCY_CYCLE",
        [{"title": "flour"}, {"title": "cake"}, {"title": "dough"}, {"title": "flour"}],
    )


async def test_malformed_references_are_reported_by_their_argument(client: GraphQLClient) -> None:
    todo_id = await client.create()

    refused = await only(client, DEPENDENCIES, id=todo_id, add=["x"], remove=["y"])

    assert [violation["path"] for violation in refused["violations"]] == [["add", "0"], ["remove", "0"]]


async def test_too_many_dependencies_with_those_stored_are_a_limit_problem(client: GraphQLClient) -> None:
    stored = [await client.create(f"{number}") for number in range(26)]
    todo_id = await client.create("todo", dependencies=stored[:25])
    others = [await client.create(f"other {number}") for number in range(26)]

    refused = await only(client, DEPENDENCIES, id=todo_id, add=others)

    assert (refused["code"], refused["limit"], refused["actual"]) == ("LIMIT_EXCEEDED", 50, 51)


async def test_completing_waits_for_dependencies_or_takes_them_along(client: GraphQLClient) -> None:
    _, _, cake = await client.chain("flour", "dough", "cake")

    refused = await only(client, COMPLETE, id=cake)
    completed = await only(client, COMPLETE, id=cake, cascade=True)
    reopened = await only(client, REOPEN, id=cake)

    assert (refused["code"], refused["blockedBy"]) == ("BLOCKED", [{"title": "dough"}])
    assert completed["alsoCompleted"] == [{"title": "flour"}, {"title": "dough"}]
    assert (completed["todo"]["status"], reopened["todo"]["status"]) == ("COMPLETED", "OPEN")


async def test_a_todo_goes_to_the_trash_and_back(client: GraphQLClient) -> None:
    todo_id = await client.create()

    deleted = await only(client, DELETE, id=todo_id)
    trash = await client.data(
        "{ todos(filter: {trashed: true}) { nodes { id trashedAt version } } todos_: todos { totalCount } }"
    )
    restored = await only(client, RESTORE, id=todo_id)

    assert (deleted["__typename"], deleted["id"]) == ("TodoDeleted", todo_id)
    assert trash["todos"]["nodes"][0]["id"] == todo_id
    assert trash["todos_"] == {"totalCount": 0}
    assert (restored["changed"], restored["todo"]["version"]) == (True, 3)


OPERATIONS = [
    {"create": {"title": "flour", "id": ID}},
    {"create": {"title": "dough", "dependencies": [ID]}},
    {"create": {"title": ""}},
    {"update": {"id": ID, "input": {"title": None}}},
    {"complete": {"id": ID}},
    {"reopen": {"id": ID}},
    {"changeDependencies": {"id": ID, "add": ["x"]}},
    {"delete": {"id": ID}},
    {"restore": {"id": ID}},
]

RESULTS = [
    {"__typename": "TodoCreated", "todo": {"title": "flour", "isBlocked": False, "dependencies": []}},
    {"__typename": "TodoCreated", "todo": {"title": "dough", "isBlocked": True, "dependencies": [{"title": "flour"}]}},
    {
        "__typename": "ValidationProblem",
        "code": "VALIDATION",
        "violations": [{"path": ["operations", "2", "create", "title"], "rule": "BLANK"}],
    },
    {
        "__typename": "ValidationProblem",
        "code": "VALIDATION",
        "violations": [{"path": ["operations", "3", "update", "input", "title"], "rule": "NOT_NULL"}],
    },
    {"__typename": "TodoUpdated", "todo": {"title": "flour", "status": "COMPLETED"}},
    {"__typename": "TodoUpdated", "todo": {"title": "flour", "status": "OPEN"}},
    {
        "__typename": "ValidationProblem",
        "code": "VALIDATION",
        "violations": [{"path": ["operations", "6", "changeDependencies", "add", "0"], "rule": "MALFORMED"}],
    },
    {"__typename": "TodoDeleted", "id": ID},
    {"__typename": "TodoUpdated", "todo": {"title": "flour", "status": "OPEN"}},
]


@pytest.mark.parametrize(
    ("options", "committed", "kept"),
    [({"atomic": False}, True, 2), ({}, False, 0), ({"atomic": False, "dryRun": True}, False, 0)],
    ids=["each for itself", "atomic", "dry run"],
)
async def test_a_bulk_reports_each_operation(
    client: GraphQLClient, options: dict[str, bool], committed: bool, kept: int
) -> None:
    done = await only(client, BULK, operations=OPERATIONS, **options)

    assert done == {
        "__typename": "TodoBulkDone",
        "committed": committed,
        "succeeded": 6,
        "failed": 3,
        "results": RESULTS,
    }
    assert await client.data("{ todos { totalCount } }") == {"todos": {"totalCount": kept}}


async def test_a_bulk_of_too_many_operations_is_a_limit_problem(client: GraphQLClient) -> None:
    refused = await only(client, BULK, operations=[{"delete": {"id": ID}}] * 101)

    assert refused == {
        "__typename": "LimitProblem",
        "code": "LIMIT_EXCEEDED",
        "message": "At most 100 operations are done at once.",
        "limit": 100,
        "actual": 101,
    }


async def test_mutations_run_one_after_another_and_each_sees_the_one_before(client: GraphQLClient) -> None:
    one, two = await client.create("one"), await client.create("two")

    data = await client.data(
        """
        mutation ($one: ID!, $two: ID!) {
          add: todoDependenciesChange(id: $one, add: [$two]) { ... on TodoUpdated { todo { dependencies { title } } } }
          remove: todoDependenciesChange(id: $one, remove: [$two]) {
            ... on TodoUpdated { todo { dependencies { title } version } }
          }
        }
        """,
        one=one,
        two=two,
    )

    assert data == {
        "add": {"todo": {"dependencies": [{"title": "two"}]}},
        "remove": {"todo": {"dependencies": [], "version": 3}},
    }


@pytest.mark.parametrize(
    "input_",
    [
        {},
        {"title": None},
        {"title": 5},
        {"title": "x", "status": "DONE"},
        {"title": "x", "nonsense": 1},
        {"title": "x", "due": {}},
        {"title": "x", "due": {"date": "2026-11-23", "at": {"at": "2026-11-23T08:00:00Z"}}},
        {"title": "x", "due": {"date": None}},
        {"title": "x", "due": {"date": "tomorrow"}},
        {"title": "x", "due": {"at": {"at": "2026-11-23T08:00:00"}}},
        {"title": "x", "due": {"at": {"at": "9999-12-31T23:59:59-12:00"}}},
        {"title": "x", "due": {"at": {"at": "2026-11-23T08:00:00Z", "timeZone": "Mars/Base"}}},
        {"title": "x", "due": {"at": {"at": "2026-11-23T08:00:00Z", "timeZone": None}}},
        {"title": "x", "dependencies": None},
        {"title": "x", "dependencies": [None]},
    ],
    ids=str,
)
async def test_what_the_type_system_refuses_is_a_coded_error(client: GraphQLClient, input_: dict[str, Any]) -> None:
    answer = await client.send(CREATE, input=input_)

    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert all(len(error["extensions"]["traceId"]) == 32 for error in answer["errors"])
