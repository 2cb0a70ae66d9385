"""The use cases of the change log: what has changed since, and what has become of a todo."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Final

from todo_gql.database import Connection, Database
from todo_gql.todos.access import require
from todo_gql.todos.model import AccessScope, Caller, Change, ChangeSet, SyncToken, Todo, TodoId, Tombstone
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.paging import PageRequest, page_size
from todo_gql.todos.problems import BadArgument
from todo_gql.todos.store import history as history_store
from todo_gql.todos.store import log as store
from todo_gql.todos.store import todos as todo_store
from todo_gql.todos.store.history import HistoryPage, HistoryWindow
from todo_gql.todos.store.log import Stretch
from todo_gql.todos.sync import At, Between, Copying, Cut, read_token, write_token

_CURSOR: Final = re.compile(r"change:(\d{1,18})", re.ASCII)


class ChangeLog:
    """What happened to one caller's todos."""

    def __init__(self, database: Database, caller: Caller, policy: Policy) -> None:
        self._database = database
        self._caller = caller
        self._owner = caller.owner
        self._policy = policy

    async def token(self) -> SyncToken:
        """Say where the log stands: from there on, nothing that happens after this is missed."""
        return write_token(At(await self._database.read(store.cut_now)))

    async def tag(self) -> str:
        """Give a text that is another one after every change of the caller's todos."""
        require(self._caller, AccessScope.READ)
        return await self._database.read(lambda connection: store.tag(connection, self._owner))

    async def changes(self, since: str | None, first: int) -> ChangeSet:
        """Read what has changed since a token; without one, everything, a page at a time. Raises BadArgument."""
        require(self._caller, AccessScope.READ)
        size = page_size(PageRequest(first=first), max_size=self._policy.max_page_size)
        place = None if since is None else read_token(since)

        async def work(connection: Connection) -> ChangeSet:
            if place is None or isinstance(place, Copying):
                cut = await store.begin(connection, place)
                if cut is not None:
                    return await self._copy(connection, cut, size, after=None if place is None else place.after)
            else:
                stretch = await store.read(connection, self._owner, place, size)
                if stretch is not None:
                    return await self._follow(connection, stretch, is_late=isinstance(place, Between))
            # The first page of everything comes along: who drops what it has can go on from here.
            return await self._copy(connection, await store.cut_now(connection), size, after=None, reset=True)

        return await self._database.read(work)

    async def history(
        self, todo_ids: Sequence[TodoId], request: PageRequest, *, most: int | None = None
    ) -> Mapping[TodoId, HistoryPage]:
        """Read the same page of what happened to each todo, in order, of all together at most so many.

        Raises BadArgument.
        """
        window = HistoryWindow(
            size=page_size(request, max_size=self._policy.max_page_size),
            backward=request.last is not None,
            after=None if request.after is None else _decode(request.after),
            before=None if request.before is None else _decode(request.before),
        )
        return await self._database.read(
            lambda connection: history_store.history(connection, self._owner, todo_ids, window, most)
        )

    async def _copy(
        self, connection: Connection, cut: Cut, size: int, *, after: TodoId | None, reset: bool = False
    ) -> ChangeSet:
        found = await todo_store.list_by_id(connection, self._owner, after, size + 1)
        todos, has_more = found[:size], len(found) > size
        return ChangeSet(
            todos=todos,
            deleted=(),
            sync_token=write_token(Copying(cut, todos[-1].id) if has_more else At(cut)),
            # What others changed while the pages were read is still to come: only then do they fit together.
            has_more=has_more or after is not None,
            reset=reset,
        )

    async def _follow(self, connection: Connection, stretch: Stretch, *, is_late: bool) -> ChangeSet:
        latest = {change.todo_id: change for change in stretch.changes}
        # Read after the log: a state newer than its change is harmless, an older one would stay.
        found = await todo_store.find_many(connection, self._owner, list(latest)) if latest else {}
        live = {todo_id: todo for todo_id, todo in found.items() if todo.trashed_at is None}
        return ChangeSet(
            todos=tuple(live[todo_id] for todo_id in latest if todo_id in live),
            deleted=tuple(
                _tombstone(change, found.get(todo_id)) for todo_id, change in latest.items() if todo_id not in live
            ),
            sync_token=write_token(stretch.end),
            # The end of a stretch that was read in pages is a while ago.
            has_more=stretch.has_more or is_late,
        )


def encode_position(position: int) -> str:
    """Write the place of a change in the history of its todo, for `after` and `before`."""
    return base64.urlsafe_b64encode(f"change:{position}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> int:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = _CURSOR.fullmatch(base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii"))
        if found is None:
            raise ValueError(cursor)
        return int(found[1])
    except ValueError:
        raise BadArgument("The cursor is not one of this history; start without it.") from None


def _tombstone(change: Change, trashed: Todo | None) -> Tombstone:
    # A purged todo can no longer say when it was trashed; the last change of it was at that time, or a little later.
    deleted_at = change.at if trashed is None or trashed.trashed_at is None else trashed.trashed_at
    return Tombstone(id=change.todo_id, deleted_at=deleted_at)
