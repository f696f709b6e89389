"""The chat page, as a reader meets it."""

import re
from typing import Any

from playwright.async_api import expect

from tests.support.chat_page import ANSWER, QUESTION, ChatPage, Visit
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import PUMPS_URL
from tests.support.serving import BookProxy


async def test_a_first_visit_leads_to_an_answer_whose_numbers_open_the_cited_sentence(
    chat: ChatPage,
) -> None:
    await expect(chat.page).to_have_title("Ask the book")
    await chat.choose("Book", "Pumps")
    await expect(chat.page.locator(".title")).to_have_text("Pumps")
    await chat.ask(QUESTION)
    await chat.is_answered()
    await expect(chat.last.locator(".question")).to_contain_text(QUESTION)
    await chat.open_citation()
    await expect(chat.passage.locator("h2")).to_have_text("Pressure switch")
    await expect(chat.passage.locator(".passage-text")).to_contain_text("Quillon")
    await chat.picture("first-answer")
    page = chat.passage.get_by_role("link", name="Open the page")
    await expect(page).to_have_attribute("href", re.compile(re.escape(PUMPS_URL)))
    await expect(page).to_have_attribute("rel", "noopener noreferrer")


async def test_the_line_that_was_cited_is_marked_and_the_link_leads_to_it(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    await gemini_chat.ask(QUESTION)
    await gemini_chat.is_answered()
    await gemini_chat.open_citation()
    await expect(gemini_chat.passage.locator("mark")).to_have_text(
        "The Quillon pump starts by itself when the pressure falls below two bar."
    )
    link = gemini_chat.passage.get_by_role("link", name="Open the page")
    await expect(link).to_have_attribute("href", re.compile("#pressure-switch:~:text="))


async def test_a_citation_that_does_not_support_its_sentence_is_doubted_there_and_beside_it(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER.replace("two bar", "nine bar"), f" {ANSWER}"]))
    await gemini_chat.ask(QUESTION)
    await gemini_chat.is_answered()
    doubted, sound = await gemini_chat.answer.locator(".chip").all()
    await expect(doubted).to_have_accessible_name(re.compile("^Source 1, which may not say this: "))
    await expect(sound).to_have_accessible_name(re.compile("^Source 1: "))
    await gemini_chat.open_citation()
    notice = gemini_chat.passage.locator(".notice")
    await expect(notice).to_contain_text("a number differs")
    await gemini_chat.picture("doubted-citation")
    assert await gemini_chat.faults() == []
    await gemini_chat.open_citation(1)
    await expect(notice).to_be_hidden()


async def test_the_offline_reader_says_what_it_is(visit: Visit, offline_server: BookProxy) -> None:
    async with visit(offline_server) as chat:
        await expect(chat.page.get_by_text("Offline reader", exact=True)).to_be_visible()
        await expect(chat.page.locator(".welcome")).to_contain_text("GEMINI_API_KEY")


async def test_a_model_does_not(gemini_chat: ChatPage) -> None:
    await expect(gemini_chat.page.get_by_text("Offline reader")).to_have_count(0)


async def test_a_first_question_can_be_had_for_a_click(chat: ChatPage) -> None:
    starter = chat.page.locator(".starter").first
    question = await starter.inner_text()
    await starter.click()
    await chat.is_answered()
    await expect(chat.last.locator(".question")).to_contain_text(question)


async def test_the_next_question_carries_the_conversation(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["First answer."]), Stream(["Second answer."]))
    for number in ("First", "Second"):
        await gemini_chat.ask(f"{number} question about the Quillon pump?")
        await gemini_chat.is_answered()
        await expect(gemini_chat.answer).to_have_text(f"{number} answer.")
    contents = threaded_gemini.generating_requests[-1].json["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]


async def test_what_is_not_in_the_book_is_shown_as_such_with_what_comes_closest(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["The book says nothing of that."]))
    await gemini_chat.ask("Who won the chess olympiad of 1972?")
    await gemini_chat.is_answered()
    await expect(gemini_chat.last.locator(".notice")).to_contain_text("Not in the book")
    nearby = gemini_chat.last.locator(".nearby li")
    assert await nearby.count() > 0
    await expect(gemini_chat.last.locator(".chip")).to_have_count(0)
    await gemini_chat.picture("not-in-the-book")


async def test_the_next_question_can_be_about_the_page_of_a_passage(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]), Stream(["More."]))
    await gemini_chat.ask(QUESTION)
    await gemini_chat.is_answered()
    await gemini_chat.open_citation()
    await gemini_chat.button("Ask about this page").click()
    await expect(gemini_chat.passage).to_be_hidden()
    await expect(gemini_chat.settings).to_contain_text("This page")
    async with gemini_chat.page.expect_request("**/api/chat/stream") as sent:
        await gemini_chat.ask("How is the Quillon pump started by hand?")
    body: Any = (await sent.value).post_data_json
    assert (body["scope"], body["page_context"]) == ("page", f"{PUMPS_URL}/starting")


async def test_a_page_of_the_book_can_bring_a_text_to_ask_about(
    visit: Visit, gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["It holds ten litres. [1]"]))
    async with visit(gemini_server, "/?text=The+tank+holds+ten+litres.") as chat:
        await expect(chat.page.locator(".selection")).to_contain_text("The tank holds ten litres.")
        await chat.ask("How much?")
        await chat.is_answered()
        await expect(chat.page.locator(".selection")).to_be_hidden()
        await expect(chat.last.locator(".selected")).to_have_text("The tank holds ten litres.")
    assert "The tank holds ten litres." in threaded_gemini.generating_requests[-1].all_text


async def test_earlier_conversations_are_there_again_and_can_be_deleted(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    question = "Which Quillon pump stands in the cellar of the museum?"
    threaded_gemini.reply(Stream([ANSWER]))
    await gemini_chat.ask(question)
    await gemini_chat.is_answered()
    await gemini_chat.page.reload()
    await gemini_chat.is_answered()
    await expect(gemini_chat.last.locator(".question")).to_contain_text(question)
    await gemini_chat.open_citation()
    await expect(gemini_chat.passage.locator("mark")).to_have_count(1)
    await gemini_chat.button("New conversation").first.click()
    await expect(gemini_chat.page.locator(".welcome")).to_be_visible()
    await gemini_chat.button(question).click()
    await expect(gemini_chat.answer).to_contain_text("two bar")
    await gemini_chat.button(f"Delete “{question}”").click()
    await gemini_chat.button("Delete").click()
    await expect(gemini_chat.page.locator(".welcome")).to_be_visible()
    await expect(gemini_chat.button(question)).to_have_count(0)
