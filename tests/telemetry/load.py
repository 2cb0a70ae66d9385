"""A bit of everything that can be asked of the service, well and badly."""

import httpx

from tests.graphql.subscriptions.event_stream import subscribed

LIST = "query List { todos(first: 10) { nodes { title isBlocked dependencies { title } } totalCount } }"
FOLLOW = "subscription Follow { todoEvents { kind todo { title } } }"
NEXT = "query Next { nextTodos { title } }"


async def use_everything(client: httpx.AsyncClient) -> None:
    """Create, read, change, complete and delete todos through both faces; hear of it, be refused, and hit a fault."""
    async with subscribed(client, FOLLOW) as events:
        first = (await client.post("/todos", json={"title": "Buy milk"})).json()["id"]
        await events.todo_event()
    await client.post("/todos", json={"title": "Bake", "depends_on": first})
    await client.get("/todos")
    await client.get(f"/todos/{first}")
    await client.patch(f"/todos/{first}", json={"description": "Fresh"})
    await client.get("/todos/unknown")
    await client.post("/todos", json={"title": " "})
    await client.get("/todos?simulate_error=500")
    await client.get("/graphql?simulate_error=500")
    for document in (
        LIST,
        NEXT,
        "{",
        'mutation Add { todoCreate(input: {title: "Buy yeast"}) { __typename } }',
        f'mutation Done {{ todoComplete(id: "{first}") {{ __typename }} }}',
        'mutation Remove { todoDelete(id: "unknown") { __typename } }',
    ):
        await client.post("/graphql", json={"query": document})
    await client.delete(f"/todos/{first}")
