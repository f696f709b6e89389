"""Readers with a key, readers without, and what each finds again."""

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.support.chat_page import ANSWER, QUESTION, Visit
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy

KEY = "a-key-of-a-reader"


@pytest.fixture
def locked(gemini_env: dict[str, str], tmp_path: Path) -> Generator[BookProxy]:
    """A proxy that asks for a key."""
    env = {**gemini_env, "PROXY_API_KEYS": KEY}
    with BookProxy(env, data_dir=tmp_path / "data") as server:
        yield server


@pytest.fixture
def public(gemini_env: dict[str, str], tmp_path: Path) -> Generator[BookProxy]:
    """A proxy that lets anybody read."""
    env = {**gemini_env, "PROXY_API_KEYS": KEY, "PROXY_ALLOW_ANONYMOUS": "true"}
    with BookProxy(env, data_dir=tmp_path / "data") as server:
        yield server


async def test_where_a_key_is_needed_the_page_asks_for_it_and_keeps_it_for_the_tab(
    visit: Visit, locked: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with visit(locked, sees_errors=True) as chat:
        field = chat.page.get_by_label("API key")
        await expect(field).to_be_focused()
        await chat.picture("sign-in")
        assert await chat.faults() == []
        await field.fill("a wrong one")
        await chat.button("Sign in").click()
        await expect(chat.page.get_by_role("alert")).to_contain_text("not known here")
        await field.fill(KEY)
        await chat.page.keyboard.press("Enter")
        await chat.is_ready()
        await chat.ask(QUESTION)
        await chat.is_answered()
        await chat.page.reload()
        await chat.is_answered()
        kept = await chat.page.evaluate("[JSON.stringify(localStorage), location.href]")
        assert KEY not in "".join(kept)
        await chat.button("Sign out").click()
        await expect(field).to_be_visible()


@pytest.mark.parametrize("width_px", [360, 1000, 1280, 1920])
async def test_the_form_for_a_key_stands_in_the_middle_of_the_page(
    visit: Visit, locked: BookProxy, width_px: int
) -> None:
    async with visit(locked, sees_errors=True) as chat:
        await chat.page.set_viewport_size({"width": width_px, "height": 800})
        field = chat.page.get_by_label("API key")
        await expect(field).to_be_focused()
        box = await chat.page.locator("form").bounding_box()
        assert box is not None
        left, right = box["x"], width_px - box["x"] - box["width"]
        assert left > 0
        assert abs(left - right) <= 2


async def test_a_reader_without_a_key_finds_its_conversations_again_and_nobody_else_does(
    visit: Visit, public: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with visit(public) as chat, visit(public) as other:
        await chat.is_ready()
        await chat.ask(QUESTION)
        await chat.is_answered()
        await expect(chat.page.locator(".entry")).to_have_count(1)
        await chat.page.goto(public.url)
        await expect(chat.page.locator(".entry")).to_have_text([QUESTION])
        await other.page.reload()
        await other.is_ready()
        await expect(other.page.locator(".history-list .none")).to_be_visible()


async def test_a_conversation_that_is_gone_is_said_to_be_and_another_begins(
    visit: Visit, public: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with visit(public, "/#conv_of_somebody_else", sees_errors=True) as chat:
        await expect(chat.page.get_by_role("alert")).to_contain_text("not there any more")
        await chat.ask(QUESTION)
        await chat.is_answered()


async def test_a_server_that_is_away_is_said_to_be_and_the_question_can_be_asked_again(
    visit: Visit, public: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream([ANSWER]))
    async with visit(public, sees_errors=True) as chat:
        await chat.is_ready()
        await chat.page.context.set_offline(True)
        await chat.ask(QUESTION)
        await chat.is_answered("failed")
        await expect(chat.last.get_by_role("alert")).to_contain_text("cannot be reached")
        await chat.page.context.set_offline(False)
        await chat.last.get_by_role("button", name="Try again").click()
        await chat.is_answered()
