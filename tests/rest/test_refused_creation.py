"""The contract's table for `/todos`, row by row: what POST refuses."""

import json
from typing import Any

import httpx
import pytest

from tests.rest.requests import JSON, UNKNOWN_ID


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" \n", id="white space"),
        pytest.param(b'{"title": "Milk"', id="an open object"),
        pytest.param(b"{'title': 'Milk'}", id="single quotes"),
        pytest.param(b'{"title": "Milk"} {}', id="two values"),
        pytest.param(b'{"title": "a\tb"}', id="a bare tab"),
        pytest.param(b'{"title": "\xff"}', id="invalid UTF-8"),
        pytest.param(b'{"title": "\xed\xa0\x80"}', id="a surrogate in UTF-8"),
        pytest.param('{"title": "Milk"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"title": NaN}', id="NaN"),
        pytest.param(b'{"title": Infinity}', id="Infinity"),
        pytest.param(b'{"title": -Infinity}', id="-Infinity"),
        pytest.param(b'{"title": ' + b"9" * 5000 + b"}", id="a number of 5,000 digits"),
        pytest.param(b"[" * 101 + b"]" * 101, id="101 deep"),
        pytest.param(b'{"a":' * 101 + b"1" + b"}" * 101, id="objects 101 deep"),
        pytest.param(b"[" * 1_000_000, id="a million brackets"),
        pytest.param(b"[" * 500_000 + b"]" * 500_000, id="half a million pairs of brackets"),
    ],
)
async def test_what_is_not_json_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/todos", content=body, headers=JSON)

    assert response.status_code == 400
    assert response.json()["code"] == "MALFORMED_JSON"


async def test_nesting_is_accepted_100_deep(client: httpx.AsyncClient) -> None:
    response = await client.post("/todos", content=b"[" * 100 + b"]" * 100, headers=JSON)

    assert response.status_code == 422
    assert response.json()["errors"] == {"_schema": ["Invalid input type."]}


@pytest.mark.parametrize("body", ["{}", "[]", "null", "0", "0.0", "false", '""'])
async def test_an_empty_value_is_no_input(client: httpx.AsyncClient, body: str) -> None:
    response = await client.post("/todos", content=body, headers=JSON)

    problem = response.json()
    assert response.status_code == 400
    assert problem == {
        "type": "/openapi.json#/components/examples/BAD_REQUEST",
        "title": "The request cannot be used",
        "status": 400,
        "detail": "No input data provided",
        "instance": "/todos",
        "code": "BAD_REQUEST",
        "traceId": problem["traceId"],
        "error": "No input data provided",
    }


@pytest.mark.parametrize("body", ["1", "-0.5", "true", '"title"', '[{"title": "Milk"}]'])
async def test_another_value_is_of_the_wrong_type(client: httpx.AsyncClient, body: str) -> None:
    response = await client.post("/todos", content=body, headers=JSON)

    assert response.status_code == 422
    assert response.json()["errors"] == {"_schema": ["Invalid input type."]}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"description": "x"}, {"title": ["Missing data for required field."]}),
        ({"title": None}, {"title": ["Field may not be null."]}),
        ({"title": 5}, {"title": ["Not a valid string."]}),
        ({"title": ["Milk"]}, {"title": ["Not a valid string."]}),
        ({"title": ""}, {"title": ["Shorter than minimum length 1."]}),
        ({"title": " \t\n\u3000"}, {"title": ["Shorter than minimum length 1."]}),
        ({"title": "x" * 201}, {"title": ["Longer than maximum length 200."]}),
        ({"title": "a\0b"}, {"title": ["Contains a forbidden character."]}),
        ({"title": "a\ud800b"}, {"title": ["Contains a forbidden character."]}),
        (
            {"title": "\0" * 201},
            {"title": ["Longer than maximum length 200.", "Contains a forbidden character."]},
        ),
        ({"title": "Milk", "description": 5}, {"description": ["Not a valid string."]}),
        ({"title": "Milk", "description": "x" * 10_001}, {"description": ["Longer than maximum length 10000."]}),
        ({"title": "Milk", "description": "\udfff"}, {"description": ["Contains a forbidden character."]}),
        ({"title": "Milk", "depends_on": "abc"}, {"depends_on": ["Not a valid UUID."]}),
        ({"title": "Milk", "depends_on": ""}, {"depends_on": ["Not a valid UUID."]}),
        ({"title": "Milk", "depends_on": 5}, {"depends_on": ["Not a valid UUID."]}),
        ({"title": "Milk", "depends_on": [UNKNOWN_ID]}, {"depends_on": ["Not a valid UUID."]}),
        ({"title": "Milk", "depends_on": "{" + UNKNOWN_ID + "}"}, {"depends_on": ["Not a valid UUID."]}),
        ({"title": "Milk", "depends_on": "\0"}, {"depends_on": ["Not a valid UUID."]}),
        ({"title": "Milk", "depends_on": UNKNOWN_ID}, {"depends_on": ["Unknown todo."]}),
        ({"title": "Milk", "id": UNKNOWN_ID}, {"id": ["Unknown field."]}),
        ({"title": "Milk", "status": "OPEN"}, {"status": ["Unknown field."]}),
        ({"title": "Milk", "dependencies": []}, {"dependencies": ["Unknown field."]}),
        ({"title": "Milk", "": 1, "\ud800": 2}, {"": ["Unknown field."], "\ud800": ["Unknown field."]}),
        (
            {"title": "", "description": 5, "depends_on": "abc", "done": True},
            {
                "title": ["Shorter than minimum length 1."],
                "description": ["Not a valid string."],
                "depends_on": ["Not a valid UUID."],
                "done": ["Unknown field."],
            },
        ),
    ],
    ids=lambda value: (
        ", ".join(f"{name!r}: {str(each)[:20]!r}" for name, each in value.items())
        .encode("ascii", "backslashreplace")
        .decode()
    ),
)
async def test_members_that_break_rules_are_named(
    client: httpx.AsyncClient, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    response = await client.post("/todos", content=json.dumps(body), headers=JSON)

    problem = response.json()
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    assert problem == {
        "type": "/openapi.json#/components/examples/VALIDATION",
        "title": "The input breaks a rule",
        "status": 422,
        "detail": "The body breaks the rules that `errors` names.",
        "instance": "/todos",
        "code": "VALIDATION",
        "traceId": problem["traceId"],
        "errors": errors,
        "error": "The body breaks the rules that `errors` names.",
    }
    assert (await client.get("/todos")).json() == []


async def test_a_body_over_1_mib_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/todos", content=b'{"title": "' + b"x" * 1_048_576 + b'"}', headers=JSON)

    assert response.status_code == 413
    assert response.json()["code"] == "BODY_TOO_LARGE"


async def test_a_title_of_almost_1_mib_is_too_long(client: httpx.AsyncClient) -> None:
    response = await client.post("/todos", content=b'{"title": "' + b"x" * 1_048_000 + b'"}', headers=JSON)

    assert response.status_code == 422
    assert response.json()["errors"] == {"title": ["Longer than maximum length 200."]}
