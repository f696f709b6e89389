"""The chat page as a reader uses it, and what tests look at besides: faults, shifts, pictures."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, expect

from tools.web_tools import packages

PICTURES = Path(__file__).parents[2] / ".artefacts/browser"
"""Screenshots of the last run; not in the repository."""
QUESTION = "When does the Quillon pump start by itself?"
ANSWER = "The Quillon pump starts by itself when the pressure falls below two bar. [1]"

_WATCH_SHIFTS = """
async () => {
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
// What was typed until now moves something in the next frame, however late that comes.
await nextFrame(); await nextFrame();
const from = performance.now();
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries().filter(({startTime}) => startTime >= from)) {
    const moved = entry.sources.map(({node}) => node?.nodeName + "." + node?.className);
    window.shifts.push({value: entry.value, afterInput: entry.hadRecentInput, moved});
  }
}).observe({type: "layout-shift"});
}
"""


Visit = Callable[..., AbstractAsyncContextManager["ChatPage"]]
"""What the fixture `visit` is."""


class ChatPage:
    """What a reader sees and does; wraps a page that shows the chat."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.field = page.get_by_role("textbox", name="Your question", exact=True)
        self.turns = page.locator("article.turn")
        self.passage = page.locator("dialog.passage")
        self.settings = page.locator(".settings-button")

    @property
    def last(self) -> Locator:
        """The last turn."""
        return self.turns.last

    @property
    def answer(self) -> Locator:
        """The text of the last answer."""
        return self.last.locator(".answer")

    def button(self, name: str) -> Locator:
        """Return a button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    async def is_ready(self) -> None:
        """Wait until the page can be used."""
        await self.page.wait_for_selector("html[data-ready]")

    async def ask(self, question: str) -> None:
        """Ask, and wait for nothing."""
        await self.field.fill(question)
        await self.button("Ask").click()

    async def is_answered(self, status: str = "done") -> None:
        """Wait until the last answer has ended."""
        await expect(self.last).to_have_attribute("data-status", status)

    async def open_citation(self, number: int = 0) -> None:
        """Open one of the passages of the last answer."""
        await self.answer.locator(".chip").nth(number).click()
        await expect(self.passage).to_be_visible()

    async def choose(self, label: str, option: str) -> None:
        """Choose in the settings."""
        await self.settings.click()
        await self.page.get_by_label(label, exact=True).select_option(label=option)
        await self.page.keyboard.press("Escape")

    async def picture(self, name: str, *, is_whole: bool = False) -> None:
        """Keep what is seen now; `is_whole`: and what can be scrolled to."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{re.sub(r'[^a-z0-9-]+', '-', name)}.png"
        if is_whole:
            await self.page.evaluate("scrollTo(0, 0)")
        await self.page.screenshot(path=path, full_page=is_whole)

    async def faults(self) -> list[str]:
        """Return what axe-core finds serious about accessibility."""
        axe = (packages() / "axe-core/axe.min.js").read_text(encoding="utf-8")
        await self.page.evaluate(f"() => {{ {axe} }}")
        found: list[dict[str, Any]] = await self.page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
        )
        return [
            f"{one['id']} ({one['impact']}): {json.dumps([n['html'] for n in one['nodes']])[:400]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]

    async def watch_shifts(self) -> None:
        """Note from now on what moves."""
        await self.page.evaluate(_WATCH_SHIFTS)

    async def shifts(self) -> list[dict[str, Any]]:
        """Return what has moved without the reader having done anything."""
        noted: list[dict[str, Any]] = await self.page.evaluate("window.shifts")
        return [shift for shift in noted if not shift["afterInput"]]
