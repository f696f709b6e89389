"""A real Docusaurus site that contains the plugin: asking never leaves the page it is built of."""

import contextlib
import functools
import os
import shutil
from collections.abc import AsyncGenerator, Generator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support import docusaurus
from tests.support.browsing import browsing
from tests.support.chat_page import ANSWER, QUESTION
from tests.support.command_line import CommandLine
from tests.support.docusaurus import WIDGET_SITE
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import PUMPS, PUMPS_PAGES, write_pumps
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy, free_port
from tests.support.widget_page import WidgetPage, WidgetVisit

pytestmark = [
    pytest.mark.books,
    pytest.mark.skipif(
        os.environ.get("PROXY_TEST_BOOKS") != "1",  # noqa: TID251 - of the tests
        reason="builds a site with Docusaurus: `make test-browser` does",
    ),
]


class _Site(SimpleHTTPRequestHandler):
    """A static server."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@pytest.fixture(scope="module")
def proxy_and_site(
    tmp_path_factory: pytest.TempPathFactory, command_line: CommandLine, gemini_env: dict[str, str]
) -> Generator[tuple[BookProxy, str]]:
    """The book's proxy, and the origin of its site, built for it."""
    root, site = tmp_path_factory.mktemp("docusaurus"), f"http://127.0.0.1:{free_port()}"
    env = {
        **gemini_env,
        **PATIENT,
        "PROXY_ALLOW_ANONYMOUS": "true",
        "PROXY_REWRITE": "rules",
        "ALLOWED_ORIGINS": site,
    }
    ingest = ("ingest", str(write_pumps(root / PUMPS)), "--book", PUMPS, "--title", "Pumps")
    data = {**env, "PROXY_DATA_DIR": str(root / "data")}
    done = command_line(*ingest, "--base-url", f"{site}/docs", env=data)
    assert done.returncode == 0, done.stderr
    with BookProxy(env, data_dir=root / "data") as proxy:
        built = docusaurus.build(
            WIDGET_SITE, env={"SITE_URL": site, "PROXY_URL": proxy.url}, docs=PUMPS_PAGES
        )
        shutil.copytree(built, root / "site")
        with _served(root / "site", int(site.rpartition(":")[2])):
            yield proxy, site


@contextlib.contextmanager
def _served(folder: Path, port: int) -> Generator[None]:
    handler = functools.partial(_Site, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def site_visit(browser: Browser, proxy_and_site: tuple[BookProxy, str]) -> WidgetVisit:
    """Opens a page of the built site; whatever it loads comes from the site or the proxy."""
    proxy, site = proxy_and_site

    @contextlib.asynccontextmanager
    async def visiting(path: str, **how: Any) -> AsyncGenerator[WidgetPage]:
        async with browsing(browser, site, proxy.url, **how) as page:
            await page.goto(site + path)
            await page.wait_for_selector("html[data-has-hydrated=true]")
            await page.evaluate("window.isTheSamePage = true")
            widget = WidgetPage(page)
            await widget.is_ready()
            yield widget

    return visiting


async def test_a_citation_goes_to_the_heading_as_the_sites_own_links_do(
    site_visit: WidgetVisit, proxy_and_site: tuple[BookProxy, str], threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]), Stream(["Turn the brass lever. [1]"]))
    site = proxy_and_site[1]
    async with site_visit("/docs/winter", viewport={"width": 1280, "height": 800}) as widget:
        await widget.open()
        await expect(widget.panel.locator(".starter").first).to_have_text(
            "How is the pump started?"
        )
        await widget.ask(QUESTION)
        await widget.is_answered()
        await widget.answer.locator(".chip").click()
        await expect(widget.page.locator("#pressure-switch")).to_be_in_viewport()
        await widget.page.wait_for_url(f"{site}/docs/starting#pressure-switch")
        await expect(widget.page.locator("main h1")).to_have_text("Starting the pump")
        assert await widget.page.evaluate("window.isTheSamePage")
        await widget.picture("docusaurus-answer")
        async with widget.page.expect_request("**/api/chat/stream") as sent:
            await widget.ask("How is the Quillon pump started by hand?")
        await widget.is_answered()
        body: Any = (await sent.value).post_data_json
        assert body["page_context"] == f"{site}/docs/starting#pressure-switch"
        await expect(widget.turns).to_have_count(2)
        await widget.page.go_back()
        await expect(widget.page.locator("main h1")).to_have_text("Winter care")
        await widget.page.get_by_role("link", name="Starting the pump").first.click()
        await expect(widget.page.locator("main h1")).to_have_text("Starting the pump")
        assert await widget.page.evaluate("window.isTheSamePage")
        await expect(widget.turns).to_have_count(2)


async def test_a_paragraph_is_selected_and_asked_about(
    site_visit: WidgetVisit, proxy_and_site: tuple[BookProxy, str], threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["Before the first frost. [1]"]))
    async with site_visit("/docs/winter", viewport={"width": 1280, "height": 800}) as widget:
        paragraph = widget.page.locator("main p").filter(has_text="Open valve seven")
        await paragraph.click(click_count=3)
        await widget.picture("docusaurus-selected")
        await widget.bubble.click()
        async with widget.page.expect_request("**/api/chat/stream") as sent:
            await widget.ask("When?")
        await widget.is_answered()
        body: Any = (await sent.value).post_data_json
        assert body["selected_text"] == await paragraph.inner_text()
        assert body["page_context"].rstrip("/") == f"{proxy_and_site[1]}/docs/winter"
        await widget.picture("docusaurus-selection-answered")


async def test_it_goes_dark_with_the_sites_switch(site_visit: WidgetVisit) -> None:
    wide = {"width": 1280, "height": 800}
    async with site_visit("/docs/winter", viewport=wide, color_scheme="light") as widget:
        await widget.open()
        paper = await widget.panel.evaluate("it => getComputedStyle(it).backgroundColor")
        switch = widget.page.get_by_role("button", name="Switch between dark and light mode")
        while await widget.page.locator("html").get_attribute("data-theme") != "dark":
            await switch.first.click()
        await expect(widget.panel).not_to_have_css("background-color", paper)
        await widget.picture("docusaurus-dark")


async def test_the_pages_of_another_language_read_from_the_right(site_visit: WidgetVisit) -> None:
    async with site_visit("/ar/docs/winter", viewport={"width": 1280, "height": 800}) as widget:
        await expect(widget.launcher).to_have_text("اسأل الكتاب")
        box = await widget.launcher.bounding_box()
        assert box is not None
        assert box["x"] < 40
        await widget.picture("docusaurus-arabic")
