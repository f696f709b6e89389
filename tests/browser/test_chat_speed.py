"""What the page promises of speed and calm, measured: interactive at once, nothing jumps."""

import asyncio
import math
import os
from typing import Any

from playwright.async_api import expect

from tests.support.chat_page import ANSWER, QUESTION, Visit
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

INTERACTIVE_WITHIN_MS = 1_000
SLOWED_BY = 4
_PAST_INPUT_MS = 600
"""For half a second after a key, Chromium counts what moves as the reader's doing."""
GROWING = f"""{ANSWER}

## A heading that comes late

- one
- two with **bold** and `code`
  - nested

| a | b |
| --- | --- |
| short | row |
| a much longer cell | that wraps around |

```bash
echo "line by line"
exit 0
```

1. first
2. second

> a quotation

The end [1].
"""


async def test_the_page_can_be_used_within_a_second_on_a_machine_four_times_as_slow(
    visit: Visit, gemini_server: BookProxy
) -> None:
    async with visit(gemini_server) as chat:
        await chat.is_ready()
        session: Any = await chat.page.context.new_cdp_session(chat.page)
        await session.send("Network.clearBrowserCache")
        await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED_BY})
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        times: list[float] = [math.inf]
        # The promise is about the page: one time without other programs in the way is enough, and
        # where they are always in the way, what the page itself has computed counts.
        while len(times) <= 10 and min(times) >= INTERACTIVE_WITHIN_MS:
            await chat.page.reload()
            await chat.is_ready()
            times.append(
                await chat.page.evaluate("performance.getEntriesByName('interactive')[0].startTime")
            )
        is_busy = os.getloadavg()[0] > (os.cpu_count() or 1)
        took_ms = await _computed_ms(session) if is_busy else min(times)
    assert took_ms < INTERACTIVE_WITHIN_MS, f"interactive after {times} ms"


async def _computed_ms(session: Any) -> float:
    """Return the CPU time of the page's own thread since it began to load."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return 1_000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")


async def test_nothing_moves_while_an_answer_is_written(
    visit: Visit, gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    pieces = [GROWING[i : i + 3] for i in range(0, len(GROWING), 3)]
    threaded_gemini.reply(Stream(pieces, gap_s=0.012), Stream(pieces, gap_s=0.012))
    for viewport in ({"width": 1280, "height": 800}, {"width": 390, "height": 780}):
        async with visit(gemini_server, viewport=viewport) as chat:
            await chat.is_ready()
            await chat.field.fill(QUESTION)
            await chat.watch_shifts()
            started_ms = await chat.page.evaluate("performance.now()")
            await chat.button("Ask").click()
            await chat.is_answered()
            assert await chat.page.evaluate("performance.now()") - started_ms > 2 * _PAST_INPUT_MS
            assert await chat.shifts() == []
            await expect(chat.answer.locator("table, pre, ol, blockquote")).to_have_count(4)


async def test_nothing_moves_where_the_book_has_no_answer(
    visit: Visit, gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["The book ", "says nothing ", "of that."], gap_s=0.7))
    async with visit(gemini_server) as chat:
        await chat.is_ready()
        await chat.watch_shifts()
        await chat.ask("Who won the chess olympiad of 1972?")
        await chat.is_answered()
        assert await chat.shifts() == []


async def test_what_moves_would_be_seen(visit: Visit, gemini_server: BookProxy) -> None:
    async with visit(gemini_server) as chat:
        await chat.is_ready()
        await chat.watch_shifts()
        await chat.page.evaluate("document.querySelector('h1').style.paddingTop = '99px'")
        async with asyncio.timeout(LONG_ENOUGH_S):
            while not await chat.shifts():
                await chat.page.evaluate("new Promise(requestAnimationFrame)")
