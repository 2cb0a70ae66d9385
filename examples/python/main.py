"""Plans a loaf of bread."""

import sys
from collections.abc import Iterator
from typing import assert_never

import httpx
from client import Client
from operations import (
    CREATE,
    PAGE,
    BlockedProblem,
    CreateResult,
    ForbiddenProblem,
    IdConflictProblem,
    LimitProblem,
    TodoCreated,
    TodoPage,
    ValidationProblem,
)


def describe(result: CreateResult) -> str:
    """Say what came of a creation. A type checker refuses this if a member of the union is missing."""
    match result:
        case TodoCreated(todo=todo):
            return f"created: {todo.title}{', which has to wait' if todo.is_blocked else ''}"
        case ValidationProblem(violations=violations):
            return "refused: " + " ".join(f"{'.'.join(each.path)}: {each.message}" for each in violations)
        case IdConflictProblem(existing=existing):
            return f"refused: the id is that of {existing.title if existing else 'a todo in the trash'}"
        case BlockedProblem(blocked_by=blocked_by):
            return f"refused: {', '.join(todo.title for todo in blocked_by)} must be done first"
        case LimitProblem(limit=limit, actual=actual):
            return f"refused: {actual} are more than {limit}"
        case ForbiddenProblem(required_scope=scope):
            return f"refused: the scope {scope} is needed"
        case _:
            assert_never(result)


def create(client: Client, title: str, dependencies: list[str]) -> list[str]:
    """Create a todo, and give its id if there is one."""
    result = client.send(CREATE, input={"title": title, "dependencies": dependencies}).todo_create
    print(describe(result))
    return [result.todo.id] if isinstance(result, TodoCreated) else []


def pages(client: Client) -> Iterator[TodoPage]:
    """Read all todos, a page at a time."""
    page = client.send(PAGE).todos
    yield page
    while page.page_info.has_next_page:
        page = client.send(PAGE, after=page.page_info.end_cursor).todos
        yield page


def main() -> None:
    """Create three todos that wait for each other and one without a title; then page through all there are."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8082"
    with httpx.Client(base_url=url) as http:
        client = Client(http)
        flour = create(client, "Buy flour", [])
        dough = create(client, "Knead the dough", flour)
        create(client, "Bake the bread", dough)
        create(client, " ", [])
        for page in pages(client):
            print("page:", ", ".join(todo.title for todo in page.nodes))


if __name__ == "__main__":
    main()
