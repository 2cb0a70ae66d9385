"""Tell a database that cannot answer now from a statement that is wrong, and what may be run again."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def unavailability() -> Iterator[None]:
    """Raise DatabaseUnavailable for failures inside that are not the statement's own fault; Interrupted if it can."""
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseUnavailable("All connections to the database are in use.") from error
    # A command that exceeds its time-out, and a socket that breaks, reach us as asyncpg met them.
    except TimeoutError as error:
        raise DatabaseUnavailable("The database did not answer in time.") from error
    except OSError as error:
        raise Interrupted("The connection to the database was lost.") from error
    except asyncpg.InternalClientError as error:
        # The server has said goodbye, and not closed the connection yet.
        raise Interrupted("The connection to the database was lost.") from error
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, sqlite3.Error) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        state = getattr(original, "sqlstate", None) or ""
        if state in _CONFLICTS:
            raise Conflict("Other transactions were in the way of this one.") from error
        if _is_closed(error) or state.startswith(_LOST):
            raise Interrupted(f"The connection to the database was lost ({state or 'unexpectedly'}).") from error
        sqlite_code = getattr(original, "sqlite_errorcode", 0) & 0xFF
        if sqlite_code in _SQLITE_UNUSABLE:
            raise DatabaseUnavailable(f"The database cannot be used: {original}.") from error
        if state == _INSUFFICIENT_PRIVILEGE:
            raise DatabaseUnavailable("The user of the database lacks rights on its tables.") from error
        if state.startswith(_UNAVAILABLE) or sqlite_code in _SQLITE_UNAVAILABLE:
            raise DatabaseUnavailable(f"The database cannot answer now ({state or original}).") from error
        raise


def _is_closed(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    # asyncpg tells it in words, in the exception that it also raises for its wrong use.
    return isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
