"""A real Chromium, which reaches this machine and nothing else."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from playwright.async_api import ConsoleMessage, Page, Request, async_playwright, expect

from tests.server import running, settings_for
from todo_gql.graphql.graphiql.built import DIRECTORY

# The default of 5 s is short where other tests have the processor.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; there are pages to show it."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        _skip("no Chromium was found; install Debian's chromium (apt-get install chromium)")
    if not (DIRECTORY / "graphql.html").exists():
        _skip("the explorer is not built; run make explorer")
    return found


@pytest.fixture
async def service(sqlite_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(f"sqlite:///{sqlite_path}", explain=True)
    async with running(settings) as client:
        yield client


@pytest.fixture
def complaints() -> list[str]:
    """What the browser finds fault with while it shows `page`, and what it wants from elsewhere."""
    return []


@pytest.fixture
async def page(chromium: str, service: httpx.AsyncClient, complaints: list[str]) -> AsyncIterator[Page]:
    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{message.type}: {message.text}")

    def on_request(request: Request) -> None:
        if httpx.URL(request.url).netloc != service.base_url.netloc:
            complaints.append(f"asked for {request.url}")

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        )
        context = await browser.new_context(base_url=str(service.base_url))
        context.on("console", on_console)
        context.on("weberror", lambda error: complaints.append(f"exception: {error.error}"))
        context.on("request", on_request)
        context.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        yield await context.new_page()
        await browser.close()


def _skip(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"Not to be skipped in CI: {reason}.", pytrace=False)
    pytest.skip(f"{reason}.")
