"""What every Python driver is made of: named checks, run in order, one JSON line each.

Runs in the environments of the clients, so it needs nothing but Python's own library.
"""

import asyncio
import inspect
import json
import os
from collections.abc import Awaitable, Callable

Check = Callable[[], "str | Awaitable[str]"]

BASE_URL = os.environ["OPENAI_BASE_URL"]  # noqa: TID251 - how the runner tells a driver
MODEL = "gpt-4o"
BOOK_QUESTION = "How do I start the Quillon pump by hand?"
"""The book answers it; the model cites [1]."""
BOOK_ANSWER = "Turn the brass lever to the left. [1]"
NO_PASSAGE = "Nobody gave me a passage."
"""What the model says without retrieval."""
THOUGHT = "The passage says how."
"""The summary of its thoughts, when somebody asks for it."""
PICTURE_QUESTION = "What is in this picture?"
PICTURE_ANSWER = "A red square."
PICTURE = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
"""One red pixel."""
TOOL_QUESTION = "What does the gauge in Lahore read?"
"""The model asks for `read_gauge(city="Lahore")`, then says what came back."""
TWO_TOOLS_QUESTION = "What do the gauges in Lahore and Karachi read?"
"""The model asks for both in one turn."""
PUMP_QUESTION = "Describe the Quillon pump."
"""For structured output."""
GAUGES = {"Lahore": "2.4 bar", "Karachi": "3.1 bar"}

_checks: list[tuple[str, Check]] = []


def check(name: str) -> Callable[[Check], Check]:
    """Register a function under the name it has in the table; it returns a detail to show."""

    def register(function: Check) -> Check:
        _checks.append((name, function))
        return function

    return register


def read_gauge(city: str) -> str:
    """Return what the pressure gauge in a city reads."""
    return GAUGES[city]


def check_tool_loop(loop: Callable[[str], tuple[int, str]], how: str) -> None:
    """Register the checks of a loop that is written by hand.

    `loop` asks, calls what the model wants, tells it the results, and returns the number of calls
    and the last answer; `how` is the detail to show.
    """

    @check("tools")
    def _() -> str:
        calls, answer = loop(TOOL_QUESTION)
        assert calls == 1
        assert answer == f"The gauges read {GAUGES['Lahore']}.", answer
        return how

    @check("parallel tools")
    def _() -> str:
        calls, answer = loop(TWO_TOOLS_QUESTION)
        assert calls == 2
        assert all(reading in answer for reading in GAUGES.values()), answer
        return "two calls in one turn"


def run() -> None:
    """Run the checks and print the lines; each has an event loop of its own if it needs one."""
    for name, function in _checks:
        try:
            found = function()
            detail = asyncio.run(_awaited(found)) if inspect.isawaitable(found) else found
            line = {"check": name, "ok": True, "detail": detail}
        except Exception as exc:  # noqa: BLE001 - a check that fails any way has failed
            words = " ".join(str(exc).split())
            line = {"check": name, "ok": False, "detail": f"{type(exc).__name__}: {words}"[:600]}
        print(json.dumps(line), flush=True)


async def _awaited(found: Awaitable[str]) -> str:
    return await found
