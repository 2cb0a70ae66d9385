"""The pages of a service that asks for tokens: whoever has one can enter it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.auth.issuer import RunningIssuer, running_issuer
from tests.auth.service import authenticated

pytestmark = pytest.mark.browser


@pytest.fixture
async def issuer(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningIssuer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with running_issuer() as issuer:
        yield issuer


@pytest.fixture
async def service(sqlite_path: Path, issuer: RunningIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """The service that `page` shows."""
    async with authenticated(f"sqlite:///{sqlite_path}", issuer) as client:
        yield client


async def test_the_explorer_sends_the_token_that_is_entered(page: Page, issuer: RunningIssuer) -> None:
    await page.goto("/graphql")
    await _fill(page, ".graphiql-query-editor", "query Who { viewer { name } }")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".result-window")).to_contain_text("UNAUTHENTICATED")

    await page.get_by_role("button", name="Headers").click()
    await _fill(page, ".graphiql-editor-tool", json.dumps(issuer.bearer(name="Alice Example")))
    await page.get_by_label("Execute query").click()

    await expect(page.locator(".result-window")).to_contain_text('"name": "Alice Example"')


async def test_the_explorer_subscribes_with_the_token_that_is_entered(page: Page, issuer: RunningIssuer) -> None:
    await page.goto("/graphql")
    await _fill(page, ".graphiql-query-editor", "subscription { todoEvents { kind } }")
    await page.get_by_role("button", name="Headers").click()
    await _fill(page, ".graphiql-editor-tool", json.dumps(issuer.bearer(scope="todos.write")))

    await page.get_by_label("Execute query").click()

    # The socket was opened: only the scope is missing.
    await expect(page.locator(".result-window")).to_contain_text("This needs the scope todos.read.")


async def test_the_rest_documentation_sends_the_token_that_is_entered(page: Page, issuer: RunningIssuer) -> None:
    await page.goto("/docs")
    await page.locator(".auth-wrapper .authorize").first.click()
    await page.locator(".auth-container input").fill(issuer.make())
    await page.locator(".auth-btn-wrapper .authorize").click()
    await page.locator(".btn-done").click()

    await page.locator("[data-path='/todos']").first.click()
    await page.get_by_role("button", name="Try it out").click()
    async with page.expect_response("**/todos*") as answered:
        await page.get_by_role("button", name="Execute").click()

    assert (await answered.value).status == 200


async def _fill(page: Page, editor: str, text: str) -> None:
    await page.locator(f"{editor} .monaco-editor").locator("visible=true").first.click()
    await page.keyboard.press("Control+A")
    # Typed, it would be completed with quotes and brackets of the editor's.
    await page.keyboard.insert_text(text)
