"""Problems as documents, whatever goes wrong."""

import logging
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from tests.rest.conftest import hold_against_openapi
from tests.rest.requests import UNKNOWN_ID
from tests.server import running, serving, settings_for
from todo_gql.asgi.deadline import Deadlines
from todo_gql.database import Database, create_engine, parse_database_url
from todo_gql.rest.problems import KINDS
from todo_gql.rest.routes import rest_routes
from todo_gql.rest.words import words_of
from todo_gql.todos.model import Caller
from todo_gql.todos.operations.work import Policy
from todo_gql.todos.problems import ProblemCode, Violation, ViolationRule
from todo_gql.todos.service import Todos

EVERYWHERE = [
    ("GET", "/todos"),
    ("HEAD", "/todos"),
    ("POST", "/todos"),
    ("GET", f"/todos/{UNKNOWN_ID}"),
    ("PUT", f"/todos/{UNKNOWN_ID}"),
    ("PATCH", f"/todos/{UNKNOWN_ID}"),
    ("DELETE", f"/todos/{UNKNOWN_ID}"),
]


@pytest.fixture
async def failing_client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that fails when it is asked to."""
    async with running(settings_for(database_url, fault_injection=True)) as client:
        await hold_against_openapi(client)
        yield client


@pytest.fixture
async def stranded_client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service whose database is not there: nothing listens on port 1."""
    database = Database(create_engine(parse_database_url("postgresql://user@127.0.0.1:1/todos")), retry_s=0)
    routes = rest_routes(
        lambda _: Todos(database, Caller(), Policy()),
        require_if_match=False,
        deadlines=Deadlines(read_s=5, write_s=8),
        fault_injection=False,
        version="0",
    )
    async with serving(Starlette(routes=routes)) as client:
        yield client
    await database.close()


def test_every_refusal_of_the_core_has_a_status() -> None:
    statuses = {code.value: KINDS[code].status.value for code in ProblemCode}

    assert statuses == {
        "VALIDATION": 422,
        "NOT_FOUND": 404,
        "VERSION_CONFLICT": 412,
        "ID_CONFLICT": 412,
        "DEPENDENCY_CYCLE": 409,
        "BLOCKED": 409,
        "LIMIT_EXCEEDED": 422,
        "FORBIDDEN": 403,
    }


def test_every_broken_rule_has_its_words() -> None:
    said = {
        rule.value: words_of(Violation(path=("dependencies", "0"), rule=rule, message="", limit=50))
        for rule in ViolationRule
    }

    assert said == {
        "REQUIRED": "Missing data for required field.",
        "NOT_NULL": "Field may not be null.",
        "BLANK": "Shorter than minimum length 1.",
        "TOO_LONG": "Longer than maximum length 50.",
        "TOO_MANY": "Longer than maximum length 50.",
        "MALFORMED": "Not a valid UUID.",
        "UNKNOWN_REFERENCE": "Unknown todo.",
        "FORBIDDEN_CHARACTER": "Contains a forbidden character.",
    }


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
async def test_a_bug_shows_nothing_of_itself(failing_client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await failing_client.request(method, f"{path}?simulate_error=500", json={"title": "Milk"})

    assert response.status_code == 500
    if method != "HEAD":
        problem = response.json()
        assert re.fullmatch("[0-9a-f]{32}", problem.pop("traceId"))
        assert problem == {
            "type": "/openapi.json#/components/examples/INTERNAL",
            "title": "Internal server error",
            "status": 500,
            "detail": "Internal server error",
            "instance": path,
            "code": "INTERNAL",
            "error": "Internal server error",
        }


async def test_a_connection_stays_usable_after_a_bug(failing_client: httpx.AsyncClient) -> None:
    failed = await failing_client.get("/todos?simulate_error=500")
    answered = await failing_client.post("/todos", json={"title": "Milk"})

    ports = [response.extensions["network_stream"].get_extra_info("client_addr")[1] for response in (failed, answered)]
    assert (failed.status_code, answered.status_code) == (500, 201)
    assert ports[0] == ports[1]


@pytest.mark.parametrize("query", ["simulate_error=404", "simulate_error=", "simulate_error=true"])
async def test_only_an_error_500_is_simulated(failing_client: httpx.AsyncClient, query: str) -> None:
    response = await failing_client.get(f"/todos?{query}")

    assert response.status_code == 200


async def test_nothing_is_simulated_unless_the_operator_says_so(client: httpx.AsyncClient) -> None:
    response = await client.get("/todos?simulate_error=500")

    assert response.status_code == 200


@pytest.mark.parametrize(("method", "path"), [each for each in EVERYWHERE if each[0] != "HEAD"])
async def test_a_database_that_is_away_is_told(stranded_client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await stranded_client.request(method, path, json={"title": "Milk"})

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "UNAVAILABLE"


async def test_the_log_says_why_the_database_is_away(
    stranded_client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await stranded_client.get("/todos")

    (warning,) = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert warning.startswith(
        "GET cannot be answered: The database postgresql://user@127.0.0.1:1/todos cannot be reached: "
    )
