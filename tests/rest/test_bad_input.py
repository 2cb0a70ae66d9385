"""Whatever is sent, the answer is one that the OpenAPI document declares, and never the service's own fault."""

import json
from urllib.parse import quote, urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rest.requests import JSON, UNKNOWN_ID, create

MEMBERS = [
    "title",
    "description",
    "depends_on",
    "dependencies",
    "completed",
    "status",
    "priority",
    "due",
    "id",
    "version",
    "completed_at",
    "created_at",
    "updated_at",
    "date",
    "at",
    "time_zone",
]
# st.characters() has lone surrogates and U+0000, which st.text() leaves out.
TEXTS = st.text(st.characters(), max_size=300)
PLAUSIBLE = st.sampled_from(
    ["", "Milk", "OPEN", "COMPLETED", "HIGH", "UTC", UNKNOWN_ID, "2026-12-24", "2026-12-24T18:00:00Z", "9999-12-31"]
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS | PLAUSIBLE
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS) | TEXTS, inner, max_size=4),
    max_leaves=12,
)
BODIES = VALUES | st.dictionaries(st.sampled_from(MEMBERS), VALUES, min_size=1)

# One server and one database serve all examples: each is a request of its own.
many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(body=BODIES, method=st.sampled_from(["POST", "PUT", "PATCH"]))
async def test_no_json_value_is_our_fault(client: httpx.AsyncClient, body: object, method: str) -> None:
    todo = await create(client)
    path = "/todos" if method == "POST" else f"/todos/{todo['id']}"

    response = await client.request(method, path, content=json.dumps(body), headers=JSON)

    assert response.status_code in {200, 201, 400, 404, 409, 422}


@many
@given(body=st.binary(max_size=200), method=st.sampled_from(["POST", "PUT", "PATCH"]))
async def test_no_bytes_are_our_fault(client: httpx.AsyncClient, body: bytes, method: str) -> None:
    path = "/todos" if method == "POST" else f"/todos/{UNKNOWN_ID}"

    response = await client.request(method, path, content=body, headers=JSON)

    assert response.status_code in {400, 404, 422}


@many
@given(
    parameters=st.lists(
        st.tuples(st.sampled_from(["limit", "cursor", "simulate_error"]), st.text(max_size=40) | st.integers()),
        max_size=4,
    )
)
async def test_no_query_is_our_fault(client: httpx.AsyncClient, parameters: list[tuple[str, object]]) -> None:
    response = await client.get(f"/todos?{urlencode(parameters)}")

    assert response.status_code in {200, 400}


@many
@given(todo_id=st.binary(max_size=40).map(lambda tail: f"x{quote(tail)}"), method=st.sampled_from(["GET", "DELETE"]))
async def test_no_path_is_our_fault(client: httpx.AsyncClient, todo_id: str, method: str) -> None:
    response = await client.request(method, f"/todos/{todo_id}")

    assert response.status_code in {404, 405}


@many
@given(
    name=st.sampled_from(["If-Match", "If-None-Match", "Content-Type", "Accept"]),
    value=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40),
    method=st.sampled_from(["GET", "PATCH", "DELETE"]),
)
async def test_no_header_is_our_fault(client: httpx.AsyncClient, name: str, value: str, method: str) -> None:
    todo = await create(client)

    response = await client.request(method, f"/todos/{todo['id']}", content=b"{}", headers=JSON | {name: value})

    assert response.status_code < 500
