"""A reader of server-sent events for tests (html.spec.whatwg.org, section 9.2)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

EVENTS = """
subscription ($since: SyncToken, $todoId: ID, $kinds: [TodoEventKind!]) {
  todoEvents(since: $since, todoId: $todoId, kinds: $kinds) {
    id kind todoId version changedFields syncToken todo { title }
  }
}
"""


@dataclass(frozen=True)
class ServerSent:
    """One event: its name, its id, and its data as JSON where there is any."""

    event: str
    id: str | None
    data: Any


class Reader:
    """Reads events off an answer."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.comments = 0
        self.retry_ms: int | None = None
        self._events = self._read()

    async def next(self, timeout_s: float = 20) -> ServerSent:
        async with asyncio.timeout(timeout_s):
            return await anext(self._events)

    async def todo_event(self) -> dict[str, Any]:
        sent = await self.next()
        assert sent.event == "next", sent
        assert "errors" not in sent.data, sent
        event: dict[str, Any] = sent.data["data"]["todoEvents"]
        assert sent.id == event.get("syncToken", sent.id)
        return event

    async def rest(self, timeout_s: float = 20) -> list[ServerSent]:
        """Read until the stream ends."""
        async with asyncio.timeout(timeout_s):
            return [sent async for sent in self._events]

    async def heartbeat(self) -> None:
        """Wait for the next comment: it is no event, and tells that the stream is alive."""
        count = self.comments
        async with asyncio.timeout(20):
            while self.comments == count:
                assert await self._line() is not None

    async def opened(self) -> None:
        """Wait until the stream has begun: the service first says when to come back."""
        async with asyncio.timeout(20):
            while self.retry_ms is None:
                assert await self._line() is not None

    async def _read(self) -> AsyncIterator[ServerSent]:
        fields: dict[str, str] = {}
        while (line := await self._line()) is not None:
            if line:
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            elif "event" in fields:
                data = json.loads(fields["data"]) if fields.get("data") else None
                yield ServerSent(fields["event"], fields.get("id"), data)
                fields = {}

    async def _line(self) -> str | None:
        if not hasattr(self, "_lines"):
            self._lines = self.response.aiter_lines()
        line = await anext(self._lines, None)
        if line is not None and line.startswith(":"):
            self.comments += 1
            return ""
        if line is not None and line.startswith("retry:"):
            self.retry_ms = int(line.removeprefix("retry:"))
            return ""
        return line


@asynccontextmanager
async def subscribed(
    http: httpx.AsyncClient, document: str = EVENTS, *, headers: dict[str, str] | None = None, **variables: Any
) -> AsyncIterator[Reader]:
    """Subscribe, and give what reads the events; the stream has begun."""
    async with http.stream(
        "POST",
        "/graphql",
        json={"query": document, "variables": variables},
        headers={"Accept": "text/event-stream", **(headers or {})},
        timeout=60,
    ) as response:
        reader = Reader(response)
        if response.status_code == 200:
            await reader.opened()
        yield reader
