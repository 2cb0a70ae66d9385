from typing import Any

import pytest

from tests.graphql.client import GraphQLClient
from todo_gql.graphql.schema import print_sdl, schema_hash
from todo_gql.version import version

UNKNOWN = "01890000-0000-7000-8000-00000000abcd"


async def test_a_todo_is_answered_with_all_its_fields(client: GraphQLClient) -> None:
    todo_id = await client.create(
        "Bake a cake",
        description="With *chocolate*",
        priority="HIGH",
        due={"at": {"at": "2020-11-23T23:30:00Z", "timeZone": "Europe/Berlin"}},
    )

    data = await client.data(
        """
        query ($id: ID!) {
          todo(id: $id) {
            __typename id title description status isCompleted isBlocked isOverdue priority
            due { date at timeZone } dependencies { id } dependents { totalCount }
            version createdAt updatedAt completedAt trashedAt
          }
        }
        """,
        id=todo_id,
    )

    created_at = data["todo"]["createdAt"]
    assert created_at.endswith("Z")
    assert data["todo"] == {
        "__typename": "Todo",
        "id": todo_id,
        "title": "Bake a cake",
        "description": "With *chocolate*",
        "status": "OPEN",
        "isCompleted": False,
        "isBlocked": False,
        "isOverdue": True,
        "priority": "HIGH",
        "due": {"date": "2020-11-24", "at": "2020-11-23T23:30:00Z", "timeZone": "Europe/Berlin"},
        "dependencies": [],
        "dependents": {"totalCount": 0},
        "version": 1,
        "createdAt": created_at,
        "updatedAt": created_at,
        "completedAt": None,
        "trashedAt": None,
    }


@pytest.mark.parametrize("todo_id", [UNKNOWN, "42", "", "\0", "\ud800", "x" * 1_000_000], ids=lambda text: text[:8])
async def test_an_unknown_id_is_null_everywhere(client: GraphQLClient, todo_id: str) -> None:
    data = await client.data(
        "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } todo(id: $id) { id } "
        "trashed: todo(id: $id, trashed: true) { id } }",
        id=todo_id,
    )

    assert data == {"node": None, "nodes": [None], "todo": None, "trashed": None}


async def test_nodes_come_in_the_order_asked_for(client: GraphQLClient) -> None:
    one, two = await client.create("one"), await client.create("two")

    data = await client.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Todo { title } } }", ids=[two, UNKNOWN, one, two]
    )

    assert data["nodes"] == [
        {"__typename": "Todo", "title": "two"},
        None,
        {"__typename": "Todo", "title": "one"},
        {"__typename": "Todo", "title": "two"},
    ]


async def test_more_than_a_hundred_nodes_are_refused(client: GraphQLClient) -> None:
    answer = await client.send("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[UNKNOWN] * 101)

    assert answer["data"] is None
    assert answer["errors"][0]["message"] == "At most 100 ids can be asked for at once."
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_todos_are_paged_with_cursors(client: GraphQLClient) -> None:
    for number in range(5):
        await client.create(f"{number}")
    document = """
        query ($after: String) {
          todos(first: 2, after: $after, orderBy: {field: TITLE, direction: DESC}) {
            totalCount
            edges { cursor node { title } }
            nodes { title }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          }
        }
    """

    first = (await client.data(document))["todos"]
    second = (await client.data(document, after=first["pageInfo"]["endCursor"]))["todos"]

    assert first["totalCount"] == 5
    assert [edge["node"]["title"] for edge in first["edges"]] == ["4", "3"]
    assert first["nodes"] == [{"title": "4"}, {"title": "3"}]
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][1]["cursor"],
    }
    assert second["nodes"] == [{"title": "2"}, {"title": "1"}]
    assert second["pageInfo"]["hasPreviousPage"] is True


async def test_an_empty_list_has_no_cursors(client: GraphQLClient) -> None:
    data = await client.data(
        "{ todos { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )

    assert data["todos"] == {
        "nodes": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


BAD_PAGES: dict[str, str] = {
    "first: 0": "`first` is from 1 to 100.",
    "first: -1": "`first` is from 1 to 100.",
    "first: 101": "`first` is from 1 to 100.",
    "last: 2147483647": "`last` is from 1 to 100.",
    "first: 1, last: 1": "Give either `first` or `last`, not both.",
    'after: "broken"': "The cursor is not one of this list in this order; start without it.",
    'before: ""': "The cursor is not one of this list in this order; start without it.",
    'filter: {search: "\\u0000"}': "A search cannot contain U+0000 or a lone surrogate.",
}


@pytest.mark.parametrize("arguments", BAD_PAGES)
async def test_arguments_that_cannot_be_used_fail_their_field_alone(client: GraphQLClient, arguments: str) -> None:
    answer = await client.send(f"{{ bad: todos({arguments}) {{ totalCount }} good: todos {{ totalCount }} }}")

    assert answer["data"] == {"bad": None, "good": {"totalCount": 0}}
    [error] = answer["errors"]
    assert (error["message"], error["path"]) == (BAD_PAGES[arguments], ["bad"])
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_dependents_are_a_connection(client: GraphQLClient) -> None:
    flour, _ = await client.chain("flour", "dough")
    await client.create("bread", dependencies=[flour])
    document = """
        query ($id: ID!, $after: String) {
          todo(id: $id) { dependents(first: 1, after: $after) {
            totalCount nodes { title dependencies { title } } pageInfo { endCursor hasNextPage hasPreviousPage }
          } }
        }
    """

    first = (await client.data(document, id=flour))["todo"]["dependents"]
    second = (await client.data(document, id=flour, after=first["pageInfo"]["endCursor"]))["todo"]["dependents"]

    assert (first["totalCount"], first["nodes"]) == (2, [{"title": "dough", "dependencies": [{"title": "flour"}]}])
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert second["nodes"][0]["title"] == "bread"
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


@pytest.mark.parametrize("arguments", ["first: 0", 'after: "broken"'])
async def test_dependents_refuse_what_todos_refuse(client: GraphQLClient, arguments: str) -> None:
    todo_id = await client.create()

    answer = await client.send(
        f"query ($id: ID!) {{ todo(id: $id) {{ dependents({arguments}) {{ totalCount }} }} }}", id=todo_id
    )

    assert answer["data"] == {"todo": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_filters_and_next_todos_are_passed_on(client: GraphQLClient) -> None:
    flour, dough = await client.chain("flour", "dough")
    await client.data(
        'mutation ($id: ID!) { todoUpdate(id: $id, input: {priority: URGENT, due: {date: "2020-01-01"}}) '
        "{ __typename } }",
        id=dough,
    )

    data = await client.data(
        """
        {
          all: todos(filter: {
            search: "DOUGH", status: [OPEN], priority: [URGENT], isBlocked: true, isOverdue: true,
            due: {from: "2020-01-01", before: "2020-01-02"},
            updated: {from: "2020-01-01T00:00:00Z", before: "2999-01-01T00:00:00Z"}
          }) { nodes { id } }
          none: todos(filter: {updated: {before: "2020-01-01T00:00:00Z"}}) { totalCount }
          nulls: todos(filter: {search: null, status: null, isBlocked: null, due: null, updated: {from: null}}) {
            totalCount
          }
          nextTodos(first: 5) { id isBlocked }
        }
        """
    )

    assert data == {
        "all": {"nodes": [{"id": dough}]},
        "none": {"totalCount": 0},
        "nulls": {"totalCount": 2},
        "nextTodos": [{"id": flour, "isBlocked": False}],
    }


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ('due: {from: "23.11.2026"}', "A Date is an RFC 3339 full-date, such as 2026-11-23."),
        (
            'updated: {from: "2026-11-23T08:00:00"}',
            "A DateTime is an RFC 3339 instant with an offset, such as 2026-11-23T08:00:00Z.",
        ),
    ],
)
async def test_a_malformed_scalar_is_refused_with_its_rule(client: GraphQLClient, argument: str, message: str) -> None:
    answer = await client.send(f"{{ todos(filter: {{{argument}}}) {{ totalCount }} }}")

    assert "data" not in answer
    assert message in answer["errors"][0]["message"]
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_malformed_variable_is_refused_with_its_rule(client: GraphQLClient) -> None:
    answer = await client.send("query ($d: Date) { todos(filter: {due: {from: $d}}) { totalCount } }", d="\ud800")

    assert "data" not in answer
    assert "A Date is an RFC 3339 full-date, such as 2026-11-23." in answer["errors"][0]["message"]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_service_tells_its_version_schema_and_limits(client: GraphQLClient) -> None:
    data: dict[str, Any] = await client.data(
        "{ viewer { id } service { version commit schemaHash trashRetentionDays changesRetentionDays "
        "limits { maxPageSize maxBodyBytes maxTokens maxDepth maxAliases maxFields maxDirectives maxCost maxObjects "
        "maxBulkSize } } }"
    )

    assert data == {
        "viewer": None,
        "service": {
            "version": version(),
            "commit": None,
            "schemaHash": schema_hash(),
            "trashRetentionDays": 30,
            "changesRetentionDays": 90,
            "limits": {
                "maxPageSize": 100,
                "maxBodyBytes": 1_048_576,
                "maxTokens": 2000,
                "maxDepth": 15,
                "maxAliases": 30,
                "maxFields": 200,
                "maxDirectives": 20,
                "maxCost": 10_000,
                "maxObjects": 10_000,
                "maxBulkSize": 100,
            },
        },
    }
    assert print_sdl()
