"""How far a reader has followed the change log, and the opaque token that says so.

On PostgreSQL changes become visible in another order than that of their positions, so that no single number tells a
reader how far it is. What tells it is a snapshot as PostgreSQL takes it: which transactions had ended. A snapshot is
a consistent cut: whoever overwrote a todo had to wait for the transaction before it to end. What a reader has not
seen is therefore read from one cut to the next, and between two cuts the positions do respect each todo's versions.
On SQLite, where one transaction writes at a time, each change counts as a transaction of its own.
"""

import base64
import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self
from uuid import UUID

from todo_gql.todos.model import SyncToken, TodoId
from todo_gql.todos.problems import BadArgument

MAX_TOKEN_CHARACTERS: Final = 32_768
"""A token has 8 to 12 characters for each transaction that ran when it was made; PostgreSQL runs a few hundred."""

_CUT: Final = re.compile(r"(\d{1,19}):(\d{1,19}):((?:\d{1,19}(?:,\d{1,19})*)?)", re.ASCII)
_MAX_TRANSACTION: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Which transactions had ended: all before `oldest`, none from `next` on, and between them all but `running`.

    Its text is that of PostgreSQL's type pg_snapshot.
    """

    oldest: int
    next: int
    running: tuple[int, ...] = ()

    def has(self, transaction_id: int) -> bool:
        """Say whether the transaction had ended."""
        if transaction_id < self.oldest:
            return True
        if transaction_id >= self.next:
            return False
        index = bisect_left(self.running, transaction_id)
        return index == len(self.running) or self.running[index] != transaction_id

    def including(self, transaction_id: int) -> "Cut":
        """Give the cut with one more transaction in it: the one that took it, which will have ended."""
        later = range(self.next, transaction_id)
        running = tuple(number for number in (*self.running, *later) if number != transaction_id)
        following = max(self.next, transaction_id + 1)
        return Cut(running[0] if running else following, following, running)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what PostgreSQL, or `str`, has written. Raises ValueError for anything else."""
        found = _CUT.fullmatch(text)
        if found is None:
            raise ValueError(text)
        oldest, following = int(found[1]), int(found[2])
        running = tuple(map(int, found[3].split(","))) if found[3] else ()
        bounds = (oldest - 1, *running, following)
        is_sorted = all(earlier < later for earlier, later in pairwise(bounds))
        if not 0 < oldest <= following <= _MAX_TRANSACTION or not is_sorted:
            raise ValueError(text)
        return cls(oldest, following, running)

    def __str__(self) -> str:
        return f"{self.oldest}:{self.next}:{','.join(map(str, self.running))}"


@dataclass(frozen=True, slots=True)
class At:
    """Everything in the cut was seen."""

    seen: Cut

    def has_seen(self, transaction_id: int, position: int) -> bool:  # noqa: ARG002
        """Say whether a change lies behind."""
        return self.seen.has(transaction_id)


@dataclass(frozen=True, slots=True)
class Between:
    """Everything in `seen` was seen, and of what came up to `until` that up to a position."""

    seen: Cut
    until: Cut
    position: int

    def has_seen(self, transaction_id: int, position: int) -> bool:
        """Say whether a change lies behind."""
        return self.seen.has(transaction_id) or (self.until.has(transaction_id) and position <= self.position)


@dataclass(frozen=True, slots=True)
class Copying:
    """All todos are being read, by their ids; those up to `after` were seen as they were in the cut, or later."""

    seen: Cut
    after: TodoId


InLog = At | Between
Place = InLog | Copying


def write_token(place: Place) -> SyncToken:
    """Write a place as opaque text."""
    text = ";".join(map(str, _parts(place)))
    return SyncToken(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))


def read_token(token: str) -> Place:
    """Read a token. Raises BadArgument when it is none of ours."""
    try:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise ValueError(len(token))
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        match base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").split(";"):
            case ["at", seen]:
                return At(Cut.parse(seen))
            case ["between", seen, until, position] if re.fullmatch(r"\d{1,18}", position, re.ASCII):
                return Between(Cut.parse(seen), Cut.parse(until), int(position))
            case ["copying", seen, after] if re.fullmatch("[0-9a-f]{32}", after):
                return Copying(Cut.parse(seen), TodoId(UUID(hex=after)))
            case _:
                raise ValueError(token)
    except ValueError:
        raise BadArgument("The sync token is not one that this service gave; start without it.") from None


def read_log_token(token: str) -> InLog:
    """Read a token from which events can be followed. Raises BadArgument.

    One of a copy that is not complete stands for its beginning: what happened from there on.
    """
    place = read_token(token)
    return At(place.seen) if isinstance(place, Copying) else place


def _parts(place: Place) -> tuple[object, ...]:
    match place:
        case At(seen):
            return ("at", seen)
        case Between(seen, until, position):
            return ("between", seen, until, position)
        case Copying(seen, after):
            return ("copying", seen, after.hex)
