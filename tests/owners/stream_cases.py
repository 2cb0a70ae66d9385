"""What can be followed, by server-sent events and over a WebSocket."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from tests.owners.askers import SECRET, Alice, Asker
from tests.owners.case import Case

_EVENTS: Final = """
subscription ($since: SyncToken, $todoId: ID) {
  todoEvents(since: $since, todoId: $todoId) { kind version todo { title } }
}
"""
_RENAME: Final = """
mutation ($id: ID!, $title: String!) { todoUpdate(id: $id, input: {title: $title}) { __typename } }
"""

Next = Callable[[], Awaitable[dict[str, Any]]]


async def _until_his_own(bob: Asker, alice: Alice, hear: Next, *, from_creation: bool) -> str:
    """Read events of a todo of his that has the id of one of hers, which both change, hers first."""
    heard: list[str] = []

    async def listen() -> None:
        event = await hear()
        bob.heard.append(json.dumps(event))
        heard.append(f"{event['kind']} {event['version']} {event['todo']['title']}")

    if from_creation:
        await listen()
    await alice.asker.graphql(_RENAME, id=alice.first, title=f"{SECRET}, renamed")
    # Without any guard this fails, and of what fails nothing is ever heard.
    assert await bob.graphql(_RENAME, id=alice.first, title="his news") == {"__typename": "TodoUpdated"}
    while not any(line.startswith("UPDATED") for line in heard):
        await listen()
    return ", ".join(heard)


def following() -> Iterator[Case]:
    """Subscriptions."""

    async def by_stream(bob: Asker, alice: Alice, since: str | None) -> str:
        await bob.create("his", id=alice.first)
        variables = {"todoId": alice.first, **({} if since is None else {"since": since})}
        async with bob.events(_EVENTS, **variables) as events:
            return await _until_his_own(bob, alice, events.todo_event, from_creation=since is not None)

    async def live(bob: Asker, alice: Alice) -> str:
        return await by_stream(bob, alice, None)

    async def since(bob: Asker, alice: Alice) -> str:
        return await by_stream(bob, alice, alice.token)

    async def by_socket(bob: Asker, alice: Alice) -> str:
        await bob.create("his", id=alice.first)
        async with bob.socket() as socket:
            await socket.subscribe("1", _EVENTS, todoId=alice.first, since=alice.token)

            async def hear() -> dict[str, Any]:
                message = await socket.receive()
                assert message["type"] == "next", message
                event: dict[str, Any] = message["payload"]["data"]["todoEvents"]
                return event

            return await _until_his_own(bob, alice, hear, from_creation=True)

    covers = "Subscription.todoEvents", "Subscription.todoEvents(todoId:)"
    yield Case(
        operation="todoEvents by server-sent events",
        of_hers="an id",
        covers=frozenset(covers),
        act=live,
        result="UPDATED 2 his news",
        she_writes=True,
    )
    for name, act in (("todoEvents by server-sent events", since), ("todoEvents by WebSocket", by_socket)):
        yield Case(
            operation=name,
            of_hers="an id and a sync token",
            covers=frozenset({*covers, "Subscription.todoEvents(since:)"}),
            act=act,
            result="CREATED 1 his, UPDATED 2 his news",
            she_writes=True,
        )
