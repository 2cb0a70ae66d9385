"""A ledger of what a service has acknowledged, and the audit that compares it with what the service then shows."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
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
WRITERS_PER_DOOR: Final = 3
WRITERS: Final = WRITERS_PER_DOOR * len(DOORS)


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
    longest_gap_s: float = 0
    """For how long nothing was acknowledged, at most."""
    slowest_s: float = 0
    """How long an answer took, at most."""
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    _titles: Iterator[int] = field(default_factory=itertools.count)
    _grown: asyncio.Condition = field(default_factory=asyncio.Condition)
    _last_at: float | None = None

    def begin(self) -> None:
        """Go on with the same ledger after a while in which nothing was sent."""
        self.is_over = asyncio.Event()
        self._last_at = None

    async def write(self, door: Door, client: httpx.AsyncClient) -> None:
        """Create one todo after another until it is over."""
        while not self.is_over.is_set():
            title = f"Todo {next(self._titles)}"
            begun_at = time.monotonic()
            try:
                failure = await door(client, title)
            except httpx.TransportError as error:
                failure = repr(error)
            self.slowest_s = max(self.slowest_s, time.monotonic() - begun_at)
            async with self._grown:
                if failure is None:
                    self._acknowledge(title)
                else:
                    self.failed.append(failure)
                self._grown.notify_all()

    async def grow_by(self, count: int) -> None:
        """Return when so many more have been acknowledged."""
        goal = len(self.acknowledged) + count
        async with self._grown:
            await self._grown.wait_for(lambda: len(self.acknowledged) >= goal)

    async def audit(self, client: httpx.AsyncClient) -> Audit:
        """Compare with what the service shows."""
        shown = Counter(todo["title"] for todo in (await client.get("/todos")).json())
        return Audit(
            lost=tuple(sorted(self.acknowledged - shown.keys())),
            doubled=tuple(sorted(title for title, count in shown.items() if count > 1)),
            failed=tuple(self.failed),
        )

    def _acknowledge(self, title: str) -> None:
        now = time.monotonic()
        if self._last_at is not None:
            self.longest_gap_s = max(self.longest_gap_s, now - self._last_at)
        self._last_at = now
        self.acknowledged.add(title)


@asynccontextmanager
async def writing(client: httpx.AsyncClient) -> AsyncIterator[Ledger]:
    """Create todos through every door until the end of the block."""
    ledger = Ledger()
    async with create(ledger, client):
        yield ledger
        ledger.is_over.set()


@asynccontextmanager
async def create(ledger: Ledger, client: httpx.AsyncClient) -> AsyncIterator[None]:
    """Create todos through every door until it is over."""
    async with asyncio.TaskGroup() as writers:
        for door in DOORS * WRITERS_PER_DOOR:
            writers.create_task(ledger.write(door, client))
        yield
