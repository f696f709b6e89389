"""Chromium for the browser tests; where there is none, that is said once and loudly.

`make test-browser` sets PROXY_TEST_REQUIRE_BROWSER=1, which makes its absence a failure.
"""

import contextlib
import os
import shutil
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.support.book_site import BookSite
from tests.support.browsing import browsing
from tests.support.chat_page import ChatPage, Visit
from tests.support.command_line import CommandLine
from tests.support.sample_books import PUMPS, write_pumps
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN
from tests.support.waiting import LONG_ENOUGH_S
from tests.support.widget_page import WidgetPage, WidgetVisit

IS_REQUIRED = os.environ.get("PROXY_TEST_REQUIRE_BROWSER") == "1"  # noqa: TID251 - of the tests
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
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
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            timeout=1_000 * LONG_ENOUGH_S,
        )
        yield launched
        await launched.close()


@pytest.fixture
def visit(browser: Browser) -> Visit:
    """Opens the chat page of a server for a reader who has never been there.

    `path` is what follows the server's address; `sees_errors`: answers may be errors; the rest is
    Playwright's: `viewport`, `locale`, `color_scheme`, `is_mobile`, `has_touch`.
    """

    @contextlib.asynccontextmanager
    async def visiting(
        server: BookProxy, path: str = "/", *, sees_errors: bool = False, **how: Any
    ) -> AsyncGenerator[ChatPage]:
        async with browsing(browser, server.url, sees_errors=sees_errors, **how) as page:
            await page.goto(server.url + path)
            yield ChatPage(page)

    return visiting


@pytest.fixture
async def chat(visit: Visit, either_server: BookProxy) -> AsyncGenerator[ChatPage]:
    """The chat page of each of the two servers, on a first visit."""
    async with visit(either_server) as opened:
        await opened.is_ready()
        yield opened


@pytest.fixture
async def gemini_chat(visit: Visit, gemini_server: BookProxy) -> AsyncGenerator[ChatPage]:
    """The chat page of the server whose upstream can be scripted."""
    async with visit(gemini_server, sees_errors=True) as opened:
        await opened.is_ready()
        yield opened


@pytest.fixture(scope="session")
def running_site() -> Generator[BookSite]:
    """A book's site, one for all tests; take `book_site`, which starts afresh."""
    with BookSite() as site:
        yield site


@pytest.fixture(scope="session")
def site_proxy(
    tmp_path_factory: pytest.TempPathFactory,
    command_line: CommandLine,
    gemini_env: dict[str, str],
    running_site: BookSite,
) -> Generator[BookProxy]:
    """A proxy for that site: anybody may read, readers with a token of the site are known."""
    root = tmp_path_factory.mktemp("site")
    env = {
        **gemini_env,
        **PATIENT,
        **SIGNS_IN,
        "PROXY_ALLOW_ANONYMOUS": "true",
        "ALLOWED_ORIGINS": f"{running_site.url},{running_site.copy_url}",
        "RATE_LIMIT_RPM": "0",
        "PROXY_REWRITE": "rules",  # a scripted answer is for the reader
    }
    ingest = ("ingest", str(write_pumps(root / PUMPS)), "--book", PUMPS, "--title", "Pumps")
    address = ("--base-url", f"{running_site.url}/docs")
    done = command_line(*ingest, *address, env={**env, "PROXY_DATA_DIR": str(root / "data")})
    assert done.returncode == 0, done.stderr
    with BookProxy(env, data_dir=root / "data") as server:
        yield server
        assert "Traceback" not in server.stderr


@pytest.fixture
def book_site(running_site: BookSite, site_proxy: BookProxy) -> BookSite:
    """The site of the book about pumps, with the widget on its pages."""
    running_site.reset(site_proxy.url, book=PUMPS)
    return running_site


@pytest.fixture
def widget_visit(browser: Browser, book_site: BookSite) -> WidgetVisit:
    """Opens a page of the site for a reader who has never been there; as `visit` besides."""

    @contextlib.asynccontextmanager
    async def visiting(
        path: str, *, of_copy: bool = False, sees_errors: bool = False, **how: Any
    ) -> AsyncGenerator[WidgetPage]:
        site = book_site.copy_url if of_copy else book_site.url
        origins = (site, book_site.proxy_url)
        async with browsing(browser, *origins, sees_errors=sees_errors, **how) as page:
            await page.goto(site + path)
            widget = WidgetPage(page)
            await widget.is_ready()
            yield widget

    return visiting
