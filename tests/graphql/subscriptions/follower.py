"""A subscriber as clients should be: it comes back with its last token, to whichever replica there is."""

import asyncio
from collections.abc import Callable, Sequence

import httpx

from tests import loopback
from tests.graphql.subscriptions.event_stream import subscribed

SLIM = "subscription ($since: SyncToken) { todoEvents(since: $since) { todoId version } }"


class Follower:
    """Collects what it hears of, as the id and the version of a todo."""

    def __init__(self, urls: Callable[[], Sequence[str]], since: str) -> None:
        self.seen: list[tuple[str, int]] = []
        self.connections = 0
        self._urls = urls
        self._token = since
        self._heard = asyncio.Condition()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            url = self._urls()[self.connections % len(self._urls())]
            self.connections += 1
            try:
                async with loopback.async_client(url) as http:
                    await self._follow(http)
            except (httpx.TransportError, AssertionError):
                await asyncio.sleep(0.05)  # As long as a client should wait at least: nobody is there yet.

    async def wait_for(self, count: int) -> None:
        """Wait until so many changes were seen."""
        async with asyncio.timeout(30), self._heard:
            await self._heard.wait_for(lambda: len(self.seen) >= count)

    async def _follow(self, http: httpx.AsyncClient) -> None:
        async with subscribed(http, SLIM, since=self._token) as events:
            while True:
                try:
                    sent = await events.next(timeout_s=60)
                except StopAsyncIteration:
                    return
                event = sent.data["data"]["todoEvents"]
                assert sent.id
                self._token = sent.id
                async with self._heard:
                    self.seen.append((event["todoId"], event["version"]))
                    self._heard.notify_all()
