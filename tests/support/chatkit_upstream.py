"""How the fake Gemini answers the questions of the recorded ChatKit exchanges."""

from collections.abc import Mapping

from tests.support.gemini_errors import overloaded, rate_limited
from tests.support.gemini_events import finish_event
from tests.support.gemini_replies import Answer, Reply, Stream
from tests.support.gemini_requests import RecordedRequest

PIECES = ("ROS 2 nodes ", "exchange messages over topics.")
CALLS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "use the tool": ("get_current_page", {"include_selection": True}),
    "ask me": (
        "ask_reader",
        {"question": "Which level?", "options": ["Beginner", "Expert"], "multiple": False},
    ),
}


def answer(request: RecordedRequest) -> Reply | None:
    """Return what the recorded `respond()` did."""
    if request.operation != "streamGenerateContent":
        return None
    asked = request.last_user_text.strip()
    if asked.endswith("boom"):
        return overloaded()
    if asked.endswith("quota"):
        return rate_limited()
    for words, (name, arguments) in CALLS.items():
        if asked.endswith(words):
            return call(name, arguments)
    return Stream(list(PIECES))


def call(name: str, arguments: Mapping[str, object], *, before: str = "") -> Answer:
    """Return a call of a function, maybe with words before it."""
    parts: list[dict[str, object]] = [{"functionCall": {"name": name, "args": dict(arguments)}}]
    if before:
        parts.insert(0, {"text": before})
    candidate = {"content": {"parts": parts, "role": "model"}, "index": 0}
    return Answer([{"candidates": [candidate]}, finish_event("STOP")])
