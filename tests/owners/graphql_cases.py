"""What can be asked for by GraphQL."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from tests.owners.askers import SECRET, Alice, Asker
from tests.owners.case import INSERTED, NOT_READ, Case, show

Variables = Callable[[Alice], dict[str, Any]]

TODO_OF_HIS: Final = "an id that is his too"
"""Bob has a todo with the same id, which is another one."""


def _nothing(_: Alice) -> dict[str, Any]:
    return {}


def _first(alice: Alice) -> dict[str, Any]:
    return {"id": alice.first}


def _second(alice: Alice) -> dict[str, Any]:
    return {"id": alice.second, "on": alice.first}


def _second_alone(alice: Alice) -> dict[str, Any]:
    return {"id": alice.second}


def _trashed(alice: Alice) -> dict[str, Any]:
    return {"id": alice.trashed}


def _both(alice: Alice) -> dict[str, Any]:
    return {"id": alice.first, "on": alice.second}


def _at_cursor(alice: Alice) -> dict[str, Any]:
    return {"id": alice.first, "at": alice.cursor}


def _at_moment(alice: Alice) -> dict[str, Any]:
    return {"id": alice.first, "at": alice.moment}


def _case(
    operation: str,
    of_hers: str,
    document: str,
    result: str,
    variables: Variables = _nothing,
    *,
    covers: str = "",
    is_his_too: bool = False,
    stands_alone: str | None = None,
) -> Case:
    async def act(bob: Asker, alice: Alice) -> str:
        named = variables(alice)
        if is_his_too or of_hers == TODO_OF_HIS:
            await bob.create("his", id=named.get("id", alice.first))
        return show(await bob.graphql(document, **named))

    return Case(
        operation=operation,
        of_hers=of_hers,
        covers=frozenset(covers.split()),
        act=act,
        result=result,
        stands_alone=stands_alone,
    )


def reading() -> Iterator[Case]:
    """Queries."""

    def read(field: str, of_hers: str, query: str, result: str, variables: Variables = _nothing, **others: Any) -> Case:
        covers = f"Query.{field} {others.pop('covers', '')}"
        return _case(field, of_hers, query, result, variables, covers=covers, **others)

    by_id = "query ($id: ID!) { node(id: $id) { id ... on Todo { title } } }"
    yield read("node", "an id", by_id, "null", _first, covers="Query.node(id:)")
    by_ids = "query ($id: ID!, $on: ID!) { nodes(ids: [$id, $on]) { ... on Todo { title } } }"
    yield read("nodes", "ids", by_ids, "[null, null]", _both, covers="Query.nodes(ids:)")
    yield read(
        "todo", "an id", "query ($id: ID!) { todo(id: $id) { title } }", "null", _first, covers="Query.todo(id:)"
    )
    in_trash = "query ($id: ID!) { todo(id: $id, trashed: true) { title } }"
    yield read("todo", "an id in the trash", in_trash, "null", _trashed)

    everything = "{ todos { totalCount nodes { title isBlocked dependencies { title } dependents { totalCount } } } }"
    yield read("todos", "nothing", everything, "totalCount 1, nodes [mine]")
    trash = "{ todos(filter: {trashed: true}) { totalCount nodes { title } } }"
    yield read("todos", "nothing, of the trash", trash, "totalCount 0, nodes []")
    search = f'{{ todos(filter: {{search: "{SECRET}"}}) {{ totalCount nodes {{ title }} }} }}'
    yield read("todos", "her words", search, "totalCount 0, nodes []")
    after = "query ($at: String!) { todos(first: 9, after: $at) { nodes { title } pageInfo { hasPreviousPage } } }"
    found = "nodes [mine], pageInfo hasPreviousPage False"
    yield read("todos", "a cursor, after it", after, found, _at_cursor, covers="Query.todos(after:)")
    before = "query ($at: String!) { todos(last: 9, before: $at) { nodes { title } } }"
    yield read("todos", "a cursor, before it", before, "nodes []", _at_cursor, covers="Query.todos(before:)")
    yield read("nextTodos", "nothing", "{ nextTodos { title } }", "[mine]")
    yield read("todoStats", "nothing", "{ todoStats { total blocked } }", "total 1, blocked 0")

    yield read("changes", "nothing", "{ changes { todos { title } deleted { id } } }", "todos [mine], deleted []")
    since = "query ($since: SyncToken!) { changes(since: $since) { todos { title } deleted { id } reset } }"
    yield read(
        "changes",
        "a sync token",
        since,
        "todos [mine], deleted [], reset False",
        lambda alice: {"since": alice.token},
        covers="Query.changes(since:)",
    )
    yield read(
        "changes",
        "a sync token amid a copy",
        since,
        "todos [mine], deleted [], reset False",
        lambda alice: {"since": alice.copying},
        covers="Query.changes(since:)",
    )
    yield read("viewer", "nothing", "{ viewer { name } }", "name Bob", stands_alone=NOT_READ)
    limit = "{ service { limits { maxPageSize } } }"
    yield read("service", "nothing", limit, "limits maxPageSize 100", stands_alone=NOT_READ)


def neighbours() -> Iterator[Case]:
    """What hangs on a todo of his own that has the id of hers."""

    def read(field: str, selection: str, result: str, variables: Variables = _first) -> Case:
        document = f"query ($id: ID!) {{ todo(id: $id) {{ {selection} }} }}"
        return _case(f"Todo.{field}", TODO_OF_HIS, document, result, variables, covers=f"Todo.{field}")

    def page(field: str, of_hers: str, arguments: str, result: str, variables: Variables) -> Case:
        document = f"query ($id: ID!, $at: String!) {{ todo(id: $id) {{ {field}({arguments}) {{ nodes {{ id }} }} }} }}"
        name = of_hers.rpartition(" ")[0]
        covers = f"Todo.{field}({'after' if 'after' in name else 'before'}:)"
        return _case(f"Todo.{field}", of_hers, document, result, variables, covers=covers, is_his_too=True)

    waits = "isBlocked dependencies { title }"
    yield read("dependencies", waits, "isBlocked False, dependencies []", _second_alone)
    yield read("dependents", "dependents { totalCount nodes { title } }", "dependents totalCount 0, nodes []")
    yield read("history", "history { nodes { version kind } }", "history nodes [version 1, kind CREATED]")
    yield page("dependents", "a cursor, after it", "first: 9, after: $at", "dependents nodes []", _at_cursor)
    yield page("dependents", "a cursor, before it", "last: 9, before: $at", "dependents nodes []", _at_cursor)
    history = "query ($id: ID!, $at: String!) { todo(id: $id) { history(first: 9, after: $at) { nodes { version } } } }"
    yield _case(
        "Todo.history",
        "a cursor, after it",
        history,
        "history nodes [version 1]",
        _at_moment,
        covers="Todo.history(after:)",
        is_his_too=True,
    )
    yield page("history", "a cursor, before it", "last: 9, before: $at", "history nodes []", _at_moment)


def changing() -> Iterator[Case]:
    """Mutations."""
    shown = "{ __typename ... on TodoUpdated { todo { id } } ... on VersionConflictProblem { current { title } } }"

    def change(
        field: str, of_hers: str, result: str, variables: Variables = _first, arguments: str = "", **others: Any
    ) -> Case:
        needs_on = "$on" in arguments
        declared = "($id: ID!, $on: ID!)" if needs_on else "($id: ID!)"
        selected = "{ __typename }" if field == "todoDelete" else shown
        document = f"mutation {declared} {{ {field}(id: $id{arguments}) {selected} }}"
        covers = f"Mutation.{field} Mutation.{field}(id:) {others.pop('covers', '')}"
        return _case(field, of_hers, document, result, variables, covers=covers, **others)

    for field in ("todoComplete", "todoReopen", "todoDelete"):
        yield change(field, "an id", "NotFoundProblem")
    yield change("todoRestore", "an id in the trash", "NotFoundProblem", _trashed)
    yield change("todoComplete", "an id, with what it waits for", "NotFoundProblem", _second_alone, ", cascade: true")
    yield change("todoComplete", TODO_OF_HIS, "TodoUpdated")
    yield change("todoDelete", TODO_OF_HIS, "TodoDeleted")
    title = ', input: {title: "mine"}'
    yield change("todoUpdate", "an id", "NotFoundProblem", arguments=title)
    yield change("todoUpdate", "an id, at another version", "NotFoundProblem", arguments=f", ifVersion: 7{title}")
    yield change("todoUpdate", TODO_OF_HIS, "TodoUpdated", arguments=title)
    wait = "an id to depend on"
    yield change(
        "todoUpdate",
        wait,
        "ValidationProblem",
        _both,
        ", input: {dependencies: [$on]}",
        covers="TodoUpdateInput.dependencies",
        is_his_too=True,
    )
    field = "todoDependenciesChange"
    yield change(field, "an id", "NotFoundProblem", _second, ", remove: [$on]", covers=f"Mutation.{field}(remove:)")
    yield change(
        field, wait, "ValidationProblem", _both, ", add: [$on]", covers=f"Mutation.{field}(add:)", is_his_too=True
    )
    create = 'mutation ($id: ID!) { todoCreate(input: {title: "mine", %s}) { __typename } }'
    covers = "Mutation.todoCreate TodoCreateInput"
    yield _case(
        "todoCreate", "an id", create % "id: $id", "TodoCreated", _first, covers=f"{covers}.id", stands_alone=INSERTED
    )
    yield _case(
        "todoCreate", wait, create % "dependencies: [$id]", "ValidationProblem", _first, covers=f"{covers}.dependencies"
    )


def in_bulk() -> Iterator[Case]:
    """Each kind of operation of a bulk."""
    document = """
    mutation ($operations: [TodoOperation!]!) {
      todoBulk(operations: $operations, atomic: false) {
        __typename
        ... on TodoBulkDone { results { __typename ... on VersionConflictProblem { current { title } } } }
      }
    }
    """

    def one(kind: str, of_hers: str, covers: str, result: str, operation: Variables, **others: Any) -> Case:
        return _case(
            f"todoBulk, {kind}",
            of_hers,
            document,
            f"TodoBulkDone [{result}]",
            lambda alice: {"operations": [{kind: operation(alice)}]},
            covers=f"Mutation.todoBulk TodoOperation.{kind} {covers}",
            **others,
        )

    yield one(
        "create",
        "an id",
        "TodoCreateInput.id",
        "TodoCreated",
        lambda alice: {"id": alice.first, "title": "mine"},
        stands_alone=INSERTED,
    )
    update: Variables = lambda alice: {"id": alice.first, "ifVersion": 7, "input": {"title": "mine"}}  # noqa: E731
    yield one("update", "an id", "TodoUpdateOperation.id", "NotFoundProblem", update)
    complete: Variables = lambda alice: {"id": alice.second, "cascade": True}  # noqa: E731
    yield one("complete", "an id", "TodoCompleteOperation.id", "NotFoundProblem", complete)
    yield one("reopen", "an id", "TodoTarget.id", "NotFoundProblem", _first)
    yield one("delete", "an id", "TodoTarget.id", "NotFoundProblem", _first)
    yield one("delete", TODO_OF_HIS, "TodoTarget.id", "TodoDeleted", _first)
    yield one("restore", "an id in the trash", "TodoTarget.id", "NotFoundProblem", _trashed)
    coordinate = "TodoDependenciesOperation"
    yield one(
        "changeDependencies",
        "an id",
        f"{coordinate}.id {coordinate}.remove",
        "NotFoundProblem",
        lambda alice: {"id": alice.second, "remove": [alice.first]},
    )
    yield one(
        "changeDependencies",
        "an id to depend on",
        f"{coordinate}.add",
        "ValidationProblem",
        lambda alice: {"id": alice.first, "add": [alice.second]},
        is_his_too=True,
    )
