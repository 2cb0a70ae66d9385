"""One subscriber's share of the events: a bounded queue that nobody waits for."""

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from opentelemetry.context import Context as TraceContext
from opentelemetry.trace import SpanContext

from todo_gql.todos.model import Change, SyncToken
from todo_gql.todos.sync import InLog

MAX_QUEUED: Final = 1000
"""Events that wait for a subscriber. They are shared with others; what is its own is a reference to each."""

SEND_TIMEOUT_S: Final = 30
"""How long a client may take nothing while its network's buffers are full."""


class StreamEnded(Exception):
    """The stream ends although its subscriber has not asked for it; with its last token it can be resumed.

    The message is for the subscriber, and below the 123 bytes of a WebSocket's close reason.
    """


@dataclass(frozen=True, eq=False)
class Message:
    """An executed event: what is sent of it is written once for all who have subscribed to the same.

    Args:
        trace: Where the event's span is active.
    """

    payload: bytes
    change: Change
    sync_token: SyncToken
    trace: TraceContext

    @cached_property
    def changed_at_s(self) -> float:
        """Give the time of the change, as `time.time` tells it."""
        return self.change.at.timestamp()

    @cached_property
    def text(self) -> str:
        """Give the payload as text, as WebSockets send it."""
        return self.payload.decode()

    @cached_property
    def server_sent(self) -> bytes:
        """Give the event as server-sent events write it; the token is its id, which `Last-Event-ID` hands back."""
        return b"event: next\nid: %b\ndata: %b\n\n" % (self.sync_token.encode(), self.payload)


class Subscriber:
    """Holds messages until they are taken; one who falls too far behind loses its stream, and holds up no one.

    Args:
        opened_in: The span of the operation that it subscribed by.
    """

    def __init__(self, opened_in: SpanContext) -> None:
        self.opened_in = opened_in
        self._queue: deque[Message] = deque()
        self._ended: StreamEnded | None = None
        self._arrived = asyncio.Event()
        self._seen: list[InLog] = []

    def skip(self, place: InLog) -> None:
        """Leave out what lies before a place, waiting or yet to come: it was sent already, or not asked for."""
        self._seen.append(place)
        self._queue = deque(message for message in self._queue if self.wants(message.change))
        if not self._queue and self._ended is None:
            self._arrived.clear()

    def wants(self, change: Change) -> bool:
        """Say whether a change lies ahead."""
        return not any(place.has_seen(change.transaction_id, change.position) for place in self._seen)

    def push(self, message: Message) -> None:
        """Queue a message, or end the stream of a subscriber who does not keep up."""
        if not self.wants(message.change):
            return
        if len(self._queue) >= MAX_QUEUED:
            self.end(StreamEnded("The subscriber does not keep up; resume with the last sync token."))
        if self._ended is None:
            self._queue.append(message)
            self._arrived.set()

    def end(self, reason: StreamEnded) -> None:
        """End the stream, and forget what waits: it comes again when the stream is resumed."""
        self._ended = self._ended or reason
        self._queue.clear()
        self._arrived.set()

    def check(self) -> None:
        """Raise StreamEnded if the stream has been ended."""
        if self._ended is not None:
            raise self._ended

    async def take(self, *, patience_s: float) -> list[Message]:
        """Wait for messages, and take all that there are: none when none came for so long. Raises StreamEnded."""
        try:
            async with asyncio.timeout(patience_s):
                await self._arrived.wait()
        except TimeoutError:
            return []
        self.check()
        taken = list(self._queue)
        self._queue.clear()
        self._arrived.clear()
        return taken
