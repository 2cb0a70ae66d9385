"""Who is let in over HTTP, and what the others are told."""

import asyncio
import logging
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.auth.issuer import RunningIssuer
from tests.auth.service import authenticated
from todo_gql.asgi.errors import ToldError
from todo_gql.auth.http import caller_of

TODOS = {"query": "{ todos { nodes { title } } }"}
ID = "00000000-0000-7000-8000-000000000000"
PROTECTED = [
    ("GET", "/todos"),
    ("HEAD", "/todos"),
    ("POST", "/todos"),
    ("OPTIONS", "/todos"),
    ("GET", f"/todos/{ID}"),
    ("PUT", f"/todos/{ID}"),
    ("PATCH", f"/todos/{ID}"),
    ("DELETE", f"/todos/{ID}"),
    ("GET", "/todos/"),
    ("POST", "/graphql"),
    ("GET", "/graphql?query={__typename}"),
    ("GET", "/nowhere"),
    ("POST", "/docs"),
]
OPEN = ["/", "/livez", "/readyz", "/openapi.json"]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_a_request_without_a_token_is_refused(method: str, path: str, client: httpx.AsyncClient) -> None:
    response = await client.request(method, path)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="todo_gql"'


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_a_request_with_a_bad_token_is_refused(method: str, path: str, client: httpx.AsyncClient) -> None:
    response = await client.request(method, path, headers={"Authorization": "Bearer abc"})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == (
        'Bearer realm="todo_gql", error="invalid_token", error_description="The token cannot be used here."'
    )


@pytest.mark.parametrize("path", OPEN)
async def test_what_is_for_everyone_needs_no_token(path: str, client: httpx.AsyncClient) -> None:
    response = await client.get(path)

    assert response.status_code in {200, 307}


@pytest.mark.parametrize("path", ["/graphql", "/docs", "/graphql/assets/nothing.js"])
async def test_a_browser_gets_its_pages_without_a_token(path: str, client: httpx.AsyncClient) -> None:
    response = await client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    # 503 and 404 where the pages are not built.
    assert response.status_code in {200, 404, 503}


async def test_a_page_is_all_that_asking_for_html_opens(client: httpx.AsyncClient) -> None:
    html = {"Accept": "text/html"}

    answers = [
        await client.get("/graphql?query={todos{nodes{id}}}", headers=html),
        await client.post("/graphql", json=TODOS, headers=html),
        await client.get("/todos", headers=html),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]


async def test_a_token_lets_a_request_in(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    headers = steady_issuer.bearer(sub="gina")

    created = await client.post("/todos", json={"title": "Buy milk"}, headers=headers)
    listed = await client.post("/graphql", json=TODOS, headers=headers)

    assert created.status_code == 201
    assert listed.json() == {"data": {"todos": {"nodes": [{"title": "Buy milk"}]}}}


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
async def test_the_name_of_the_scheme_is_read_in_any_case(
    scheme: str, client: httpx.AsyncClient, steady_issuer: RunningIssuer
) -> None:
    response = await client.get("/todos", headers={"Authorization": f"{scheme} {steady_issuer.make()}"})

    assert response.status_code == 200


@pytest.mark.parametrize("credentials", ["", "Basic YWxpY2U6c2VjcmV0", "Token abc", "Bearerabc"])
async def test_other_credentials_are_none(credentials: str, client: httpx.AsyncClient) -> None:
    response = await client.get("/todos", headers={"Authorization": credentials})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="todo_gql"'


async def test_two_tokens_are_worse_than_one(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    token = steady_issuer.bearer()["Authorization"]

    response = await client.get("/todos", headers=[("Authorization", token), ("Authorization", token)])

    assert response.status_code == 401


async def test_a_refusal_is_a_problem_document_on_rest(client: httpx.AsyncClient) -> None:
    response = await client.get("/todos")

    problem = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert re.fullmatch("[0-9a-f]{32}", problem.pop("traceId"))
    assert problem == {
        "type": "/openapi.json#/components/examples/UNAUTHENTICATED",
        "title": "Nobody knows who asks",
        "status": 401,
        "detail": "Send a token: `Authorization: Bearer ...`.",
        "instance": "/todos",
        "code": "UNAUTHENTICATED",
        "error": "Send a token: `Authorization: Bearer ...`.",
    }


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "text/event-stream"])
async def test_a_refusal_has_the_shape_of_graphql_there(accept: str, client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json=TODOS, headers={"Accept": accept})

    body: Any = response.json()
    assert response.status_code == 401
    assert re.fullmatch("[0-9a-f]{32}", body["errors"][0]["extensions"].pop("traceId"))
    assert body == {
        "errors": [
            {
                "message": "Send a token: `Authorization: Bearer ...`.",
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ]
    }


async def test_who_comes_late_is_told_so(client: httpx.AsyncClient, steady_issuer: RunningIssuer) -> None:
    response = await client.get("/todos", headers=steady_issuer.bearer(exp=1_000_000_000))

    assert response.status_code == 401
    assert response.json()["detail"] == "The token has expired."
    assert response.headers["WWW-Authenticate"].endswith('error_description="The token has expired."')


async def test_no_token_gets_into_the_log(
    sqlite_path: Path, issuer: RunningIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = [
        issuer.make(sub="xyzzy1337"),
        issuer.make(sub="xyzzy1337", aud="xyzzy1337"),
        issuer.make(sub="xyzzy1337", exp=1),
        issuer.make(headers={"kid": "xyzzy1337"}),
        issuer.make(headers={"crit": ["xyzzy1337"]}),
        "xyzzy1337",
    ]

    with caplog.at_level(logging.DEBUG):
        async with authenticated(f"sqlite:///{sqlite_path}", issuer) as client:
            answers = [await client.get("/todos", headers={"Authorization": f"Bearer {token}"}) for token in tokens]

    assert [answer.status_code for answer in answers] == [200, 401, 401, 401, 401, 401]
    assert "xyzzy1337" not in caplog.text + "".join(answer.text + str(answer.headers) for answer in answers)
    assert not any(token in caplog.text for token in tokens)


async def test_the_log_says_once_why_tokens_are_refused(
    sqlite_path: Path, issuer: RunningIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    refused = [
        issuer.make(aud="others"),
        issuer.make(aud="nobody"),
        issuer.make(iss="https://id.example.com"),
        issuer.make(headers={"kid": "unknown"}),
        issuer.make(typ="ID"),
        issuer.make(exp=1),
    ]

    async with authenticated(f"sqlite:///{sqlite_path}", issuer) as client:
        for token in refused:
            await client.get("/todos", headers={"Authorization": f"Bearer {token}"})

    reasons = [message.split(".")[0] for message in caplog.messages if "token" in message]
    assert reasons == [
        "A token is refused: InvalidAudienceError",
        "A token is refused: InvalidIssuerError",
        "A token is refused: UnknownKey",
        "A token is refused: WrongClaim",
    ]


@pytest.mark.parametrize("size", [20_000, 1_000_000])
async def test_a_token_that_is_too_long_is_refused(size: int, client: httpx.AsyncClient) -> None:
    response = await client.get("/todos", headers={"Authorization": f"Bearer {'x' * size}"})

    assert response.status_code in {400, 401, 431}


async def test_nobody_is_listened_to_before_it_is_known_who_it_is(client: httpx.AsyncClient) -> None:
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    try:
        writer.write(b"POST /todos HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n[")
        async with asyncio.timeout(5):
            status = await reader.readline()
    finally:
        writer.close()

    assert status == b"HTTP/1.1 401 Unauthorized\r\n"


async def test_an_issuer_that_is_away_is_nobodys_fault(sqlite_path: Path, issuer: RunningIssuer) -> None:
    await issuer.go_away()
    async with authenticated(f"sqlite:///{sqlite_path}", issuer) as client:
        rest = await client.get("/todos", headers=issuer.bearer())
        graphql = await client.post("/graphql", json=TODOS, headers=issuer.bearer())
    await issuer.come()

    assert (rest.status_code, rest.json()["code"]) == (503, "UNAVAILABLE")
    assert rest.json()["detail"] == "Who issued the token cannot be asked now; try again."
    assert rest.headers["Retry-After"] == "5"
    assert graphql.status_code == 503
    assert graphql.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert graphql.headers["Retry-After"] == "5"


def test_what_is_open_to_everyone_has_no_caller() -> None:
    with pytest.raises(ToldError) as refused:
        caller_of({"type": "http"})

    assert refused.value.status_code == 401
