"""What a test needs of the service before it begins."""

from typing import Any, Final

import httpx

JSON: Final = {"Content-Type": "application/json"}
UNKNOWN_ID: Final = "0198f000-0000-7000-8000-000000000000"


async def create(client: httpx.AsyncClient, title: str = "Buy milk", **members: object) -> dict[str, Any]:
    """Create a todo, with members that POST does not take too, and give it as it was answered."""
    response = await client.post("/todos", json={"title": title})
    todo: dict[str, Any] = response.json()
    return await change(client, todo["id"], **members) if members else todo


async def change(client: httpx.AsyncClient, todo_id: str, **members: object) -> dict[str, Any]:
    """Change a todo, and give it as it was answered."""
    response = await client.patch(f"/todos/{todo_id}", json=members)
    assert response.status_code == 200, response.text
    todo: dict[str, Any] = response.json()
    return todo


async def read(client: httpx.AsyncClient, todo_id: str) -> dict[str, Any]:
    """Read a todo."""
    todo: dict[str, Any] = (await client.get(f"/todos/{todo_id}")).json()
    return todo
