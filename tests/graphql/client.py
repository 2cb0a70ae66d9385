"""A GraphQL client for tests, over HTTP."""

import json
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class GraphQLClient:
    http: httpx.AsyncClient

    async def send(self, document: str, **variables: Any) -> dict[str, Any]:
        """Send a document and give the whole answer."""
        # Written in ASCII: lone surrogates can be sent only as escapes.
        content = json.dumps({"query": document, "variables": variables})
        answer = await self.http.post("/graphql", content=content, headers={"Content-Type": "application/json"})
        body: dict[str, Any] = answer.json()
        return body

    async def data(self, document: str, **variables: Any) -> Any:
        """Send a document that succeeds, and give its data."""
        answer = await self.send(document, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def create(self, title: str = "Buy milk", **others: Any) -> str:
        """Create a todo and give its id."""
        created = await self.data(
            "mutation ($input: TodoCreateInput!) { todoCreate(input: $input) { ... on TodoCreated { todo { id } } } }",
            input={"title": title, **others},
        )
        todo_id: str = created["todoCreate"]["todo"]["id"]
        return todo_id

    async def sync_token(self) -> str:
        """Give a token from which on a subscription hears of everything, however long it takes to begin."""
        token: str = (await self.data("{ todos { syncToken } }"))["todos"]["syncToken"]
        return token

    async def chain(self, *titles: str) -> list[str]:
        """Create todos, each of which depends on the one before it."""
        made: list[str] = []
        for title in titles:
            made.append(await self.create(title, dependencies=made[-1:]))
        return made
