"""The service with some of what keeps owners apart, and a look at the rows past all of it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import asyncpg
import httpx
import pytest

from tests.auth.issuer import Issuer, running_issuer
from tests.auth.service import authenticated
from tests.owners.askers import Asker
from tests.owners.unconditioned import unconditioned
from todo_gql.auth.owner import owner_of

TABLES: Final = ("todos", "todo_dependencies", "todo_changes", "idempotency_keys")


class Guards(StrEnum):
    """What keeps owners apart."""

    BOTH = "WHERE and row-level security"
    POLICIES = "row-level security alone"
    CONDITIONS = "WHERE alone"
    SQLITE = "WHERE alone, on SQLite"
    NEITHER = "neither"

    @property
    def has_conditions(self) -> bool:
        return self not in {Guards.POLICIES, Guards.NEITHER}

    @property
    def has_policies(self) -> bool:
        return self in {Guards.BOTH, Guards.POLICIES}


@dataclass(frozen=True, kw_only=True)
class Service:
    """The service, and whoever signs for its callers."""

    guards: Guards
    http: httpx.AsyncClient
    issuer: Issuer
    database_url: str

    def asker(self, subject: str, name: str) -> Asker:
        return Asker(self.http, self.issuer.bearer(sub=subject, name=name))

    async def rows_of(self, subject: str) -> list[Any]:
        """Read all rows of an owner as they are stored."""
        owner = owner_of(self.issuer.url, subject)
        if self.guards is Guards.SQLITE:
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"))) as file:
                return [
                    row
                    for table in TABLES
                    for row in file.execute(f"SELECT * FROM {table} WHERE owner = ? ORDER BY 1, 2, 3", (owner,))
                ]
        connection = await asyncpg.connect(self.database_url)
        try:
            return [
                row
                for table in TABLES
                for row in await connection.fetch(f"SELECT * FROM {table} WHERE owner = $1 ORDER BY 1, 2, 3", owner)
            ]
        finally:
            await connection.close()


@asynccontextmanager
async def serving(guards: Guards, database_url: str, owners_role: str) -> AsyncIterator[Service]:
    """Run the service, which is sure of both guards when it starts; some of them are then taken from it."""
    async with AsyncExitStack() as stack:
        # A proxy of the environment is not for loopback.
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("NO_PROXY", "127.0.0.1")
        if not guards.has_conditions:
            stack.enter_context(unconditioned())
        issuer = await stack.enter_async_context(running_issuer())
        http = await stack.enter_async_context(authenticated(database_url, issuer, database_role=owners_role))
        http.timeout = httpx.Timeout(30)
        if guards is not Guards.SQLITE and not guards.has_policies:
            connection = await asyncpg.connect(database_url)
            for table in TABLES:
                await connection.execute(f"CREATE POLICY everyone ON {table} USING (true)")
            await connection.close()
        yield Service(guards=guards, http=http, issuer=issuer, database_url=database_url)
