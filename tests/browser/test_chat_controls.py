"""What a reader can do with an answer: stop it, have it again, ask otherwise, rate it."""

from playwright.async_api import expect

from tests.support.chat_page import ANSWER, QUESTION, ChatPage
from tests.support.gemini_errors import Status
from tests.support.gemini_replies import Reset, Stream
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate


async def test_an_answer_appears_as_it_comes_and_can_be_stopped(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["It begins ", gate, "and never ends."]))
    await gemini_chat.ask("Tell me of the Quillon pump.")
    await expect(gemini_chat.answer).to_have_text("It begins ")
    await gemini_chat.button("Stop").click()
    await gemini_chat.is_answered("stopped")
    await expect(gemini_chat.last).to_contain_text("Stopped.")
    await threaded_gemini.wait_for_peer_closed()
    await expect(gemini_chat.button("Ask")).to_be_visible()


async def test_what_was_stopped_can_be_asked_again_in_its_place(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["It begins ", gate, "x"]), Stream([ANSWER]))
    await gemini_chat.ask(QUESTION)
    await expect(gemini_chat.answer).to_have_text("It begins ")
    await gemini_chat.page.keyboard.press("Escape")
    await gemini_chat.is_answered("stopped")
    await gemini_chat.button("Ask again").click()
    await gemini_chat.is_answered()
    await expect(gemini_chat.turns).to_have_count(1)
    await expect(gemini_chat.answer).to_contain_text("two bar")
    await gemini_chat.page.reload()
    await gemini_chat.is_answered()
    await expect(gemini_chat.turns).to_have_count(1)


async def test_an_answer_that_breaks_off_is_no_answer_and_says_what_to_do(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["It begins ", gate, Reset()]), Stream([ANSWER]))
    await gemini_chat.ask(QUESTION)
    await expect(gemini_chat.answer).to_have_text("It begins ")
    gate.open()
    await gemini_chat.is_answered("failed")
    await expect(gemini_chat.last.get_by_role("alert")).to_contain_text("Trying again often helps")
    await expect(gemini_chat.answer).to_have_text("It begins ")
    await gemini_chat.picture("failure")
    await gemini_chat.button("Try again").click()
    await gemini_chat.is_answered()
    await expect(gemini_chat.answer).to_contain_text("two bar")


async def test_an_upstream_that_refuses_is_told_of_in_plain_words(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Status(429, quota="minute", retry_delay="7s"))
    await gemini_chat.ask(QUESTION)
    await gemini_chat.is_answered("failed")
    said = gemini_chat.last.get_by_role("alert")
    await expect(said).to_contain_text("Wait a moment and try again")
    await expect(said.get_by_role("button", name="Try again")).to_be_visible()


async def test_a_question_can_be_put_in_other_words_and_what_followed_is_forgotten(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(*(Stream([f"{n}."]) for n in ("One", "Two", "Three")))
    await gemini_chat.ask("How many Quillon pumps?")
    await gemini_chat.is_answered()
    await gemini_chat.ask("How many Quillon valves?")
    await gemini_chat.is_answered()
    await gemini_chat.turns.first.hover()
    await gemini_chat.button("Change the question").first.click()
    field = gemini_chat.page.get_by_role("textbox", name="Change the question")
    await expect(field).to_be_focused()
    await field.fill("How many Quillon levers?")
    await gemini_chat.button("Ask this instead").click()
    await expect(gemini_chat.answer).to_have_text("Three.")
    await gemini_chat.is_answered()
    await expect(gemini_chat.turns).to_have_count(1)
    contents = threaded_gemini.generating_requests[-1].json["contents"]
    assert [content["role"] for content in contents] == ["user"]
    await gemini_chat.page.reload()
    await gemini_chat.is_answered()
    await expect(gemini_chat.turns).to_have_count(1)
    await expect(gemini_chat.last.locator(".question")).to_contain_text("levers")


async def test_an_answer_can_be_rated(gemini_chat: ChatPage, threaded_gemini: FakeGemini) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    await gemini_chat.ask(QUESTION)
    await gemini_chat.is_answered()
    async with gemini_chat.page.expect_response("**/feedback") as given:
        await gemini_chat.button("This helped").click()
    assert (await given.value).status == 200
    await expect(gemini_chat.button("This helped")).to_have_attribute("aria-pressed", "true")


async def test_a_question_that_is_too_long_is_not_sent(gemini_chat: ChatPage) -> None:
    await gemini_chat.field.fill("x" * 8_001)
    await expect(gemini_chat.page.locator(".count")).to_have_text("1 characters too many")
    await expect(gemini_chat.button("Ask")).to_be_disabled()
