"""Tell a database that cannot answer now from a statement that is wrong, and what may be run again."""

import sqlite3
from contextlib import AbstractContextManager
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class DatabaseUnavailable(Exception):
    """The database cannot answer now; the message is one sentence without secrets, for logs."""


class Interrupted(DatabaseUnavailable):
    """The work was lost through no fault of its own, and has had no effect; it may be run again."""


class Conflict(Interrupted):
    """The database gave this transaction up in favour of another."""


class OutcomeUnknown(Exception):
    """The connection was lost after the commit was asked for: it may have happened, or not."""


class MigrationError(Exception):
    """A migration was refused or failed, and changed nothing; the message is one sentence without secrets."""


# PostgreSQL documentation, appendix A: serialization_failure and deadlock_detected.
_CONFLICTS: Final = ("40001", "40P01")
# Class connection exception, then admin_shutdown, crash_shutdown, cannot_connect_now and too_many_connections.
_LOST: Final = ("08", "57P01", "57P02", "57P03", "53300")
# Classes insufficient resources, operator intervention (time-outs) and system error; then read_only_sql_transaction
# (a primary that became a standby), idle_in_transaction_session_timeout and lock_not_available.
_UNAVAILABLE: Final = ("53", "57", "58", "25006", "25P03", "55P03")
# The primary result codes of SQLite (sqlite.org/rescode.html): BUSY, LOCKED, READONLY (a file system that was mounted
# anew after an error), IOERR, FULL, CANTOPEN.
_SQLITE_UNAVAILABLE: Final = frozenset({5, 6, 8, 10, 13, 14})
# CORRUPT and NOTADB, likewise.
_SQLITE_UNUSABLE: Final = frozenset({11, 26})
_INSUFFICIENT_PRIVILEGE: Final = "42501"


class _Unavailability:
    """Encloses a unit of work: as a class, as a generator takes three times as long."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        failure = _failure_of(error)
        if failure is not None:
            raise failure from error


_UNAVAILABILITY: Final = _Unavailability()


def unavailability() -> AbstractContextManager[None]:
    """Raise DatabaseUnavailable for failures inside that are not the statement's own fault; Interrupted if it can."""
    return _UNAVAILABILITY


def _failure_of(error: BaseException | None) -> DatabaseUnavailable | None:
    match error:
        case PoolTimeoutError():
            return DatabaseUnavailable("All connections to the database are in use.")
        # A command that exceeds its time-out, and a socket that breaks, reach us as asyncpg met them.
        case TimeoutError():
            return DatabaseUnavailable("The database did not answer in time.")
        # By the latter the server has said goodbye, and not closed the connection yet.
        case OSError() | asyncpg.InternalClientError():
            return Interrupted("The connection to the database was lost.")
        case DBAPIError() | asyncpg.PostgresError() | asyncpg.InterfaceError() | sqlite3.Error():
            return _refusal_of(error)
        case _:
            return None


def _refusal_of(
    error: DBAPIError | asyncpg.PostgresError | asyncpg.InterfaceError | sqlite3.Error,
) -> DatabaseUnavailable | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None) or ""
    if state in _CONFLICTS:
        return Conflict("Other transactions were in the way of this one.")
    if _is_closed(error) or state.startswith(_LOST):
        return Interrupted(f"The connection to the database was lost ({state or 'unexpectedly'}).")
    sqlite_code = getattr(original, "sqlite_errorcode", 0) & 0xFF
    if sqlite_code in _SQLITE_UNUSABLE:
        return DatabaseUnavailable(f"The database cannot be used: {original}.")
    if state == _INSUFFICIENT_PRIVILEGE:
        return DatabaseUnavailable("The user of the database lacks rights on its tables.")
    if state.startswith(_UNAVAILABLE) or sqlite_code in _SQLITE_UNAVAILABLE:
        return DatabaseUnavailable(f"The database cannot answer now ({state or original}).")
    return None


def _is_closed(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    # asyncpg tells it in words, in the exception that it also raises for its wrong use.
    return isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
