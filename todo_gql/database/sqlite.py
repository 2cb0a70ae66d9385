"""Units of work on SQLite: one writer at a time, and statements that end only when they are told to.

The driver runs each of its calls in a thread of the connection. The way there and back takes 50 microseconds of
processor time, most statements take less than ten: a statement is one call, and BEGIN goes with the first.

Statements take turns. Side by side in several threads, a statement that writes JSON takes three times its processor
time, and two together take longer than one after the other: SQLite counts the memory that it takes under one lock
(sqlite.org/c3ref/c_config_covering_index_scan.html, MEMSTATUS), and Python's module cannot tell it not to.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Self, cast, override

from sqlalchemy import Dialect, Executable
from sqlalchemy.pool import PoolProxiedConnection

from todo_gql.database.checkout import Checkouts
from todo_gql.database.compiled import Compiler
from todo_gql.database.connection import Connection, Parameters, Rows, Watch, Work
from todo_gql.database.failures import unavailability
from todo_gql.database.sqlite_driver import SQLiteDriver
from todo_gql.database.turns import Turns

_BETWEEN_INTERRUPTIONS_S: Final = 0.02


class SQLiteConnection(Connection):
    """A connection of aiosqlite's.

    Args:
        driver: The connection itself.
        compiler: Makes texts of statements.
        dialect: Of the compiler.
        watch: Encloses each statement.
        turns: Of the statements on all connections.
        begin: What begins the transaction of the statements, with the first of them; None: each is one by itself.
    """

    def __init__(
        self,
        driver: SQLiteDriver,
        compiler: Compiler,
        dialect: Dialect,
        watch: Watch,
        *,
        turns: Turns,
        begin: str | None,
    ) -> None:
        super().__init__(dialect, compiler, watch)
        self._driver = driver
        self._turns = turns
        self._begin = begin

    @override
    async def execute(self, statement: Executable, parameters: Parameters | None = None, /) -> Rows:
        """Run a statement in its turn, for which it is not yet watched."""
        async with self._turns.next():
            return await super().execute(statement, parameters)

    async def _fetch(self, text: str, values: Sequence[Any]) -> Iterable[Any]:
        with self._beginning() as begin:
            return await self._driver.fetch(text, values, begin=begin)

    async def _repeat(self, text: str, values: Sequence[Sequence[Any]]) -> None:
        with self._beginning() as begin:
            await self._driver.repeat(text, values, begin=begin)

    async def _control(self, text: str) -> None:
        await self._fetch(text, ())

    def _has_transaction(self) -> bool:
        # After a full disk, and the like, SQLite has undone all of it.
        return self._driver.in_transaction

    @contextmanager
    def _beginning(self) -> Iterator[str | None]:
        try:
            yield self._begin
        finally:
            # Also when it was the statement that failed: what follows belongs to the same transaction.
            if self._driver.in_transaction:
                self._begin = None


class SQLiteUnits:
    """Runs units of work on connections of an engine's pool (`Units`)."""

    def __init__(self, checkouts: Checkouts, watch: Watch) -> None:
        self._checkouts = checkouts
        self._watch = watch
        self._compiler: Compiler | None = None
        self._turns = Turns()
        # A queue here is five times as fast as waiting for the lock of the file.
        self._writing = asyncio.Lock()

    def of(self, _owner: str) -> Self:
        """Give the same: the conditions of the statements are all that keeps owners apart here."""
        return self

    async def read[T](self, work: Work[T], *, plan_anew: bool) -> T:  # noqa: ARG002  # Its plans look at no values.
        """Run work each of whose statements stands for itself: connections begin nothing by themselves."""
        with unavailability():
            async with self._connected() as driver:
                return await work(self._connection(driver, begin=None))

    async def write[T](self, work: Work[T], *, alone: bool) -> T:  # noqa: ARG002  # A commit costs little here.
        """Run work in a transaction."""
        with unavailability():
            async with self._writing, self._connected() as driver:
                answer = await work(self._connection(driver, begin="BEGIN IMMEDIATE"))
                await driver.commit()
                return answer

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[SQLiteConnection]:
        """Give a connection that reads, all of whose statements see one moment."""
        with unavailability():
            async with self._connected() as driver:
                yield self._connection(driver, begin="BEGIN")
                await driver.rollback()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SQLiteDriver]:
        pooled = await self._checkouts.take()
        try:
            driver = cast("SQLiteDriver", pooled.driver_connection)
            try:
                yield driver
            except BaseException:
                await _roll_back(driver, pooled)
                raise
        finally:
            self._checkouts.give_back(pooled)

    def _connection(self, driver: SQLiteDriver, *, begin: str | None) -> SQLiteConnection:
        if self._compiler is None:
            # Not before there is a connection: the dialect has learnt from it what SQLite can do.
            self._compiler = Compiler(self._checkouts.engine.dialect)
        dialect = self._checkouts.engine.dialect
        return SQLiteConnection(driver, self._compiler, dialect, self._watch, turns=self._turns, begin=begin)


async def _roll_back(driver: SQLiteDriver, pooled: PoolProxiedConnection) -> None:
    """Make the connection one that can be used again, or close it.

    There may be a transaction, and a statement that still runs: being awaited by no one does not stop it.
    """
    rolling_back = asyncio.ensure_future(driver.rollback())
    try:
        # One that had not begun could not be interrupted yet.
        while not rolling_back.done():
            await driver.interrupt()
            await asyncio.wait((rolling_back,), timeout=_BETWEEN_INTERRUPTIONS_S)
    finally:
        if not rolling_back.done() or rolling_back.exception() is not None:
            pooled.invalidate()
