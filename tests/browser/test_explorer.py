import asyncio

import httpx
import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.browser


async def test_it_loads_without_a_complaint(page: Page, complaints: list[str]) -> None:
    await page.goto("/graphql")
    await page.get_by_label("Show Documentation Explorer").click()

    await expect(page.get_by_role("link", name="REST documentation")).to_have_attribute("href", "/docs")
    # The schema has come, and the worker that knows GraphQL has marked nothing in the ready-made document.
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("mutation: Mutation")
    await expect(page.locator(".graphiql-query-editor .mtk1")).not_to_have_count(0)
    assert await page.locator(".squiggly-error").count() == 0
    assert complaints == []


async def test_it_shows_the_answer_to_a_ready_made_document(page: Page, service: httpx.AsyncClient) -> None:
    await _open(page)

    await page.get_by_label("Execute query").click()

    await expect(page.locator(".result-window")).to_contain_text('"isBlocked": true')
    todos = (await service.get("/todos")).json()
    assert [todo["title"] for todo in todos] == ["Bake the cake", "Eat the cake"]


async def test_it_shows_how_an_operation_was_executed(page: Page, complaints: list[str]) -> None:
    await _open(page)

    await page.get_by_label("Execute query").click()

    timeline = page.get_by_label("Timeline")
    await expect(timeline).to_contain_text("SQL")
    await expect(timeline.locator(".resolver .name").first).to_have_text("Mutation.todoCreate")
    await expect(timeline.locator(".statement .name", has_text="INSERT INTO todos (")).to_have_count(1)
    await expect(page.locator(".result-window")).not_to_contain_text("explain")
    assert complaints == []


async def test_it_follows_what_happens(page: Page, service: httpx.AsyncClient, complaints: list[str]) -> None:
    await _open(page)
    await page.get_by_role("tab", name="Follow").click()
    await expect(page.locator(".graphiql-query-editor")).to_contain_text("subscription Follow")
    # GraphiQL takes the operation's name from the text a moment after it shows it, and tells nobody.
    await page.wait_for_timeout(1_000)

    await page.get_by_label("Execute query").click()
    shown = page.locator(".result-window", has_text='"title": "Bake the cake"')
    # Nobody tells when the service has begun to listen: what happened before is not shown.
    async with asyncio.timeout(30):
        while not await shown.count():
            await service.post("/todos", json={"title": "Bake the cake"})
            await page.wait_for_timeout(200)

    await expect(page.locator(".result-window")).to_contain_text('"kind": "CREATED"')
    assert complaints == []


async def test_it_completes_the_name_of_a_field(page: Page) -> None:
    await _write(page, "{ nextTo")
    await expect(page.locator(".suggest-widget.visible")).to_contain_text("nextTodos")

    await page.keyboard.press("Enter")

    await expect(page.locator(".graphiql-query-editor")).to_contain_text("{ nextTodos")


async def test_it_marks_an_error_and_shows_what_the_service_says_to_it(page: Page) -> None:
    await _write(page, "{ wrong }")
    await expect(page.locator(".graphiql-query-editor .squiggly-error")).not_to_have_count(0)

    await page.keyboard.press("Control+Enter")

    await expect(page.locator(".result-window")).to_contain_text("Cannot query field 'wrong' on type 'Query'.")


async def test_the_rest_documentation_shows_every_operation(
    page: Page, service: httpx.AsyncClient, complaints: list[str]
) -> None:
    paths = (await service.get("/openapi.json")).json()["paths"]
    operations = [path for path, item in paths.items() for method in item if method != "parameters"]

    await page.goto("/docs")

    await expect(page.locator(".opblock-summary [data-path]")).to_have_text(operations)
    assert complaints == []


async def _open(page: Page) -> None:
    """Show the ready-made documents; Monaco comes later than the button that executes what it holds."""
    await page.goto("/graphql")
    await expect(page.locator(".graphiql-query-editor .mtk1")).not_to_have_count(0)


async def _write(page: Page, document: str) -> None:
    """Write a document into an empty tab, once the explorer knows the schema."""
    async with page.expect_response(lambda response: response.request.method == "POST"):
        await page.goto("/graphql")
    await page.get_by_label("New tab").click()
    await page.locator(".graphiql-query-editor .monaco-editor").click()
    await page.keyboard.press("Control+A")
    # Monaco closes a brace that is typed, and now and then does not know any more that it did when one types the other.
    await page.keyboard.type("{")
    await page.keyboard.press("Delete")
    await page.keyboard.type(document.removeprefix("{"))
    await expect(page.locator(".graphiql-query-editor .view-lines")).to_have_text(document)
