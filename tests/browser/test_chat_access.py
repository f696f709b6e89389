"""The chat page for everybody: by keyboard, by ear, right to left, in the dark, on a phone."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.support.chat_page import ANSWER, QUESTION, ChatPage, Visit
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.serving import BookProxy

RICH = f"""{ANSWER}

## By hand

1. Turn the *brass* lever, **slowly**. [1]
2. Read `gauge --all`:

```bash
gauge --all --watch
```

| Lever | Effect |
| --- | --- |
| left | starts |

> Mind the [valve](https://pumps.example/docs/winter).
"""
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "is_mobile": True,
    "has_touch": True,
}
WAYS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {**PHONE, "color_scheme": "light"},
    "phone-dark": {**PHONE, "color_scheme": "dark"},
    "right-to-left": {"viewport": {"width": 1280, "height": 800}, "locale": "ar"},
}


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_serious_is_wrong_at_any_stage_of_a_visit(
    visit: Visit, gemini_server: BookProxy, threaded_gemini: FakeGemini, way: str
) -> None:
    threaded_gemini.reply(Stream([RICH]), Stream(["No."]))
    async with visit(gemini_server, **WAYS[way]) as chat:
        await chat.is_ready()
        await chat.picture(f"{way}-welcome")
        assert await chat.faults() == []
        await chat.page.locator("#question").fill(QUESTION)
        await chat.page.keyboard.press("Enter")
        await chat.is_answered()
        await chat.picture(f"{way}-answer")
        assert await chat.faults() == []
        await chat.open_citation()
        await chat.picture(f"{way}-passage")
        assert await chat.faults() == []
        await chat.page.keyboard.press("Escape")
        await chat.settings.click()
        await chat.picture(f"{way}-settings")
        assert await chat.faults() == []


async def test_everything_can_be_done_by_keyboard(
    visit: Visit, gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with visit(gemini_server) as chat:
        await chat.is_ready()
        await expect(chat.field).to_be_focused()
        await chat.page.keyboard.type(QUESTION)
        await chat.page.keyboard.press("Shift+Enter")
        await chat.page.keyboard.press("Backspace")
        await chat.page.keyboard.press("Enter")
        await chat.is_answered()
        await expect(chat.field).to_be_focused()
        chip = chat.answer.locator(".chip")
        await _tab_to(chat, ".answer .chip", backwards=True)
        await chat.page.keyboard.press("Enter")
        await expect(chat.passage.locator("h2")).to_be_focused()
        await chat.page.keyboard.press("Escape")
        await expect(chat.passage).to_be_hidden()
        await expect(chip).to_be_focused()
        await _tab_to(chat, ".settings-button")
        await chat.page.keyboard.press("Enter")
        await expect(chat.page.get_by_label("Book", exact=True)).to_be_focused()
        await chat.page.keyboard.press("Escape")
        await expect(chat.settings).to_be_focused()
        await chat.page.keyboard.press("Control+Home")
        await _tab_to(chat, ".skip", backwards=True)
        await chat.page.keyboard.press("Enter")
        await expect(chat.field).to_be_focused()


async def _tab_to(chat: ChatPage, selector: str, *, backwards: bool = False) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(60):
        if await chat.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        await chat.page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


async def test_an_answer_is_said_aloud_once_and_when_it_is_whole(
    gemini_chat: ChatPage, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["The Quillon pump ", gate, "starts below two bar. [1]"]))
    heard = gemini_chat.page.locator("[aria-live=polite]")
    await gemini_chat.ask(QUESTION)
    await expect(gemini_chat.answer).to_contain_text("The Quillon pump")
    await expect(gemini_chat.answer).to_have_attribute("aria-busy", "true")
    await expect(heard).to_be_empty()
    gate.open()
    await expect(heard).to_contain_text("The answer is there, with one source.")
    await expect(heard).to_contain_text("starts below two bar.")


async def test_a_page_in_arabic_reads_from_the_right_and_english_text_from_the_left(
    visit: Visit, gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER, "\n\nتعمل المضخة وحدها. [1]"]))
    async with visit(gemini_server, locale="ar") as chat:
        await chat.is_ready()
        root = chat.page.locator("html")
        assert await root.get_attribute("dir") == "rtl"
        assert await root.get_attribute("lang") == "ar"
        await chat.page.locator("#question").fill("متى تعمل Quillon pump؟")
        await chat.page.keyboard.press("Enter")
        await chat.is_answered()
        directions = await chat.answer.locator("p").evaluate_all(
            "all => all.map(p => getComputedStyle(p).direction)"
        )
        assert directions == ["ltr", "rtl"]
        await chat.open_citation()
        box, answer = await chat.passage.bounding_box(), await chat.answer.bounding_box()
        assert box is not None
        assert answer is not None
        assert box["x"] < answer["x"]  # beside the answer, on the far side of reading


async def test_on_a_phone_the_passage_is_a_sheet_and_the_history_a_drawer(
    visit: Visit, gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with visit(gemini_server, **PHONE) as chat:
        await chat.is_ready()
        await chat.ask(QUESTION)
        await chat.is_answered()
        await chat.open_citation()
        box = await chat.passage.bounding_box()
        assert box is not None
        assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 780)
        await chat.button("Close the passage").click()
        await chat.button("Conversations").click()
        drawer = chat.page.locator("dialog.history-drawer")
        await expect(drawer.locator(".entry").first).to_be_visible()
        await chat.picture("phone-history")
        await drawer.get_by_role("button", name="New conversation").click()
        await expect(drawer).to_be_hidden()
        await expect(chat.page.locator(".welcome")).to_be_visible()
