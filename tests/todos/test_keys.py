"""Creations under a key: whose it is, and for how long."""

from datetime import timedelta

from tests.todos.world import World
from todo_gql.todos.commands import Create, TodoDraft
from todo_gql.todos.model import Todo, TodoId


def write_title(todo: Todo, dependency_ids: tuple[TodoId, ...]) -> str:
    return f"{todo.title} after {len(dependency_ids)}"


async def create(world: World, title: str, owner: str = "") -> tuple[str, bool]:
    """Create a todo under one and the same key."""
    operation = Create(draft=TodoDraft(title=title))
    answer = await world.todos(owner).create_once(operation, key="key", present=write_title)
    return answer.text, answer.is_replayed


async def test_an_answer_is_kept_for_a_day(world: World) -> None:
    first = await create(world, "Buy milk")
    world.clock.advance(timedelta(hours=23))

    assert first == ("Buy milk after 0", False)
    assert await create(world, "Buy milk") == ("Buy milk after 0", True)


async def test_a_key_is_free_after_a_day(world: World) -> None:
    await create(world, "Buy milk")
    world.clock.advance(timedelta(hours=25))

    assert await create(world, "Buy bread") == ("Buy bread after 0", False)
    assert await create(world, "Buy bread") == ("Buy bread after 0", True)


async def test_another_owners_key_is_free(world: World) -> None:
    await create(world, "Alice's", owner="alice")

    assert await create(world, "Bob's", owner="bob") == ("Bob's after 0", False)
