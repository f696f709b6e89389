"""The widget as a guest on other people's pages: looks, keys, directions, policies, sizes."""

import gzip
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.test_chat_access import RICH, WAYS
from tests.support.book_site import BookSite
from tests.support.chat_page import ANSWER, QUESTION
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.tokens import shared_secret_token
from tests.support.widget_page import WidgetVisit

MOST_BYTES = 40_000
"""Of a visit with an answer in it."""
LOOKS = {
    "light": 'lang="en"',
    "dark": 'lang="en" data-theme="dark"',
    "phone": 'lang="en"',
    "phone-dark": 'lang="en" data-theme="dark"',
    "right-to-left": 'lang="ar" dir="rtl"',
}


@pytest.mark.parametrize("way", LOOKS)
async def test_nothing_serious_is_wrong_with_it_on_any_page(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini, way: str
) -> None:
    threaded_gemini.reply(Stream([RICH]))
    book_site.html_attributes = LOOKS[way]
    async with widget_visit("/docs/starting", **WAYS[way]) as widget:
        await widget.picture(f"widget-{way}-button")
        await widget.launcher.click()
        await expect(widget.panel.locator(".starter").first).to_be_visible()
        await widget.picture(f"widget-{way}-welcome")
        assert await widget.faults() == []
        await widget.panel.locator("#question").fill(QUESTION)
        await widget.panel.locator(".send").click()
        await widget.is_answered()
        await widget.picture(f"widget-{way}-answer")
        assert await widget.faults() == []
        await widget.panel.locator(".stage").evaluate("it => { it.scrollTop = it.scrollHeight }")
        await widget.picture(f"widget-{way}-end")


async def test_all_that_a_whole_visit_loads_is_small_and_comes_compressed(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([RICH]))
    asked: list[str] = []
    sizes: dict[str, int] = {}
    async with widget_visit("/docs/starting") as widget:
        widget.page.on("request", lambda request: asked.append(request.url))
        await widget.page.reload()
        await widget.is_ready()
        await widget.open()
        await widget.ask(QUESTION)
        await widget.is_answered()
        for url in set(asked):
            if url.startswith((f"{book_site.proxy_url}/web/", f"{book_site.proxy_url}/widget.js")):
                reply = await widget.page.request.get(url)
                assert reply.headers["content-encoding"] == "gzip"
                sizes[url] = len(gzip.compress(await reply.body(), 9))
    total = sum(sizes.values())
    assert len(sizes) == 8, sizes
    assert total <= MOST_BYTES, f"{total} bytes"


async def test_everything_can_be_done_by_keyboard(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with widget_visit("/docs/winter") as widget:
        keyboard = widget.page.keyboard
        await widget.launcher.focus()
        await keyboard.press("Enter")
        await expect(widget.field).to_be_focused()
        await keyboard.type(QUESTION)
        await keyboard.press("Enter")
        await widget.is_answered()
        seen: set[str] = set()
        for _ in range(24):  # round and round, never out of it
            await keyboard.press("Tab")
            seen.add(
                await widget.page.evaluate(
                    "() => { const {shadowRoot, tagName} = document.activeElement;"
                    " const at = shadowRoot?.activeElement;"
                    " return at ? at.className || at.tagName : `out: ${tagName}` }"
                )
            )
        assert not [one for one in seen if one.startswith("out")]
        assert {"chip", "source", "TEXTAREA", "follow-up"} <= seen
        while not await widget.answer.locator(".chip").evaluate(
            "chip => chip.getRootNode().activeElement === chip"
        ):
            await keyboard.press("Shift+Tab")
        await keyboard.press("Enter")
        await widget.page.wait_for_url("**/docs/starting#pressure-switch*")
        await widget.is_ready()
        await expect(widget.panel).to_be_visible()
        assert await widget.page.evaluate("document.activeElement === document.body")


async def test_it_follows_the_site_into_the_dark_and_back(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    async with widget_visit("/docs/winter", color_scheme="light") as widget:
        await widget.open()
        paper = "panel => getComputedStyle(panel).backgroundColor"
        light = await widget.panel.evaluate(paper)
        await widget.page.evaluate("document.documentElement.dataset.theme = 'dark'")
        await expect(widget.panel).not_to_have_css("background-color", light)
        await widget.page.evaluate("document.documentElement.dataset.theme = 'light'")
        await expect(widget.panel).to_have_css("background-color", light)
        await widget.page.evaluate("delete document.documentElement.dataset.theme")
        await widget.page.emulate_media(color_scheme="dark")
        await expect(widget.panel).not_to_have_css("background-color", light)
    assert threaded_gemini.generating_requests == []


async def test_the_sites_style_sheet_does_not_reach_it(widget_visit: WidgetVisit) -> None:
    async with widget_visit("/docs/winter") as widget:
        await widget.open()
        styles = await widget.field.evaluate(
            "field => { const {fontSize, lineHeight, letterSpacing} = getComputedStyle(field);"
            " return [fontSize, lineHeight, letterSpacing] }"
        )
        assert styles == ["15.5008px", "23.2512px", "normal"]


async def test_its_colours_are_the_sites_to_set(widget_visit: WidgetVisit) -> None:
    async with widget_visit("/docs/winter") as widget:
        await widget.page.evaluate(
            "document.styleSheets[0].insertRule('ask-the-book { --accent: rgb(124, 58, 237) }')"
        )
        await expect(widget.launcher).to_have_css("background-color", "rgb(124, 58, 237)")


async def test_from_the_right_it_stands_on_the_left_and_speaks_arabic(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    book_site.html_attributes = 'lang="ar" dir="rtl"'
    async with widget_visit("/docs/winter", viewport={"width": 1280, "height": 800}) as widget:
        await expect(widget.launcher).to_have_text("اسأل الكتاب")
        await widget.launcher.click()
        box = await widget.panel.bounding_box()
        assert box is not None
        assert box["x"] < 40
        await expect(widget.panel).to_have_css("direction", "rtl")


async def test_on_a_phone_it_is_a_sheet_that_makes_way_for_the_page(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with widget_visit("/docs/winter", **WAYS["phone"]) as widget:
        await widget.open()
        box = await widget.panel.bounding_box()
        assert box is not None
        assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 780)
        await widget.ask(QUESTION)
        await widget.is_answered()
        await widget.answer.locator(".chip").click()
        await widget.page.wait_for_url("**/docs/starting#pressure-switch*")
        await widget.is_ready()
        await expect(widget.panel).to_be_hidden()
        await widget.open()
        await expect(widget.answer).to_contain_text("two bar")


async def test_a_copy_of_the_site_goes_to_its_own_pages_and_asks_about_the_published_ones(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    book_site.reset(book_site.proxy_url, book="pumps", **{"site-url": book_site.url})
    async with widget_visit("/docs/winter", of_copy=True) as widget:
        await widget.open()
        async with widget.page.expect_request("**/api/chat/stream") as sent:
            await widget.ask(QUESTION)
        await widget.is_answered()
        body: Any = (await sent.value).post_data_json
        assert body["page_context"] == f"{book_site.url}/docs/winter"
        await widget.answer.locator(".chip").click()
        await widget.page.wait_for_url(f"{book_site.copy_url}/docs/starting#pressure-switch*")


async def test_a_citation_of_another_site_opens_its_passage_in_the_panel(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with widget_visit("/docs/winter", of_copy=True) as widget:
        await widget.open()
        await widget.ask(QUESTION)
        await widget.is_answered()
        await widget.open_citation()
        await expect(widget.passage.locator("mark")).to_contain_text("two bar")
        await widget.picture("widget-passage")
        assert await widget.faults() == []
        await widget.page.keyboard.press("Escape")
        await expect(widget.passage).to_be_hidden()
        await expect(widget.panel).to_be_visible()
        await expect(widget.answer.locator(".chip")).to_be_focused()


async def test_a_reader_who_is_signed_in_at_the_site_is_known_and_others_keep_an_id(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]), Stream([ANSWER]), Stream([ANSWER]))
    book_site.reset(book_site.proxy_url, book="pumps", **{"token-function": "siteToken"})
    async with widget_visit("/docs/winter") as widget:
        await widget.open()
        await widget.ask(QUESTION)
        await widget.is_answered()
        async with widget.page.expect_request("**/api/chat/stream") as sent:
            await widget.ask("How is the Quillon pump started by hand?")
        await widget.is_answered()
        headers = await (await sent.value).all_headers()
        assert "authorization" not in headers
        assert headers["x-anonymous-id"]
        token = shared_secret_token(sub="reader-of-the-site")
        await widget.page.evaluate("token => sessionStorage.setItem('token', token)", token)
        await widget.button("New conversation").click()
        async with widget.page.expect_request("**/api/chat/stream") as signed:
            await widget.ask(QUESTION)
        await widget.is_answered()
        assert (await (await signed.value).all_headers())["authorization"] == f"Bearer {token}"


async def test_who_has_to_sign_in_is_led_to_where_the_site_does_that(
    widget_visit: WidgetVisit, book_site: BookSite
) -> None:
    book_site.reset(
        book_site.proxy_url, book="pumps", token="not one", **{"sign-in-url": "/docs/winter?in"}
    )
    async with widget_visit("/docs/starting", sees_errors=True) as widget:
        await widget.launcher.click()
        await expect(widget.panel.get_by_role("alert")).to_contain_text("Sign in")
        await widget.button("Sign in").click()
        await widget.page.wait_for_url("**/docs/winter?in")
