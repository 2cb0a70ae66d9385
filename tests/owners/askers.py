"""Two callers of the service: Alice, who has todos, and Bob, who is to learn nothing of them and to change nothing."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.graphql.subscriptions.event_stream import Reader, subscribed
from tests.graphql.subscriptions.web_socket import Socket, opened

SECRET: Final = "Alice's secret"
KEYED: Final = {"title": "Milk"}
"""What is created under an idempotency key: the same by both, as the key is."""

_MAKE = """
mutation ($operations: [TodoOperation!]!) {
  todoBulk(operations: $operations) { ... on TodoBulkDone { committed syncToken } }
}
"""
_LOOK = """
query ($id: ID!) {
  todos(first: 10) { pageInfo { startCursor endCursor } }
  changes(first: 1) { syncToken }
  todo(id: $id) { version history { edges { cursor } } }
}
"""
_TEXTS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass
class Asker:
    """A caller, all that they have sent, and all that they were answered."""

    http: httpx.AsyncClient
    token: dict[str, str]
    sent: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    async def graphql(self, document: str, **variables: Any) -> Any:
        """Send an operation with one root field, and give what that answers, or the errors."""
        body = {"query": document, "variables": variables}
        self.sent.append(json.dumps(body))
        answer = await self.http.post("/graphql", json=body, headers=self.token)
        self.heard.append(answer.text)
        found = answer.json()
        if "errors" in found:
            return [error["message"] for error in found["errors"]]
        [value] = found["data"].values()
        return value

    async def rest(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.sent.append(f"{path} {json.dumps(body)} {named}")
        content = None if body is None else json.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        answer = await self.http.request(method, path, content=content, headers={**self.token, **kind, **named})
        self.heard.append(f"{answer.text} {answer.headers}")
        return answer

    async def create(self, title: str, **others: Any) -> str:
        """Create a todo, and give its id."""
        document = (
            "mutation ($input: TodoCreateInput!) { todoCreate(input: $input) { ... on TodoCreated { todo { id } } } }"
        )
        created = await self.graphql(document, input={"title": title, **others})
        todo_id: str = created["todo"]["id"]
        return todo_id

    @asynccontextmanager
    async def events(self, document: str, **variables: Any) -> AsyncIterator[Reader]:
        self.sent.append(json.dumps(variables))
        async with subscribed(self.http, document, headers=self.token, **variables) as reader:
            yield reader

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        async with opened(self.http, initialised=False) as socket:
            await socket.send({"type": "connection_init", "payload": self.token})
            assert await socket.receive() == {"type": "connection_ack"}
            yield socket

    def has_learnt_of(self, other: "Alice") -> bool:
        """Say whether any answer held what is the other's, beyond the ids that were asked with."""
        heard = "\n".join(self.heard)
        named = set(_TEXTS.findall("\n".join(self.sent)))
        return SECRET in heard or bool((other.ids - named) & set(_TEXTS.findall(heard)))


@dataclass(kw_only=True)
class Alice:
    """Whose todos are asked for: one that others depend on, one that depends on it, one in the trash, one under a key.

    Args:
        key: Under which the last was made.
        token: From before they were made.
        copying: In the middle of a copy of them.
        cursor: Of the last of them.
        moment: Of the last change of the first.
        tag: Of the first.
        collection_tag: Of all.
    """

    asker: Asker
    first: str
    second: str
    trashed: str
    keyed: str
    key: str
    token: str
    copying: str
    cursor: str
    moment: str
    tag: str
    collection_tag: str

    @property
    def ids(self) -> set[str]:
        return {self.first, self.second, self.trashed, self.keyed}


async def arrive(asker: Asker) -> Alice:
    """Have Alice make her todos."""
    # Before any that the service makes: a copy that has come to them goes on with whatever is Bob's.
    first, second, trashed = (f"00000000-{str(uuid4())[9:]}" for _ in range(3))
    token = (await asker.graphql("{ changes { syncToken } }"))["syncToken"]
    operations = [
        {"create": {"id": first, "title": SECRET, "description": SECRET}},
        {"create": {"id": second, "title": SECRET, "dependencies": [first]}},
        {"create": {"id": trashed, "title": SECRET}},
        {"delete": {"id": trashed}},
    ]
    assert (await asker.graphql(_MAKE, operations=operations))["committed"]
    key = f'"{uuid4()}"'
    answer = await asker.rest("POST", "/todos", KEYED, Idempotency_Key=key)
    assert answer.status_code == 201, answer.text
    keyed = answer.json()["id"]
    body = {"query": _LOOK, "variables": {"id": first}}
    seen = (await asker.http.post("/graphql", json=body, headers=asker.token)).json()["data"]
    return Alice(
        asker=asker,
        first=first,
        second=second,
        trashed=trashed,
        keyed=keyed,
        key=key,
        token=token,
        copying=seen["changes"]["syncToken"],
        cursor=seen["todos"]["pageInfo"]["endCursor"],
        moment=seen["todo"]["history"]["edges"][-1]["cursor"],
        tag=(await asker.rest("GET", f"/todos/{first}")).headers["ETag"],
        collection_tag=(await asker.rest("GET", "/todos")).headers["ETag"],
    )
