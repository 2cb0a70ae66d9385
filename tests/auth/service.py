"""The service with authentication on, for tests: `async with authenticated(url, issuer) as client`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.auth.issuer import AUDIENCE, Issuer
from tests.server import running, settings_for
from todo_gql.settings import Settings


def authenticated_settings(database_url: str, issuer: Issuer, **others: Any) -> Settings:
    """Make settings that turn authentication on."""
    return settings_for(database_url, auth_issuer=issuer.url, auth_audience=AUDIENCE, **others)


@asynccontextmanager
async def authenticated(database_url: str, issuer: Issuer, **others: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Run the service, and give a client that sends no token: `headers=issuer.bearer(sub="bob")` does."""
    async with running(authenticated_settings(database_url, issuer, **others)) as client:
        yield client
