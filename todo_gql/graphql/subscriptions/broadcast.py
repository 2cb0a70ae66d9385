"""Execute each event once for all who have subscribed to the same, and hand it to each of them."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Collection, Hashable, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Final, Never

from todo_gql.database import DatabaseUnavailable
from todo_gql.graphql.subscriptions.selection import BATCH, Selection
from todo_gql.graphql.subscriptions.subscriber import Message, StreamEnded, Subscriber
from todo_gql.telemetry.trace import recorded_apart
from todo_gql.todos.feed import Feed, FeedEnded
from todo_gql.todos.model import Event
from todo_gql.todos.sync import At, Cut

MAX_WAITING: Final = 5000
"""Events that wait to be executed."""

_RETRIES: Final = 20
_RETRY_INTERVAL_S: Final = 0.5

_log: Final = logging.getLogger(__name__)


class Broadcasts:
    """The broadcasts of this process: one for each selection that has subscribers."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._by_key: dict[Hashable, _Broadcast] = {}

    @asynccontextmanager
    async def joined(self, selection: Selection, subscriber: Subscriber) -> AsyncIterator[Cut]:
        """Push to a subscriber what happens after a cut, which it is given. Raises DatabaseUnavailable."""
        key = selection.key
        broadcast = self._by_key.get(key)
        if broadcast is None:
            broadcast = self._by_key[key] = _Broadcast(self._feed, selection)
        broadcast.subscribers.add(subscriber)
        try:
            cut = await broadcast.start()
            subscriber.skip(At(cut))
            yield cut
        finally:
            broadcast.subscribers.discard(subscriber)
            if not broadcast.subscribers:
                broadcast.stop()
                # Another may have taken its place when it ended.
                if self._by_key.get(key) is broadcast:
                    del self._by_key[key]


class _Broadcast:
    def __init__(self, feed: Feed, selection: Selection) -> None:
        self.subscribers: set[Subscriber] = set()
        self._feed = feed
        self._selection = selection
        self._waiting: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._executing: asyncio.Task[None] | None = None

    async def start(self) -> Cut:
        if self._executing is None:
            # It outlives the request that began it, and is no part of its trace.
            self._executing = asyncio.create_task(self._execute(), context=Context())
        return await self._feed.join(self._selection.caller.owner, self._deliver, self._end_with)

    def stop(self) -> None:
        self._feed.leave(self._selection.caller.owner, self._deliver)
        if self._executing is not None:
            self._executing.cancel()

    def _deliver(self, events: Sequence[Event]) -> None:
        self._waiting.extend(events)
        if len(self._waiting) > MAX_WAITING:
            self._waiting.clear()
            self._end("The events come faster than they are read; resume with the last sync token.")
        self._arrived.set()

    def _end_with(self, ended: FeedEnded) -> None:
        self._end(str(ended))

    def _end(self, reason: str) -> None:
        for subscriber in self.subscribers:
            subscriber.end(StreamEnded(reason))

    async def _execute(self) -> None:
        # In a record, the log tells only the places of what fails: a message may quote what a subscriber has typed.
        with recorded_apart():
            try:
                await self._execute_what_arrives()
            except DatabaseUnavailable:
                self._end("The database is away.")
            except Exception:  # noqa: BLE001  # The outermost edge: subscribers must not wait for what has stopped.
                _log.exception("A subscription cannot be executed")
                self._end("The service cannot execute this now.")

    async def _execute_what_arrives(self) -> Never:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                for message in await execute_patiently(self._selection, batch, self.subscribers):
                    for subscriber in self.subscribers:
                        subscriber.push(message)
                # What was pushed is taken before more is: no one falls behind because of a long queue here.
                await asyncio.sleep(0)


async def execute_patiently(
    selection: Selection, events: Sequence[Event], subscribers: Collection[Subscriber]
) -> list[Message]:
    """Execute events, again while the database is away for a moment. Raises DatabaseUnavailable."""
    for _ in range(_RETRIES):
        try:
            return await selection.execute(events, subscribers)
        except DatabaseUnavailable:
            await asyncio.sleep(_RETRY_INTERVAL_S)
    return await selection.execute(events, subscribers)
