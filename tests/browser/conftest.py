"""Chromium for the browser tests; where there is none, that is said once and loudly.

`make test-browser` sets PROXY_TEST_REQUIRE_BROWSER=1, which makes its absence a failure.
"""

import contextlib
import os
import shutil
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from tests.support.serving import BookProxy

IS_REQUIRED = os.environ.get("PROXY_TEST_REQUIRE_BROWSER") == "1"  # noqa: TID251 - of the tests
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_LIMIT_MS = 10_000
_MISSING = "Chromium is not installed: `make test-browser` installs it (as root)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder; without a browser, leave one of them to say so."""
    ours = [item for item in items if "tests/browser/" in item.nodeid]
    for item in ours:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("browser"))
    if CHROMIUM is None and not IS_REQUIRED and ours:
        ours[0].add_marker(pytest.mark.skip(reason=f"{len(ours)} browser tests: {_MISSING}"))
        items[:] = [item for item in items if item not in ours[1:]]


@pytest.fixture
async def browser() -> AsyncGenerator[Browser]:
    """A browser that knows nothing yet."""
    assert CHROMIUM is not None, _MISSING
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        await launched.close()


@contextlib.asynccontextmanager
async def _first_visit(browser: Browser, server: BookProxy) -> AsyncGenerator[Page]:
    """Open the chat page; whatever leaves the origin or goes wrong unseen fails the test."""
    context = await browser.new_context()
    strays: list[str] = []

    def note_request(request: Request) -> None:
        if not request.url.startswith(server.url):
            strays.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            strays.append(message.text)

    context.on("request", note_request)
    context.on("console", note_message)
    context.on("weberror", lambda error: strays.append(str(error.error)))
    page = await context.new_page()
    page.set_default_timeout(_LIMIT_MS)
    await page.goto(server.url)
    yield page
    await context.close()
    assert strays == []


@pytest.fixture
async def page(browser: Browser, either_server: BookProxy) -> AsyncGenerator[Page]:
    """The chat page of each of the two servers, on a first visit."""
    async with _first_visit(browser, either_server) as opened:
        yield opened


@pytest.fixture
async def gemini_page(browser: Browser, gemini_server: BookProxy) -> AsyncGenerator[Page]:
    """The chat page of the server whose upstream can be scripted."""
    async with _first_visit(browser, gemini_server) as opened:
        yield opened
