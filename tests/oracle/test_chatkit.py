"""ChatKit's protocol beside the official server: its recorded exchanges, and itself.

The recordings belong to others and are not part of the repository.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.oracle.official_chatkit import Official
from tests.support import chatkit_upstream
from tests.support.chatkit_client import ChatKit, Json, Stream, frames, read_stream
from tests.support.gemini_server import FakeGemini
from tests.support.serving import REPOSITORY, BookProxy
from tests.support.site import reader

GOLDEN = REPOSITORY.parent / "shared" / "chatkit" / "golden.json"
NOT_OFFERED = {"attachments.create", "attachments.delete", "input.transcribe"}


def _recorded(path: Path = GOLDEN) -> list[Json]:
    if not path.is_file():
        pytest.skip("the recorded ChatKit exchanges (../shared/chatkit) are not on this machine")
    return json.loads(path.read_bytes())


@pytest.fixture
def ours(chatkit_server: BookProxy, threaded_gemini: FakeGemini) -> Iterator[ChatKit]:
    """Our server, whose upstream says what the recorded one did."""
    threaded_gemini.reply_by(chatkit_upstream.answer)
    with reader(chatkit_server, secrets.token_hex(4)) as http:
        yield ChatKit(http)


class Names:
    """Which of our ids stands for which recorded one."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}

    def learn(self, recorded: list[Json], now: list[Json]) -> None:
        """Take the ids of threads and whole items that stand at the same place."""
        for name in ("thread", "item"):
            ids = [
                [event[name]["id"] for event in events if name in event]
                for events in (_whole(recorded), _whole(now))
            ]
            self._ours |= dict(zip(*ids, strict=False))

    def translate(self, request: Json) -> Json:
        """Return a request in our ids."""
        text = json.dumps(request)
        for recorded, now in self._ours.items():
            text = text.replace(f'"{recorded}"', f'"{now}"')
        return json.loads(text)


def _whole(events: list[Json]) -> list[Json]:
    return [event for event in events if event["type"] in {"thread.created", "thread.item.done"}]


def _shape(events: list[Json]) -> list[str]:
    """Return what a stream tells, without progress, citations and titles: those are ours."""
    ignored = (
        "progress_update",
        "thread.updated",
        "assistant_message.content_part.annotation_added",
    )
    return [kind for kind in Stream(events).kinds if kind not in ignored]


def test_every_recorded_exchange_is_answered_as_the_protocol_says(ours: ChatKit) -> None:
    names = Names()
    for row in _recorded():
        name, request = row["name"], names.translate(row["request"])
        reply = ours.send(request)
        if request["type"] in NOT_OFFERED:
            assert (reply.status_code, reply.json()["error"]["param"]) == (400, "type"), name
        elif name == "FAIL add_user_message unknown thread":
            assert read_stream(reply).error["allow_retry"] is False
        elif name == "FAIL get_by_id unknown thread":
            assert (reply.status_code, reply.json()["error"]["code"]) == (404, "thread_not_found")
        elif name == "FAIL unknown type":
            assert (reply.status_code, reply.json()["error"]["param"]) == (400, "type")
        elif name.startswith("FAIL missing"):
            assert read_stream(reply).text == "".join(chatkit_upstream.PIECES)
        elif row["content_type"].startswith("text/event-stream"):
            _compare_streams(name, frames(row["raw"]), read_stream(reply), names)
        else:
            assert reply.status_code == 200, (name, reply.text)
            _compare_objects(name, json.loads(row["raw"]), reply.json())


def _compare_streams(name: str, recorded: list[Json], now: Stream, names: Names) -> None:
    if name.startswith("error: "):
        # Its code tells that ChatKit has words of its own for it; ours says what went wrong.
        assert now.error["message"], name
        recorded, events = recorded[:-1], now.events[:-1]
    else:
        events = now.events
    assert _shape(events) == _shape(recorded), name
    names.learn(recorded, events)


def _compare_objects(name: str, recorded: Json, now: Json) -> None:
    if name == "threads.get_by_id":
        kinds = [[item["type"] for item in one["items"]["data"]] for one in (recorded, now)]
        assert kinds[0] == kinds[1]
        assert now["items"]["data"][0]["content"] == recorded["items"]["data"][0]["content"]
    elif name == "items.list":
        assert (now["has_more"], len(now["data"])) == (True, 1)
        assert now["after"] == now["data"][-1]["id"]
    elif name == "threads.update":
        assert now["title"] == recorded["title"]
    assert now.keys() == recorded.keys(), name


def _text(words: str) -> Json:
    return {
        "content": [{"type": "input_text", "text": words}],
        "attachments": [],
        "inference_options": {},
    }


QUOTED = {**_text("What does it mean?"), "quoted_text": "Nodes publish messages on topics."}
CHOSEN = {**_text("And here?"), "inference_options": {"model": "gemini-3.8-flash"}}
TAGGED = {
    **_text(""),
    "content": [
        {"type": "input_text", "text": "And "},
        {
            "type": "input_tag",
            "id": "winter",
            "text": "winter",
            "data": {"href": "/winter"},
            "group": "Chapters",
            "interactive": True,
        },
    ],
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_the_official_server_tells_the_same(ours: ChatKit) -> None:
    official = Official()
    thread, item = "THREAD", "ITEM"
    await _both(
        official,
        ours,
        [
            ("threads.create", {"input": _text("How do nodes talk?")}),
            ("threads.add_user_message", {"thread_id": thread, "input": TAGGED}),
            ("threads.add_user_message", {"thread_id": thread, "input": QUOTED}),
            ("threads.add_user_message", {"thread_id": thread, "input": CHOSEN}),
            ("threads.get_by_id", {"thread_id": thread}),
            ("threads.retry_after_item", {"thread_id": thread, "item_id": item}),
            ("threads.get_by_id", {"thread_id": thread}),
            ("items.list", {"thread_id": thread, "limit": 2, "order": "asc"}),
            ("items.list", {"thread_id": thread, "limit": 1, "order": "desc"}),
            ("items.list", {"thread_id": thread, "after": item, "order": "asc"}),
            ("items.feedback", {"thread_id": thread, "item_ids": [item], "kind": "negative"}),
            ("threads.update", {"thread_id": thread, "title": "Nodes"}),
            ("threads.list", {"limit": 9999, "order": "desc"}),
            ("threads.delete", {"thread_id": thread}),
            ("threads.list", {}),
            ("threads.create", {"input": _text("use the tool")}),
            ("threads.add_client_tool_output", {"thread_id": thread, "result": {"url": "/x"}}),
            ("threads.get_by_id", {"thread_id": thread}),
            ("threads.create", {"input": _text("boom")}),
        ],
    )


async def _both(official: Official, ours: ChatKit, requests: list[tuple[str, Json]]) -> None:
    known: list[dict[str, str]] = [{}, {}]
    for kind, params in requests:
        told: list[Json | list[Json]] = []
        for side, ids in enumerate(known):
            text = json.dumps({"type": kind, "params": params})
            for name, value in ids.items():
                text = text.replace(f'"{name}"', f'"{value}"')
            request = json.loads(text)
            if side == 0:
                told.append(await official.ask(request))
            else:
                reply = ours.send(request)
                is_stream = reply.headers["content-type"].startswith("text/event-stream")
                told.append(read_stream(reply).events if is_stream else reply.json())
            _note_ids(told[side], ids)
        assert _alike(told[0]) == _alike(told[1]), (kind, params)


def _note_ids(told: Json | list[Json], ids: dict[str, str]) -> None:
    """Remember the thread that was begun last, and the first question in it."""
    if isinstance(told, list):
        for event in told:
            if event["type"] == "thread.created":
                ids.clear()
                ids["THREAD"] = event["thread"]["id"]
            elif event["type"] == "thread.item.done":
                ids.setdefault("ITEM", event["item"]["id"])


_OWN = {"created_at", "id", "thread_id", "after", "item_id", "title", "call_id"}
"""Ids, moments, and titles, which ours gives of its own accord."""


def _alike(told: Json | list[Json]) -> Json | list[Json]:
    """Return what both must say alike; how text is cut into pieces is chance."""
    if not isinstance(told, list):
        return _plain(told)
    kept: list[Json] = []
    for event in filter(_is_told_by_both, told):
        plain = _plain(event)
        if kept and _delta(plain) and _delta(kept[-1]):
            kept[-1]["update"]["delta"] += plain["update"]["delta"]
        else:
            kept.append(plain)
    return kept


def _delta(event: Json) -> str:
    return event.get("update", {}).get("delta", "")


def _is_told_by_both(event: Json) -> bool:
    return event["type"] not in {"thread.updated", "progress_update"}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        fields = cast("Json", value)
        if fields.get("type") == "error":
            return {"type": "error", "allow_retry": fields["allow_retry"]}
        return {name: _plain(one) for name, one in fields.items() if name not in _OWN}
    return [_plain(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value
