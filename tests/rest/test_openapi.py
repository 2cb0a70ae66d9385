"""The description of the REST layer; that it is true is checked at every answer of the other tests."""

from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from todo_gql.rest.openapi import openapi_document


@pytest.fixture
def document() -> Any:
    return openapi_document("1.2.3")


def test_the_document_is_openapi_3_1(document: Any) -> None:
    validate(document)

    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == "1.2.3"


def test_the_limits_are_those_of_the_rules(document: Any) -> None:
    draft = document["components"]["schemas"]["TodoDraft"]["properties"]
    todo = document["components"]["schemas"]["Todo"]["properties"]
    limit = document["paths"]["/todos"]["get"]["parameters"][0]["schema"]

    assert (draft["title"]["minLength"], draft["title"]["maxLength"]) == (1, 200)
    assert draft["description"]["maxLength"] == 10_000
    assert todo["dependencies"]["maxItems"] == 50
    assert limit == {"type": "integer", "minimum": 1, "maximum": 1000}


def test_the_type_of_every_problem_leads_to_its_description(document: Any) -> None:
    examples = document["components"]["examples"]

    for code, example in examples.items():
        assert example["value"]["type"] == f"/openapi.json#/components/examples/{code}"
        assert example["value"]["code"] == code


async def test_the_service_describes_itself(client: httpx.AsyncClient) -> None:
    response = await client.get("/openapi.json")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert set(response.json()["paths"]) == {"/todos", "/todos/{id}", "/openapi.json"}


async def test_the_description_cannot_be_written(client: httpx.AsyncClient) -> None:
    response = await client.put("/openapi.json", json={})

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
