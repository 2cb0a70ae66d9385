from collections.abc import AsyncIterator

import pytest

from tests.graphql.client import GraphQLClient
from tests.server import running, settings_for


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[GraphQLClient]:
    async with running(settings_for(database_url)) as http:
        client = GraphQLClient(http)
        await client.chain("Buy flour", "Bake bread", "Straße")
        yield client
