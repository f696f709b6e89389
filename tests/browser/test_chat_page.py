"""The chat page, as a reader meets it."""

import re

from playwright.async_api import Page, expect

from tests.support.gemini_replies import Reset, Stream
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.sample_books import NOTES, PUMPS, PUMPS_URL
from tests.support.serving import BookProxy


async def _ask(page: Page, question: str) -> None:
    await page.get_by_label("Your question").fill(question)
    await page.get_by_role("button", name="Ask").click()


async def test_a_first_visit_leads_to_an_answer_whose_markers_lead_to_the_book(
    page: Page, either_server: BookProxy
) -> None:
    await expect(page).to_have_title("Ask the book")
    model = page.get_by_label("Answered by")
    await expect(model.locator("option")).not_to_have_count(0)
    await model.select_option(label=await _variant(page, PUMPS))
    await _ask(page, "When does the Quillon pump start by itself?")
    marker = page.locator(".turn.book a.marker").first
    await expect(marker).to_have_text(re.compile(r"^\[\d+\]$"))
    await expect(marker).to_have_attribute("href", re.compile(re.escape(PUMPS_URL)))
    await expect(marker).to_have_attribute("rel", "noopener noreferrer")
    source = page.locator("ol.sources li").first
    await expect(source.get_by_role("link")).to_have_attribute(
        "href", re.compile(re.escape(PUMPS_URL))
    )
    await expect(source.locator("pre")).to_be_hidden()
    await source.get_by_text("passage").click()
    await expect(source.locator("pre")).to_be_visible()
    await expect(source.locator("pre")).to_contain_text("Quillon")
    notice = page.get_by_role("status")
    if "offline" in await model.input_value():
        await expect(notice).to_contain_text("GEMINI_API_KEY")
    else:
        await expect(notice).to_be_hidden()
    assert either_server.url in page.url


async def test_hostile_text_of_the_book_is_inert(page: Page) -> None:
    await page.get_by_label("Answered by").select_option(label=await _variant(page, NOTES))
    await _ask(page, "How often are Zanzibar gauges read?")
    source = page.locator("ol.sources li").first
    await source.get_by_text("passage").click()
    await expect(source.locator("pre")).to_contain_text("<script>")
    assert await page.locator("main script, main img, main iframe").count() == 0
    link = source.get_by_role("link")
    async with page.context.expect_page() as opened:
        await link.click()
    passage = await opened.value
    await expect(passage.locator("article")).to_contain_text("read twice")
    assert await passage.locator("article script, article img").count() == 0
    assert await passage.locator("a[href^='javascript']").count() == 0


async def test_a_question_of_markup_is_shown_as_it_was_typed(page: Page) -> None:
    await _ask(page, "<img src=x onerror=alert(1)> & <b>bold</b>?")
    await expect(page.locator(".turn.reader")).to_have_text(
        "<img src=x onerror=alert(1)> & <b>bold</b>?"
    )
    await expect(page.locator(".turn.book .text")).not_to_have_text("…")
    assert await page.locator("main img, main b").count() == 0
    await expect(page.get_by_role("button", name="Ask")).to_be_visible()


async def _variant(page: Page, book: str) -> str:
    option = page.locator("#model option", has_text=f":book={book}")
    return (await option.inner_text()).strip()


async def test_an_answer_appears_as_it_comes_and_can_be_stopped(
    gemini_page: Page, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["It begins ", gate, "and never ends."]))
    await _ask(gemini_page, "Tell me a story.")
    await expect(gemini_page.locator(".turn.book .text")).to_have_text("It begins ")
    await gemini_page.get_by_role("button", name="Stop").click()
    await expect(gemini_page.locator(".turn.book .status")).to_have_text("Stopped.")
    await threaded_gemini.wait_for_peer_closed()
    await expect(gemini_page.get_by_role("button", name="Ask")).to_be_visible()


async def test_an_answer_that_breaks_off_is_no_answer(
    gemini_page: Page, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["It begins ", gate, Reset()]))
    await _ask(gemini_page, "Tell me a story.")
    body = gemini_page.locator(".turn.book .text")
    await expect(body).to_have_text("It begins ")
    gate.open()
    await expect(gemini_page.locator(".turn.book.failed .status")).to_contain_text("upstream")
    await expect(body).to_have_text("It begins ")


async def test_the_next_question_carries_the_conversation(
    gemini_page: Page, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["First answer."]), Stream(["Second answer."]))
    await _ask(gemini_page, "First question?")
    await expect(gemini_page.locator(".turn.book .text").nth(0)).to_have_text("First answer.")
    await _ask(gemini_page, "Second question?")
    await expect(gemini_page.locator(".turn.book .text").nth(1)).to_have_text("Second answer.")
    contents = threaded_gemini.generating_requests[-1].json["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]
