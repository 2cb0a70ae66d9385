"""GraphQL over HTTP beyond what the audits ask: whatever is sent, the answer is JSON that says what was wrong."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server import running, settings_for

JSON: Final = "application/json"
RESPONSE_JSON: Final = "application/graphql-response+json"
QUERY: Final = b'{"query": "{ __typename }"}'
ANSWER: Final = {"data": {"__typename": "Query"}}


@pytest.fixture
async def http(sqlite_template: Path) -> AsyncIterator[httpx.AsyncClient]:
    # Nothing here writes, so the template itself will do; nor does any of it depend on the database's engine.
    async with running(settings_for(f"sqlite:///{sqlite_template}")) as client:
        yield client


async def post(http: httpx.AsyncClient, body: bytes | object = QUERY, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.post("/graphql", content=content, headers={"Content-Type": JSON} | named)


def code_of(response: httpx.Response) -> str:
    """Check that an answer is a refusal in the one form that they have, and give its code."""
    body = response.json()
    [error] = body["errors"]
    assert "data" not in body
    assert isinstance(error["message"], str)
    assert re.fullmatch("[0-9a-f]{32}", error["extensions"]["traceId"])
    assert response.headers["Content-Type"] in {f"{JSON}; charset=utf-8", f"{RESPONSE_JSON}; charset=utf-8"}
    code: str = error["extensions"]["code"]
    return code


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        (JSON, JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        ("APPLICATION/GraphQL-Response+JSON", RESPONSE_JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html, */*;q=0.1", JSON),
        (f"{JSON}, {RESPONSE_JSON}", RESPONSE_JSON),
        (f"{RESPONSE_JSON};q=0.9, {JSON}", JSON),
        (f"{RESPONSE_JSON} ; Q=0.3, {JSON};q=0.2", RESPONSE_JSON),
        (f"{JSON};q=0, */*", RESPONSE_JSON),
        (f"*/*, {RESPONSE_JSON};q=0", JSON),
        (f"{JSON};charset=utf-8", JSON),
        (f"garbage, {JSON}", JSON),
        ("*/*;q=.2", JSON),
    ],
)
async def test_accept_chooses_the_media_type(http: httpx.AsyncClient, accept: str | None, chosen: str) -> None:
    headers = [("Content-Type", JSON), *([] if accept is None else [("Accept", accept)])]
    request = httpx.Request("POST", f"{http.base_url}/graphql", content=QUERY, headers=headers)

    response = await http.send(request)

    assert (response.status_code, response.json()) == (200, ANSWER)
    assert response.headers["Content-Type"] == f"{chosen}; charset=utf-8"


@pytest.mark.parametrize(
    "accept",
    ["text/html", f"{JSON};q=0", "*/*;q=0", f"{JSON};q=0.0, */*;q=0", f"{JSON};q=nan", f"{JSON};q=x", "garbage"],
)
async def test_nothing_acceptable_is_refused(http: httpx.AsyncClient, accept: str) -> None:
    response = await post(http, Accept=accept)

    assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")


async def test_several_accept_headers_are_one(http: httpx.AsyncClient) -> None:
    headers = [("Content-Type", JSON), ("Accept", "text/html"), ("Accept", RESPONSE_JSON), ("Accept", "text/plain")]

    response = await http.post("/graphql", content=QUERY, headers=headers)

    assert (response.status_code, response.headers["Content-Type"]) == (200, f"{RESPONSE_JSON}; charset=utf-8")


@pytest.mark.parametrize(
    "content_type",
    [
        "APPLICATION/JSON",
        "application/json; charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json;charset=utf8",
        "application/json; charset=utf-8; boundary=x",
    ],
)
async def test_json_in_utf_8_is_read(http: httpx.AsyncClient, content_type: str) -> None:
    response = await post(http, Content_Type=content_type)

    assert (response.status_code, response.json()) == (200, ANSWER)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "json",
    ],
)
async def test_another_content_type_is_refused(http: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    response = await http.post("/graphql", content=QUERY, headers=headers)

    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.headers["Accept-Post"] == "application/json"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
async def test_another_method_is_refused(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/graphql", content=QUERY, headers={"Content-Type": JSON})

    assert (response.status_code, code_of(response)) == (405, "METHOD_NOT_ALLOWED")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_a_query_can_be_asked_by_get(http: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query A { __typename } query B($id: ID!) { todo(id: $id) { id } }",
        "variables": '{"id": "01890000-0000-7000-8000-00000000abcd"}',
        "operationName": "B",
        "extensions": "{}",
    }

    response = await http.get("/graphql", params=parameters)

    assert (response.status_code, response.json()) == (200, {"data": {"todo": None}})


async def test_head_is_get_without_the_body(http: httpx.AsyncClient) -> None:
    found = await http.head("/graphql", params={"query": "{ __typename }"})
    refused = await http.head("/graphql")

    assert (found.status_code, refused.status_code) == (200, 400)
    assert (found.headers["Content-Length"], found.content, refused.content) == ("31", b"", b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_mutation_cannot_be_asked_by_get(http: httpx.AsyncClient, method: str) -> None:
    mutation = 'query A { __typename } mutation B { todoDelete(id: "x") { __typename } }'

    response = await http.request(method, "/graphql", params={"query": mutation, "operationName": "B"})

    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert method == "HEAD" or code_of(response) == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "BAD_REQUEST"),
        ({"query": "{ __typename }", "variables": "{"}, "MALFORMED_JSON"),
        ({"query": "{ __typename }", "variables": "[]"}, "BAD_REQUEST"),
        ({"query": "{ __typename }", "extensions": "1"}, "BAD_REQUEST"),
    ],
    ids=str,
)
async def test_parameters_of_get_that_cannot_be_read_are_refused(
    http: httpx.AsyncClient, parameters: Mapping[str, str], code: str
) -> None:
    response = await http.get("/graphql", params=parameters)

    assert (response.status_code, code_of(response)) == (400, code)


NO_JSON: Final = {
    "empty": b"",
    "truncated": b'{"query": "{ __typena',
    "two values": QUERY + b" {}",
    "not UTF-8": b'{"query": "\xff"}',
    "UTF-16 with a byte order mark": QUERY.decode().encode("utf-16"),
    "NaN": b'{"query": "{ __typename }", "variables": {"x": NaN}}',
    "infinity": b'{"query": "{ __typename }", "variables": {"x": -Infinity}}',
    "5,000 digits": b'{"query": "{ __typename }", "variables": {"x": %b}}' % (b"9" * 5000),
    "100,000 brackets": b"[" * 100_000 + b"]" * 100_000,
    "100,000 open brackets": b"[" * 100_000,
    "100,000 open braces": b'{"a":' * 100_000,
}
NO_REQUEST: Final = {
    "a string": b'"abc"',
    "a number": b"5",
    "null": b"null",
    "a boolean": b"true",
    "an array": b"[]",
    "a batch": b"[" + QUERY + b"]",
    "no query": b"{}",
    "query null": b'{"query": null}',
    "query a number": b'{"query": 5}',
    "query an array": b'{"query": ["{ __typename }"]}',
    "variables a string": b'{"query": "{ __typename }", "variables": "{}"}',
    "variables an array": b'{"query": "{ __typename }", "variables": []}',
    "operationName a number": b'{"query": "{ __typename }", "operationName": 0}',
    "extensions an array": b'{"query": "{ __typename }", "extensions": []}',
}


@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        *(pytest.param(body, "MALFORMED_JSON", id=name) for name, body in NO_JSON.items()),
        *(pytest.param(body, "BAD_REQUEST", id=name) for name, body in NO_REQUEST.items()),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    http: httpx.AsyncClient, body: bytes, code: str, accept: str
) -> None:
    response = await post(http, body, Accept=accept)

    assert (response.status_code, code_of(response)) == (400, code)
    assert response.headers["Content-Type"] == f"{accept}; charset=utf-8"


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (RESPONSE_JSON, 400)])
@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ \ud800 }"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nonsense }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "fragment A on Todo { id }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($id: ID!) { todo(id: $id) { id } }"}, "BAD_USER_INPUT"),
        ({"query": "query ($n: Int!) { nextTodos(first: $n) { id } }", "variables": {"n": 2**31}}, "BAD_USER_INPUT"),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_REQUEST"),
        ({"query": "{ __typename }", "operationName": "A"}, "BAD_REQUEST"),
    ],
    ids=str,
)
async def test_the_status_of_a_request_error_is_that_of_the_media_type(
    http: httpx.AsyncClient, request_: Mapping[str, Any], code: str, accept: str, status: int
) -> None:
    response = await post(http, request_, Accept=accept)

    assert (response.status_code, code_of(response)) == (status, code)
    assert response.headers["Content-Type"] == f"{accept}; charset=utf-8"


@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_an_answer_in_part_is_a_success(http: httpx.AsyncClient, accept: str) -> None:
    response = await post(http, {"query": "{ __typename todos(first: 0) { totalCount } }"}, Accept=accept)

    body = response.json()
    assert (response.status_code, body["data"]) == (200, {"__typename": "Query", "todos": None})
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [(["todos"], "BAD_USER_INPUT")]


@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_a_body_that_is_too_long_is_refused(http: httpx.AsyncClient, accept: str) -> None:
    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65_536

    declared = await post(http, b" " * 2_097_152, Accept=accept)
    streamed = await http.post("/graphql", content=in_pieces(), headers={"Content-Type": JSON, "Accept": accept})

    assert (declared.status_code, code_of(declared)) == (413, "BODY_TOO_LARGE")
    assert (streamed.status_code, code_of(streamed)) == (413, "BODY_TOO_LARGE")


async def test_a_target_that_is_too_long_is_refused(http: httpx.AsyncClient) -> None:
    response = await http.get("/graphql", params={"query": f"{{ __typename }} # {'x' * 10_240}"})

    assert (response.status_code, code_of(response)) == (414, "TARGET_TOO_LONG")


# One server serves all examples: each is a request of its own, on a connection that the one before left usable.
many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Of what the parser of HTTP hands on: it refuses DEL, as it does the other control characters.
HEADER_VALUES: Final = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60
).map(lambda text: text.encode("latin-1")) | st.lists(
    st.sampled_from(
        [*"*/;,=\"' ", "q", "application", "json", "graphql-response+json", "charset", "utf-8", "0.5", "*0"]
    ),
    max_size=12,
).map(lambda parts: "".join(parts).encode())
NAMES: Final = st.sampled_from(["query", "variables", "operationName", "extensions"]) | st.text(max_size=9)
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=9,
)
DOCUMENTS: Final = st.lists(
    st.sampled_from(
        [*'{}()[]:!$@|&="#\n', "...", '"""', "query", "mutation", "fragment A on Todo", "todos", "id", "0"]
    ),
    max_size=20,
).map(" ".join)


async def assert_answered(http: httpx.AsyncClient, response: httpx.Response) -> None:
    """Check that it is no fault of the service, and that the connection is still good."""
    assert response.status_code < 500
    if "data" not in response.json():
        assert all(error["extensions"]["code"] != "INTERNAL" for error in response.json()["errors"])
    assert (await post(http)).json() == ANSWER


@many
@given(body=st.binary(max_size=200) | VALUES.map(json.dumps).map(str.encode))
async def test_no_body_is_our_fault(http: httpx.AsyncClient, body: bytes) -> None:
    await assert_answered(http, await post(http, body))


@many
@given(document=DOCUMENTS | st.text(st.characters(), max_size=60), variables=VALUES)
async def test_no_document_is_our_fault(http: httpx.AsyncClient, document: str, variables: object) -> None:
    await assert_answered(http, await post(http, {"query": document, "variables": variables}))


@many
@given(name=st.sampled_from([b"Accept", b"Content-Type"]), value=HEADER_VALUES)
async def test_no_header_is_our_fault(http: httpx.AsyncClient, name: bytes, value: bytes) -> None:
    headers = {b"Content-Type": JSON.encode()} | {name: value.strip()}

    await assert_answered(http, await http.post("/graphql", content=QUERY, headers=headers))


@many
@given(parameters=st.dictionaries(NAMES, VALUES.map(json.dumps) | st.text(max_size=40), max_size=4))
async def test_no_query_string_is_our_fault(http: httpx.AsyncClient, parameters: Mapping[str, str]) -> None:
    await assert_answered(http, await http.get("/graphql", params=parameters))
