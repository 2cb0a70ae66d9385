"""A ledger of what a service has acknowledged, and the audit that compares it with what the service then shows."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

Door = Callable[[httpx.AsyncClient, str], Awaitable[str | None]]
"""Creates a todo of a title; gives None when it was acknowledged, and otherwise what was answered."""

_CREATE: Final = (
    "mutation ($title: String!) { todoCreate(input: {title: $title}) { ... on TodoCreated { todo { id } } } }"
)


async def by_rest(client: httpx.AsyncClient, title: str) -> str | None:
    answer = await client.post("/todos", json={"title": title})
    return None if answer.status_code == 201 else answer.text


async def by_rest_under_a_key(client: httpx.AsyncClient, title: str) -> str | None:
    answer = await client.post("/todos", json={"title": title}, headers={"Idempotency-Key": f'"{title}"'})
    return None if answer.status_code == 201 else answer.text


async def by_graphql(client: httpx.AsyncClient, title: str) -> str | None:
    answer = await client.post("/graphql", json={"query": _CREATE, "variables": {"title": title}})
    body: dict[str, Any] = answer.json()
    return None if answer.status_code == 200 and "errors" not in body else answer.text


DOORS: Final = (by_rest, by_rest_under_a_key, by_graphql)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the service has done to the ledger's todos: acknowledged and gone, there twice, and not acknowledged."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass
class Ledger:
    """Titles that were sent, each once: those that were acknowledged, and what was answered to the others."""

    acknowledged: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    _titles: Iterator[int] = field(default_factory=itertools.count)
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def write(self, door: Door, client: httpx.AsyncClient, is_over: asyncio.Event) -> None:
        """Create one todo after another until it is over."""
        while not is_over.is_set():
            title = f"Todo {next(self._titles)}"
            failure = await door(client, title)
            async with self._grown:
                if failure is None:
                    self.acknowledged.add(title)
                else:
                    self.failed.append(failure)
                self._grown.notify_all()

    async def grow_by(self, count: int) -> None:
        """Return when so many more have been answered."""
        goal = len(self.acknowledged) + len(self.failed) + count
        async with self._grown:
            await self._grown.wait_for(lambda: len(self.acknowledged) + len(self.failed) >= goal)

    async def audit(self, client: httpx.AsyncClient) -> Audit:
        """Compare with what the service shows."""
        shown = Counter(todo["title"] for todo in (await client.get("/todos")).json())
        return Audit(
            lost=tuple(sorted(self.acknowledged - shown.keys())),
            doubled=tuple(sorted(title for title, count in shown.items() if count > 1)),
            failed=tuple(self.failed),
        )
