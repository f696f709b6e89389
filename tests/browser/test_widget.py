"""The widget on a book's own site, as a reader meets it."""

from typing import Any

from playwright.async_api import expect

from tests.support.book_site import BookSite
from tests.support.chat_page import ANSWER, QUESTION
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.widget_page import WidgetPage, WidgetVisit

BY_HAND = "Turn the brass lever to the left. [1]"


async def _asked(widget: WidgetPage, question: str) -> dict[str, Any]:
    """Ask, wait for the answer, and return what was sent."""
    async with widget.page.expect_request("**/api/chat/stream") as sent:
        await widget.ask(question)
    await widget.is_answered()
    body: Any = (await sent.value).post_data_json
    return body


async def test_a_question_is_answered_beside_the_page_and_its_number_leads_to_the_heading(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with widget_visit("/docs/winter") as widget:
        await widget.open()
        await expect(widget.field).to_be_focused()
        sent = await _asked(widget, QUESTION)
        assert (sent["book"], sent["page_context"]) == ("pumps", f"{book_site.url}/docs/winter")
        await expect(widget.last.locator(".question")).to_contain_text(QUESTION)
        await widget.answer.locator(".chip").click()
        await widget.page.wait_for_url("**/docs/starting#pressure-switch*")
        await expect(widget.page.locator("#pressure-switch")).to_be_in_viewport()


async def test_what_was_asked_and_what_is_being_written_are_there_on_the_next_page(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]), Stream([BY_HAND]))
    async with widget_visit("/docs/starting") as widget:
        await widget.open()
        await _asked(widget, QUESTION)
        await widget.field.fill("And by")
        await widget.page.get_by_role("link", name="Winter care").click()
        await widget.page.wait_for_url("**/docs/winter")
        await expect(widget.panel).to_be_visible()
        await expect(widget.answer).to_contain_text("two bar")
        await expect(widget.field).to_have_value("And by")
        sent = await _asked(widget, "And by hand?")
        assert sent["page_context"] == f"{book_site.url}/docs/winter"
        await expect(widget.turns).to_have_count(2)
        assert sent["conversation_id"]


async def test_closed_it_stays_closed_on_the_next_page_and_remembers(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with widget_visit("/docs/starting") as widget:
        await widget.open()
        await _asked(widget, QUESTION)
        await widget.page.keyboard.press("Escape")
        await expect(widget.panel).to_be_hidden()
        await expect(widget.launcher).to_be_focused()
        await widget.page.goto(widget.page.url.replace("starting", "winter"))
        await widget.is_ready()
        await expect(widget.panel).to_be_hidden()
        await widget.open()
        await expect(widget.answer).to_contain_text("two bar")
        await widget.button("New conversation").click()
        await expect(widget.panel.locator(".welcome")).to_be_visible()


async def test_a_site_with_a_router_is_led_without_a_reload_and_the_scope_is_the_new_page(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]), Stream([BY_HAND]))
    book_site.has_router = True
    async with widget_visit("/docs/winter") as widget:
        await widget.page.evaluate("window.isTheSamePage = true")
        await widget.open()
        await _asked(widget, QUESTION)
        await widget.answer.locator(".chip").click()
        await expect(widget.page.locator("#pressure-switch")).to_be_in_viewport()
        assert await widget.page.evaluate("window.isTheSamePage")
        await expect(widget.panel).to_be_visible()
        await widget.panel.get_by_role("radio", name="This page").check()
        sent = await _asked(widget, "How by hand?")
        assert sent["scope"] == "page"
        assert sent["page_context"].startswith(f"{book_site.url}/docs/starting#pressure-switch")
        await widget.page.go_back()
        await expect(widget.page.locator("main h1")).to_have_text("Winter care")
        await expect(widget.answer).to_contain_text("brass lever")


async def test_a_selected_text_can_be_asked_about_and_alone_answers(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["At two bar. [1]"]))
    text = "starts by itself when the pressure falls below two bar"
    async with widget_visit("/docs/starting") as widget:
        await widget.select(text)
        await widget.bubble.click()
        await expect(widget.panel.locator(".selection")).to_contain_text(text)
        await widget.picture("widget-selection")
        sent = await _asked(widget, "At which pressure?")
        assert sent["selected_text"] == text
        assert sent["page_context"] == f"{book_site.url}/docs/starting"
        await expect(widget.last.locator(".selected")).to_have_text(text)
        await expect(widget.panel.locator(".selection")).to_be_hidden()
        await widget.page.evaluate("getSelection().removeAllRanges()")
        await expect(widget.bubble).to_be_hidden()


async def test_what_is_selected_in_an_answer_is_not_the_pages(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with widget_visit("/docs/starting") as widget:
        await widget.open()
        await _asked(widget, QUESTION)
        await widget.answer.locator("p").click(click_count=3, position={"x": 20, "y": 10})
        assert await widget.page.evaluate("getSelection().toString()")
        await expect(widget.bubble).to_be_hidden()


async def test_a_script_of_the_site_can_open_it_with_a_text(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    async with widget_visit("/docs/starting") as widget:
        await widget.page.evaluate("document.querySelector('ask-the-book').open('Two bar.')")
        await expect(widget.panel.locator(".selection")).to_contain_text("Two bar.")
    assert threaded_gemini.generating_requests == []


async def test_an_answer_leads_on_and_what_is_not_in_the_book_is_said_to_be(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["The book says nothing of that."]), Stream([ANSWER]))
    async with widget_visit("/docs/winter") as widget:
        await widget.open()
        await _asked(widget, "Who won the chess olympiad of 1972?")
        await expect(widget.last.locator(".notice")).to_contain_text("Not in the book")
        question = await widget.follow_ups.first.inner_text()
        await widget.picture("widget-not-in-the-book")
        await widget.follow_ups.first.click()
        await widget.is_answered()
        await expect(widget.last.locator(".question")).to_contain_text(question)
        await widget.turns.first.get_by_role("link", name="Manual start").click()
        await widget.page.wait_for_url("**/docs/starting#manual-start")
        assert len(widget.page.context.pages) == 1


async def test_the_site_has_questions_to_begin_with_and_the_page_itself_is_one(
    widget_visit: WidgetVisit, book_site: BookSite, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]), Stream([ANSWER]))
    book_site.attributes = {"book": "pumps", "starters": "When does it start?|What in winter?"}
    async with widget_visit("/docs/winter") as widget:
        await widget.open()
        starters = widget.panel.locator(".starter")
        await expect(starters).to_have_text(
            ["When does it start?", "What in winter?", "What is this page about?"]
        )
        async with widget.page.expect_request("**/api/chat/stream") as sent:
            await starters.last.click()
        await widget.is_answered()
        body: Any = (await sent.value).post_data_json
        assert body["scope"] == "page"


async def test_a_thumb_and_a_comment_reach_the_author(
    widget_visit: WidgetVisit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with widget_visit("/docs/starting") as widget:
        await widget.open()
        await _asked(widget, QUESTION)
        async with widget.page.expect_response("**/feedback") as rated:
            await widget.button("This did not help").click()
        assert (await rated.value).ok
        await expect(widget.button("This did not help")).to_have_attribute("aria-pressed", "true")
        await widget.panel.get_by_label("Tell us more").fill("Which bar?")
        async with widget.page.expect_response("**/feedback") as told:
            await widget.button("Send").click()
        body: Any = (await told.value).request.post_data_json
        assert (body["rating"], body["comment"]) == ("negative", "Which bar?")
        await expect(widget.panel.get_by_text("Thank you.")).to_be_visible()
