"""What every answer tells browsers."""

import signal
from pathlib import Path

import httpx
import pytest

from tests import loopback
from tests.process import serving
from tests.shell.conftest import Serve

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 307),
        ("GET", "/livez", 200),
        ("GET", "/todos", 200),
        ("GET", "/todos/x", 404),
        ("OPTIONS", "/todos", 200),
        ("POST", "/todos", 415),
        ("GET", "/openapi.json", 200),
        ("GET", "/graphql?query={__typename}", 200),
        ("POST", "/graphql", 415),
        ("DELETE", "/graphql", 405),
        ("GET", "/nowhere", 404),
        ("GET", f"/nowhere?{'a' * 8192}", 414),
        ("GET", "/todos?simulate_error=500", 500),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_every_answer_is_of_use_as_data_only(serve: Serve, method: str, target: str, status: int) -> None:
    async with serve(fault_injection=True) as client:
        response = await client.request(method, target)

    told = {name: response.headers.get_list(name) for name in SECURITY_HEADERS}
    assert response.status_code == status
    assert told == {name: [value] for name, value in SECURITY_HEADERS.items()}


async def test_a_stream_of_events_is_of_use_as_data_only(client: httpx.AsyncClient) -> None:
    subscription = {"query": "subscription { todoEvents { kind } }"}

    async with client.stream("GET", "/graphql", params=subscription, headers={"Accept": "text/event-stream"}) as stream:
        told = {name: stream.headers.get(name) for name in SECURITY_HEADERS}

    assert told == SECURITY_HEADERS


@pytest.mark.parametrize("target", ["/graphql", "/docs"])
async def test_a_page_has_a_policy_of_its_own(client: httpx.AsyncClient, target: str) -> None:
    response = await client.get(target, headers=HTML)

    (policy,) = response.headers.get_list("Content-Security-Policy")
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers.get_list("X-Frame-Options") == ["DENY"]


@pytest.mark.process
def test_the_command_serves_without_a_name_and_believes_no_proxy(tmp_path: Path) -> None:
    with serving(tmp_path, APP_HSTS_SECONDS="31536000") as service:
        forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        response = loopback.get(f"{service.url}/todos", headers=forwarded)
        service.signal(signal.SIGTERM)
        _, log = service.wait()

    assert "Server" not in response.headers
    assert "X-Powered-By" not in response.headers
    assert "Strict-Transport-Security" not in response.headers
    assert "GET /todos" in log
    assert "203.0.113.9" not in log


@pytest.mark.parametrize("target", ["/todos", "/graphql", "/docs", "/openapi.json"])
async def test_no_answer_sets_a_cookie(client: httpx.AsyncClient, target: str) -> None:
    response = await client.get(target, headers=HTML)

    assert "Set-Cookie" not in response.headers


async def test_browsers_that_came_by_https_are_told_to_come_back_so(serve: Serve) -> None:
    async with serve(hsts_seconds=31_536_000, trusted_proxies="127.0.0.1") as client:
        secure = await client.get("/todos", headers={"X-Forwarded-Proto": "https"})
        plain = await client.get("/todos", headers={"X-Forwarded-Proto": "http"})

    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in plain.headers


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"hsts_seconds": 31_536_000}, id="nobody is believed to have been asked by HTTPS"),
        pytest.param({"hsts_seconds": 31_536_000, "trusted_proxies": "10.0.0.0/8"}, id="another one would be believed"),
        pytest.param({"trusted_proxies": "127.0.0.1"}, id="it is not configured"),
    ],
)
async def test_nobody_is_told_to_come_by_https_otherwise(serve: Serve, settings: dict[str, object]) -> None:
    async with serve(**settings) as client:
        response = await client.get("/todos", headers={"X-Forwarded-Proto": "https"})

    assert "Strict-Transport-Security" not in response.headers


async def test_pages_can_be_turned_off(serve: Serve) -> None:
    async with serve(explorer=False) as client:
        graphql = await client.get("/graphql", headers={"Accept": "text/html, */*;q=0.1"})
        documentation = await client.get("/docs", headers=HTML)
        asset = await client.get("/graphql/assets/x.js")
        description = await client.get("/openapi.json")

    assert (graphql.status_code, graphql.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert (documentation.status_code, asset.status_code, description.status_code) == (404, 404, 200)
