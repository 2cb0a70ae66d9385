"""Headers that tell that the REST layer is deprecated."""

import httpx
import pytest

from tests.rest.requests import UNKNOWN_ID
from tests.server import running, settings_for


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/todos", 200),
        ("HEAD", "/todos", 200),
        ("OPTIONS", "/todos", 200),
        ("POST", "/todos", 415),
        ("PUT", "/todos", 405),
        ("GET", "/todos/", 308),
        ("GET", f"/todos/{UNKNOWN_ID}", 404),
        ("GET", "/todos/a/b", 404),
        ("GET", "/todos?simulate_error=500", 500),
        ("GET", f"/todos?{'x' * 8192}", 414),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_every_answer_tells_that_rest_is_deprecated(
    database_url: str, method: str, target: str, status: int
) -> None:
    settings = settings_for(
        database_url,
        rest_deprecated_at="2026-11-23T08:00:00+01:00",
        rest_sunset="2027-06-30T23:59:59Z",
        fault_injection=True,
    )

    async with running(settings) as client:
        response = await client.request(method, target)

    assert response.status_code == status
    assert response.headers["Deprecation"] == "@1795417200"
    assert response.headers["Sunset"] == "Wed, 30 Jun 2027 23:59:59 GMT"
    assert response.headers["Link"] == '</graphql>; rel="successor-version"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_no_sunset_is_told_unless_there_is_one(client: httpx.AsyncClient) -> None:
    response = await client.get("/todos")

    assert "Sunset" not in response.headers


@pytest.mark.parametrize("path", ["/livez", "/todosx", "/openapi.json"])
async def test_nothing_else_is_deprecated(database_url: str, path: str) -> None:
    async with running(settings_for(database_url)) as client:
        response = await client.get(path)

    assert "Deprecation" not in response.headers
    assert "Link" not in response.headers
