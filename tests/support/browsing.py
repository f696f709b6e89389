"""A reader's browser that has never been there, and what leaves the origins it may ask."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from tests.support.waiting import LONG_ENOUGH_S

_LIMIT_MS = 1_000 * LONG_ENOUGH_S
_REFUSED = "Failed to load resource"
"""What Chromium says of every answer that is an error; tests of errors expect it."""

expect.set_options(timeout=_LIMIT_MS)


@contextlib.asynccontextmanager
async def browsing(
    browser: Browser, *origins: str, sees_errors: bool = False, **how: Any
) -> AsyncGenerator[Page]:
    """Open an empty page; at the end, assert that all went to `origins` and nothing went wrong.

    `sees_errors`: answers may be errors; the rest is Playwright's: `viewport`, `locale`,
    `color_scheme`, `is_mobile`, `has_touch`.
    """
    options: dict[str, Any] = {"locale": "en-GB", "reduced_motion": "reduce", **how}
    context = await browser.new_context(**options)
    strays: list[str] = []

    def note_request(request: Request) -> None:
        if not request.url.startswith((*origins, "data:")):
            strays.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        is_expected = sees_errors and message.text.startswith(_REFUSED)
        if message.type in {"error", "warning"} and not is_expected:
            strays.append(message.text)

    context.on("request", note_request)
    context.on("console", note_message)
    context.on("weberror", lambda error: strays.append(str(error.error)))
    page = await context.new_page()
    page.set_default_timeout(_LIMIT_MS)
    yield page
    await context.close()
    assert strays == [], strays
