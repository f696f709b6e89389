"""The author's pages as an author uses them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Locator, expect

from tests.support.chat_page import ChatPage, Visit
from tests.support.serving import BookProxy


class AuthorPage(ChatPage):
    """What an author sees and does; wraps a page that shows `/admin`."""

    async def go(self, panel: str) -> None:
        """Go to a panel by its name, and wait until it is filled."""
        navigation = self.page.get_by_role("navigation", name="For authors")
        await navigation.get_by_role("link", name=panel, exact=True).click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(panel)
        await self.is_filled()

    async def is_filled(self) -> None:
        """Wait until nothing is read any more."""
        await expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    async def saved(self, button: Locator) -> tuple[str, str]:
        """Press a button that keeps a file; return its name and text."""
        async with self.page.expect_download() as begun:
            await button.click()
        download = await begun.value
        path = await download.path()
        return download.suggested_filename, path.read_text(encoding="utf-8-sig")


@asynccontextmanager
async def authoring(
    visit: Visit, server: BookProxy, key: str | None = None, panel: str = "", **how: Any
) -> AsyncGenerator[AuthorPage]:
    """Open `/admin`, with a key where the server wants one."""
    async with visit(server, f"/admin#{panel}", sees_errors=True, **how) as opened:
        author = AuthorPage(opened.page)
        if key is not None:
            await author.page.locator("#key").fill(key)
            await author.page.keyboard.press("Enter")
            await author.page.wait_for_selector("header.top")
        await author.is_ready()
        await author.is_filled()
        yield author
