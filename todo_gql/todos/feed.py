"""Follow the change log as it grows, once for all subscribers of this process."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, Never

from todo_gql.database import (
    Database,
    DatabaseUnavailable,
    DatabaseURL,
    Listener,
    PostgreSQLURL,
    heed_cancellation,
)
from todo_gql.telemetry.trace import unrecorded
from todo_gql.todos.model import Event, Owner
from todo_gql.todos.store import log
from todo_gql.todos.store.changes import CHANNEL
from todo_gql.todos.sync import At, Between, Cut, InLog, write_token

Deliver = Callable[[Sequence[Event]], None]
"""Takes an owner's events, in order. It must not wait."""

_STRETCH: Final = 500
"""How many changes are read at a time."""

_FALLBACK_INTERVAL_S: Final = 5
"""How often the log is looked at although nobody has told of changes: another process may have written to SQLite, and
PostgreSQL's connection that tells may be away."""

_RETRY_INTERVAL_S: Final = 0.5
_PATIENCE_S: Final = 10
"""How long the database may be away before subscribers are sent to look for a better connected replica."""

_log: Final = logging.getLogger(__name__)


class FeedEnded(Exception):
    """The feed cannot go on for now; who has a token can resume with it, here or elsewhere."""


class Feed:
    """Hands every committed change of an owner to whoever has joined, once and in order.

    Args:
        database: Whose change log is followed.
        clock: Tells seconds that only grow.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._subscribers: dict[Owner, dict[Deliver, Callable[[FeedEnded], None]]] = defaultdict(dict)
        self._place: InLog | None = None
        self._starting = asyncio.Lock()
        self._woken = asyncio.Event()
        self._away_since: float | None = None
        self._complete_at: float | None = None

    def behind_s(self) -> float:
        """Say for how long it has not seen the whole log; 0 when nobody has joined."""
        complete_at = self._complete_at
        return 0 if complete_at is None else self._clock() - complete_at

    def wake(self) -> None:
        """Say that there may be something new."""
        self._woken.set()

    async def run(self) -> Never:
        """Read and deliver until cancelled."""
        while True:
            heed_cancellation()
            try:
                async with asyncio.timeout(_FALLBACK_INTERVAL_S):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            try:
                await self._read_on()
            except DatabaseUnavailable as error:
                await self._be_patient(error)
            except Exception:  # noqa: BLE001  # The outermost edge: subscribers must not wait for what has stopped.
                _log.exception("The change log cannot be followed")
                self._end("The service cannot follow the changes now.")

    async def join(self, owner: Owner, deliver: Deliver, end: Callable[[FeedEnded], None]) -> Cut:
        """Deliver an owner's events from now on; give the cut up to which the log is to be read instead.

        What is delivered may lie before that cut, and is to be left out then. Raises DatabaseUnavailable.
        """
        async with self._starting:
            asked_at = self._clock()
            place = self._place or At(await self._database.read(log.cut_now))
            # From here on nothing waits: what the feed reads next comes here too.
            self._place = self._place or place
            self._complete_at = self._complete_at or asked_at
            self._subscribers[owner][deliver] = end
        return self._place.until if isinstance(self._place, Between) else self._place.seen

    def leave(self, owner: Owner, deliver: Deliver) -> None:
        """Deliver nothing more."""
        of_owner = self._subscribers.get(owner, {})
        of_owner.pop(deliver, None)
        if not of_owner:
            self._subscribers.pop(owner, None)

    async def read(self, owner: Owner, place: InLog, *, until: Cut | None = None) -> log.Stretch | None:
        """Read an owner's changes from a place on; None when the log does not go back that far.

        Raises DatabaseUnavailable.
        """
        return await self._database.of(owner).read(
            lambda connection: log.read(connection, owner, place, _STRETCH, until=until)
        )

    async def _read_on(self) -> None:
        if not self._subscribers or self._place is None:
            self._place = self._complete_at = None
            return
        place = self._place
        asked_at = self._clock()
        stretch = await self._database.read(lambda connection: log.read(connection, None, place, _STRETCH))
        self._away_since = None
        if stretch is None:
            self._end("The change log is not the one that was followed.")
            return
        self._deliver(stretch)
        self._place = stretch.end
        if stretch.has_more:
            self.wake()
        else:
            self._complete_at = asked_at

    def _deliver(self, stretch: log.Stretch) -> None:
        events: dict[Owner, list[Event]] = defaultdict(list)
        for change in stretch.changes:
            if change.owner in self._subscribers:
                event = Event(change=change, sync_token=write_token(stretch.after(change)))
                events[change.owner].append(event)
        for owner, of_owner in events.items():
            for deliver in list(self._subscribers[owner]):
                deliver(of_owner)

    async def _be_patient(self, error: DatabaseUnavailable) -> None:
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
            _log.warning("The change log cannot be read: %s", error)
        if now - self._away_since > _PATIENCE_S:
            self._end("The database is away.")
        else:
            await asyncio.sleep(_RETRY_INTERVAL_S)
            self.wake()

    def _end(self, reason: str) -> None:
        ends = [end for of_owner in self._subscribers.values() for end in of_owner.values()]
        self._subscribers.clear()
        self._place = self._away_since = self._complete_at = None
        for end in ends:
            end(FeedEnded(reason))


@asynccontextmanager
async def following(feed: Feed, database: Database, listen_url: DatabaseURL) -> AsyncIterator[None]:
    """Keep a feed going, and have it told of changes: by PostgreSQL, or on SQLite by this process itself."""
    with unrecorded():
        tasks = [asyncio.create_task(feed.run())]
    if isinstance(listen_url, PostgreSQLURL):
        tasks.append(asyncio.create_task(Listener(listen_url, CHANNEL, feed.wake).run()))
    else:
        database.on_commit(feed.wake)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
