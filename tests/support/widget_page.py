"""A page with the widget as a reader uses it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from playwright.async_api import Locator, Page, expect

from tests.support.chat_page import ChatPage

SELECT = """(text) => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(text);
    if (at < 0) continue;
    walker.currentNode.parentElement.scrollIntoView({block: "center"});
    getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + text.length);
    return;
  }
  throw new Error("the page does not say " + text);
}"""

WidgetVisit = Callable[..., AbstractAsyncContextManager["WidgetPage"]]
"""What the fixture `widget_visit` is."""


class WidgetPage(ChatPage):
    """A site's page with the ask button; its panel is a chat."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.launcher = page.locator(".launcher")
        self.panel = page.locator("dialog.panel")
        self.bubble = page.locator(".bubble")

    async def is_ready(self) -> None:
        """Wait until the button is there."""
        await self.page.wait_for_selector("ask-the-book[data-ready]", state="attached")

    async def open(self) -> None:
        """Open the panel."""
        await self.launcher.click()
        await expect(self.panel).to_be_visible()
        await expect(self.field).to_be_visible()

    async def select(self, text: str) -> None:
        """Select a text of the page."""
        await self.page.evaluate(SELECT, text)

    @property
    def follow_ups(self) -> Locator:
        """Questions that the last answer leads on to."""
        return self.panel.locator(".follow-up")
