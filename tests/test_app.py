"""What every request passes through, whatever route it is for."""

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.server import running, serving, settings_for
from todo_gql.app import create_app

LIMIT = 1024
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def client(sqlite_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(f"sqlite:///{sqlite_path}", limit_body=LIMIT, fault_injection=True)) as client:
        yield client


def client_port(response: httpx.Response) -> int:
    port: int = response.extensions["network_stream"].get_extra_info("client_addr")[1]
    return port


async def chunks(size: int) -> AsyncIterator[bytes]:
    """Send a body whose length is not declared."""
    for start in range(0, size, 100):
        yield b" " * min(100, size - start)


async def test_an_unknown_path_is_answered_with_a_problem_document(client: httpx.AsyncClient) -> None:
    response = await client.get("/nowhere")

    problem = response.json()
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert re.fullmatch("[0-9a-f]{32}", problem.pop("traceId"))
    assert problem == {
        "type": "/openapi.json#/components/examples/NOT_FOUND",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this path.",
        "instance": "/nowhere",
        "code": "NOT_FOUND",
        "error": "There is nothing at this path.",
    }


async def test_an_unknown_method_is_answered_with_those_that_are_known(client: httpx.AsyncClient) -> None:
    response = await client.post("/livez")

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert response.json()["code"] == "METHOD_NOT_ALLOWED"


async def test_the_root_leads_to_graphql(client: httpx.AsyncClient) -> None:
    response = await client.get("/")

    assert response.status_code == 307
    assert response.headers["Location"] == "/graphql"


@pytest.mark.parametrize("path", ["/graphql/", "/livez/", "/todos/00000000-0000-7000-8000-000000000000/"])
async def test_a_slash_too_many_leads_nowhere(path: str, client: httpx.AsyncClient) -> None:
    response = await client.get(path)

    assert response.status_code == 404


async def test_each_request_has_a_trace_id_of_its_own(client: httpx.AsyncClient) -> None:
    first = await client.get("/nowhere")
    second = await client.get("/nowhere")

    assert first.json()["traceId"] != second.json()["traceId"]


async def test_a_target_of_eight_kibibytes_is_read(client: httpx.AsyncClient) -> None:
    query = "a" * (8192 - len("/livez?"))

    response = await client.get(f"/livez?{query}")

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/todos", "/graphql"])
async def test_a_longer_target_is_refused(path: str, client: httpx.AsyncClient) -> None:
    query = "a" * (8193 - len(f"{path}?"))

    response = await client.get(f"{path}?{query}")

    assert response.status_code == 414
    assert "TARGET_TOO_LONG" in response.text


@pytest.mark.parametrize("path", ["/todos", "/graphql"])
@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "streamed"])
async def test_a_body_within_the_limit_is_read(path: str, is_declared: bool, client: httpx.AsyncClient) -> None:
    body = b" " * LIMIT if is_declared else chunks(LIMIT)

    response = await client.post(path, content=body, headers=JSON)

    assert response.status_code == 400
    assert "MALFORMED_JSON" in response.text


@pytest.mark.parametrize("path", ["/todos", "/graphql"])
@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "streamed"])
async def test_a_body_over_the_limit_is_refused(path: str, is_declared: bool, client: httpx.AsyncClient) -> None:
    body = b" " * (LIMIT + 1) if is_declared else chunks(LIMIT + 1)

    refused = await client.post(path, content=body, headers=JSON)
    next_one = await client.get("/livez")

    assert refused.status_code == 413
    assert "BODY_TOO_LARGE" in refused.text
    assert client_port(next_one) == client_port(refused)


async def test_an_unhandled_exception_is_answered_without_a_word_about_itself(client: httpx.AsyncClient) -> None:
    response = await client.get("/todos?simulate_error=500")

    problem = response.json()
    assert response.status_code == 500
    assert re.fullmatch("[0-9a-f]{32}", problem.pop("traceId"))
    assert problem == {
        "type": "/openapi.json#/components/examples/INTERNAL",
        "title": "Internal server error",
        "status": 500,
        "detail": "Internal server error",
        "instance": "/todos",
        "code": "INTERNAL",
        "error": "Internal server error",
    }


async def test_an_unhandled_exception_is_logged_once(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await client.get("/todos?simulate_error=500")

    errors = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage() for record in errors] == ["GET /todos failed"]
    assert errors[0].exc_info is not None


async def test_the_connection_is_usable_after_an_unhandled_exception(client: httpx.AsyncClient) -> None:
    failed = await client.get("/todos?simulate_error=500")
    next_one = await client.get("/livez")

    assert next_one.status_code == 200
    assert client_port(next_one) == client_port(failed)


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "100"}], ids=["chunked", "of known length"])
async def test_an_answer_that_fails_halfway_does_not_look_whole(
    headers: dict[str, str], sqlite_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"the first half"
        raise RuntimeError

    async def answer(_: Request) -> Response:
        return StreamingResponse(half(), headers=headers)

    app = create_app(settings_for(f"sqlite:///{sqlite_path}"))
    app.router.routes.append(Route("/half", answer))
    async with serving(app) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/half")

    assert "GET (no route) failed" in caplog.messages


async def test_a_client_that_leaves_is_no_error(sqlite_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def leave() -> AsyncIterator[bytes]:
        yield b"{"
        raise ConnectionAbortedError

    async with running(settings_for(f"sqlite:///{sqlite_path}")) as client:
        with pytest.raises(ConnectionAbortedError):
            await client.post("/todos", content=leave(), headers=JSON)

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
