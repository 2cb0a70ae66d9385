import anyio.to_thread
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.server import running, serving, settings_for
from todo_gql.commands.failures import CommandError
from todo_gql.commands.seed import STEPS, seed
from todo_gql.server import listen


async def test_the_example_todos_are_created_over_http(database_url: str) -> None:
    async with running(settings_for(database_url)) as client:
        lines = await anyio.to_thread.run_sync(lambda: list(seed(str(client.base_url))))
        todos = (await client.get("/todos")).json()

    titles = {todo["id"]: todo["title"] for todo in todos}
    assert len(lines) == 42
    assert [todo["title"] for todo in todos] == [step.title for step in STEPS]
    assert [todo["description"] for todo in todos] == [step.description for step in STEPS]
    assert [titles.get(todo["depends_on"]) for todo in todos] == [step.after for step in STEPS]


def test_the_example_todos_would_have_fitted_the_old_service() -> None:
    lengths = [(len(step.title), len(step.description)) for step in STEPS]

    assert max(title for title, _ in lengths) <= 80
    assert max(description for _, description in lengths) <= 120
    assert min(description for _, description in lengths) == 0


@pytest.mark.parametrize("url", ["127.0.0.1:8082", "ftp://127.0.0.1", "http://127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(CommandError) as failure:
        list(seed(url))

    assert str(failure.value) == f"{url} is not the address of a service: try http://127.0.0.1:8082."


def test_a_service_that_is_not_there_is_said_to_be_missing() -> None:
    with listen("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(CommandError) as failure:
        list(seed(url))

    assert str(failure.value) == f"No service answers at {url}: start one with todo-gql serve."


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        pytest.param(500, "no", "POST /todos was answered with status 500: 'no'.", id="a failure"),
        pytest.param(201, "[]", "POST /todos was not answered with a todo that has an id.", id="something else"),
    ],
)
async def test_a_service_that_answers_otherwise_is_quoted(status: int, body: str, sentence: str) -> None:
    def answer(_: Request) -> PlainTextResponse:
        return PlainTextResponse(body, status)

    async with serving(Starlette(routes=[Route("/todos", answer, methods=["POST"])])) as client:
        with pytest.raises(CommandError) as failure:
            await anyio.to_thread.run_sync(lambda: list(seed(str(client.base_url))))

    assert str(failure.value) == sentence
