"""Run a unit of work on the database: a read without a transaction, or a write in one."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from copy import copy

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from todo_gql.database.checkout import Checkouts, PoolState
from todo_gql.database.connection import Connection, Units, Watch, Work, unwatched
from todo_gql.database.failures import Interrupted, OutcomeUnknown, unavailability
from todo_gql.database.postgresql import Connections, PostgreSQLUnits
from todo_gql.database.retry import WITHIN_S, Retry
from todo_gql.database.sqlite import SQLiteUnits


class Database:
    """Hands connections of an engine to units of work. A unit must not keep its connection.

    A unit that is lost with its connection, or gives way to another, runs again, for `retry_s` at most: it must have
    no effect but on its connection.

    Args:
        engine: Whose pool is used.
        retry_s: For how long a unit runs again.
        watch: Is told of the statements that the events of the engine do not tell of.
        owners_role: Under which PostgreSQL runs what is for an owner (`row_security`); None when nobody owns anything.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        retry_s: float = WITHIN_S,
        watch: Watch = unwatched,
        owners_role: str | None = None,
    ) -> None:
        self.engine = engine
        self._checkouts = Checkouts(engine)
        self._retry = Retry(retry_s)
        self._committed: list[Callable[[], None]] = []
        self._units: Units = (
            SQLiteUnits(self._checkouts, watch)
            if engine.dialect.name == "sqlite"
            else PostgreSQLUnits(Connections(self._checkouts, watch), owners_role=owners_role)
        )

    def of(self, owner: str) -> "Database":
        """Give the database for work for an owner: with row-level security nothing else is in it."""
        units = self._units.of(owner)
        if units is self._units:
            return self
        limited = copy(self)
        limited._units = units  # noqa: SLF001  # It is another one of its own kind.
        return limited

    async def read[T](self, work: Work[T], *, plan_anew: bool = False) -> T:
        """Run work that only reads; each of its statements sees its own snapshot.

        Args:
            work: Runs again when it was lost.
            plan_anew: Have PostgreSQL plan its statements for their values alone, where a plan that it keeps for any
                would be a bad one for some.

        Raises:
            DatabaseUnavailable: when the database cannot answer now.
        """
        return await self._retry.run(lambda: self._units.read(work, plan_anew=plan_anew))

    async def write[T](self, work: Work[T], *, repeatable: bool = False, alone: bool = False) -> T:
        """Run work in one transaction, committed when it returns and rolled back when it raises.

        Args:
            work: Runs again when it was lost before its commit.
            repeatable: Run it again also where nobody knows whether it was committed.
            alone: It changes something by one statement at most, which can be a transaction by itself.

        Raises:
            DatabaseUnavailable: when the database cannot answer now; nothing has changed.
            OutcomeUnknown: when the connection was lost during the commit.
        """

        async def attempt() -> T:
            try:
                answer = await self._units.write(work, alone=alone)
            except OutcomeUnknown as error:
                if repeatable:
                    raise Interrupted(str(error)) from error
                raise
            for call in self._committed:
                call()
            return answer

        return await self._retry.run(attempt)

    async def inspect[T](self, look: Callable[[sa.Connection], T]) -> T:
        """Look at the database by means of SQLAlchemy's own connections. Raises DatabaseUnavailable."""

        async def attempt() -> T:
            with unavailability():
                async with self._checkouts.connect() as connection:
                    return await connection.run_sync(look)

        return await self._retry.run(attempt)

    async def alter[T](self, change: Callable[[sa.Connection], T]) -> T:
        """Change the database so in one transaction, as migrations do.

        Raises:
            DatabaseUnavailable: when the database cannot answer now; nothing has changed.
        """

        async def attempt() -> T:
            with unavailability():
                async with self._checkouts.connect() as connection:
                    if self.engine.dialect.name == "sqlite":
                        await connection.exec_driver_sql("BEGIN IMMEDIATE")
                    answer = await connection.run_sync(change)
                    await connection.commit()
                    return answer

        return await self._retry.run(attempt)

    def snapshot(self) -> AbstractAsyncContextManager[Connection]:
        """Give a connection for reading, all statements on which see the database as it is at the first one.

        Nothing of it runs again, as no other connection sees the same.

        Raises:
            DatabaseUnavailable: when the database cannot answer now.
        """
        return self._units.snapshot()

    def on_commit(self, call: Callable[[], None]) -> None:
        """Call something after each transaction of this process that was committed."""
        self._committed.append(call)

    async def ping(self) -> None:
        """Return when the database has answered.

        Raises:
            DatabaseUnavailable: when it cannot answer now.
        """
        await self.read(lambda connection: connection.execute(sa.select(1)))

    def pool_state(self) -> PoolState:
        """Look at the pool of connections."""
        return self._checkouts.state()

    async def close(self) -> None:
        """Close every connection."""
        await self._checkouts.close()
        await self.engine.dispose()
