"""What pages of other origins can do: nothing, unless theirs is named (fetch.spec.whatwg.org)."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.graphql.subscriptions.web_socket import opened
from tests.shell.conftest import Serve

FRIEND = "https://app.example.com"
STRANGERS = [
    "https://evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com.evil.example",
    "https://APP.example.com",
    "null",
    "http://[",
]
CREATE = {"query": 'mutation { todoCreate(input: {title: "x"}) { __typename } }'}


def preflight(method: str, headers: str, origin: str = FRIEND) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}


def permissions(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-allow-")}


@pytest.mark.parametrize("target", ["/todos", "/graphql?query={__typename}", "/nowhere", "/openapi.json"])
async def test_no_page_of_another_origin_reads_an_answer_by_default(client: httpx.AsyncClient, target: str) -> None:
    response = await client.get(target, headers={"Origin": FRIEND})

    assert permissions(response) == {}


@pytest.mark.parametrize("path", ["/todos", "/graphql"])
async def test_no_preflight_is_granted_by_default(client: httpx.AsyncClient, path: str) -> None:
    response = await client.options(path, headers=preflight("POST", "content-type"))

    assert permissions(response) == {}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/graphql", "authorization,content-type,graphql-client-name,last-event-id,x-todo-explain"),
        ("GET", "/graphql", "traceparent,tracestate"),
        ("POST", "/todos", "authorization,content-type,idempotency-key"),
        ("GET", "/todos", "if-none-match"),
        ("PUT", "/todos/x", "content-type,if-match,if-none-match"),
        ("PATCH", "/todos/x", "content-type,if-match"),
        ("DELETE", "/todos/x", "if-match"),
    ],
)
async def test_a_page_of_an_origin_that_is_named_may_ask(serve: Serve, method: str, path: str, headers: str) -> None:
    async with serve(cors_origins=FRIEND) as client:
        response = await client.options(path, headers=preflight(method, headers))

    granted = permissions(response)
    assert response.status_code == 200
    assert granted["access-control-allow-origin"] == FRIEND
    assert method in granted["access-control-allow-methods"].split(", ")
    allowed = {name.lower() for name in granted["access-control-allow-headers"].split(", ")}
    assert set(headers.split(",")) <= allowed
    assert "access-control-allow-credentials" not in granted


async def test_a_page_of_an_origin_that_is_named_reads_answers_and_their_headers(serve: Serve) -> None:
    async with serve(cors_origins=f"https://other.example,{FRIEND}") as client:
        response = await client.get("/todos", headers={"Origin": FRIEND})

    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert permissions(response) == {"access-control-allow-origin": FRIEND}
    assert {"ETag", "Location", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "traceresponse"} <= exposed
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("target", ["/nowhere", "/todos?limit=x", "/todos?simulate_error=500", f"/x?{'a' * 8192}"])
async def test_a_page_reads_refusals_as_well(serve: Serve, target: str) -> None:
    async with serve(cors_origins=FRIEND, fault_injection=True) as client:
        response = await client.get(target, headers={"Origin": FRIEND})

    assert response.status_code >= 400
    assert permissions(response) == {"access-control-allow-origin": FRIEND}


@pytest.mark.parametrize("origin", STRANGERS)
async def test_an_origin_is_named_exactly_or_not_at_all(serve: Serve, origin: str) -> None:
    async with serve(cors_origins=FRIEND) as client:
        answer = await client.get("/todos", headers={"Origin": origin})
        preflighted = await client.options("/todos", headers=preflight("POST", "content-type", origin))

    assert permissions(answer) == {}
    assert "access-control-allow-origin" not in permissions(preflighted)
    # Or a shared cache would give the page that may read an answer one that says nothing of it.
    assert "Origin" in answer.headers["Vary"]


async def test_any_origin_may_be_let_in(serve: Serve) -> None:
    async with serve(cors_origins="*") as client:
        response = await client.get("/todos", headers={"Origin": "https://anywhere.example"})

    assert permissions(response) == {"access-control-allow-origin": "*"}


@pytest.mark.parametrize("origin", STRANGERS)
async def test_a_page_of_another_origin_gets_no_socket(serve: Serve, origin: str) -> None:
    async with serve(cors_origins=FRIEND) as client:
        with pytest.raises(InvalidStatus) as refused:
            async with opened(client, origin=origin):
                pass

    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("named", "origin"), [(FRIEND, FRIEND), ("*", "https://anywhere.example"), ("", "http://{host}")]
)
async def test_a_page_of_an_origin_that_is_named_or_of_the_service_gets_a_socket(
    serve: Serve, named: str, origin: str
) -> None:
    async with (
        serve(cors_origins=named or ()) as client,
        opened(client, origin=origin.format(host=client.base_url.netloc.decode())) as socket,
    ):
        await socket.subscribe("1", "{ __typename }")

        assert (await socket.receive())["type"] == "next"


# What a page can send to anywhere without asking first: a simple request.
SIMPLE_TYPES = [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]


@pytest.mark.parametrize("content_type", [*SIMPLE_TYPES, "text/plain; x=application/json"])
@pytest.mark.parametrize(
    ("path", "body"),
    [("/graphql", CREATE), ("/todos", {"title": "x"})],
    ids=["graphql", "rest"],
)
async def test_a_write_that_needs_no_preflight_is_refused(
    client: httpx.AsyncClient, path: str, body: dict[str, str], content_type: str | None
) -> None:
    request = client.build_request("POST", path, json=body, headers={"Origin": "https://evil.example"})
    del request.headers["Content-Type"]
    if content_type is not None:
        request.headers["Content-Type"] = content_type

    response = await client.send(request)

    assert response.status_code == 415
    assert (await client.get("/todos")).json() == []


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_nothing_is_written_by_get(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.get("/graphql", params=CREATE, headers={"Accept": accept})

    assert response.status_code == 405
    assert (await client.get("/todos")).json() == []


async def test_a_cookie_makes_no_difference(client: httpx.AsyncClient) -> None:
    await client.post("/todos", json={"title": "x"})

    without = await client.get("/todos")
    with_one = await client.get("/todos", headers={"Cookie": "session=1; token=2; owner=3"})

    assert with_one.content == without.content
