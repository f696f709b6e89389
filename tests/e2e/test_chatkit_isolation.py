"""Whatever has an id in ChatKit's requests: to a second reader it is as if it did not exist.

The places for ids are found in the schema of the OpenAPI document, so that a new one is tested as
soon as it is there.
"""

import json
import re
import secrets
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from proxy.app import create_app
from proxy.settings import load_settings
from tests.support.chatkit_client import ChatKit, Json, said
from tests.support.chatkit_upstream import call
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy
from tests.support.site import reader

LEAST: dict[str, Json] = {
    "threads.create": {"input": said("x")},
    "threads.add_user_message": {"input": said("x")},
    "threads.add_structured_input": {"input": {"status": "skipped"}},
    "threads.custom_action": {"action": {"type": "x"}},
    "threads.sync_custom_action": {"action": {"type": "x"}},
    "threads.update": {"title": "Theirs"},
    "items.feedback": {"kind": "negative"},
}
"""What an operation needs besides its ids."""
_MADE_ANEW = re.compile(r"(thr|msg|req)_[0-9a-f]{24}|\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass(frozen=True)
class Place:
    """Where an id can be put."""

    operation: str
    name: str
    ids: frozenset[str]
    """All that the operation has."""


def _places() -> Iterator[Place]:
    schemas: dict[str, Any] = create_app(load_settings({}, None)).openapi()["components"]["schemas"]
    for member in schemas["ChatKitRequest"]["oneOf"]:
        operation = schemas[member["$ref"].rpartition("/")[2]]["properties"]
        kind = operation["type"]
        params = operation["params"].get("$ref", "").rpartition("/")[2]
        names: list[str] = [*schemas[params]["properties"]] if params else []
        ids = frozenset(n for n in names if n.endswith(("_id", "_ids")) or n == "after")
        for one in kind.get("enum", [kind.get("const")]):
            yield from (Place(one, name, ids) for name in sorted(ids))


PLACES = list(_places())


@dataclass(frozen=True)
class Owned:
    """What the first reader has."""

    thread_id: str
    item_ids: list[str]


@pytest.fixture
def owned(chatkit_server: BookProxy, threaded_gemini: FakeGemini) -> Generator[Owned]:
    """A thread in which all kinds of items stand; nothing of it may change."""
    calls = [call("get_current_page", {}), Stream(["zebra-canary [1]"]), call("ask_reader", {})]
    threaded_gemini.reply(*calls)
    with reader(chatkit_server, secrets.token_hex(4)) as http:
        panel = ChatKit(http)
        told = panel.create("zebra-canary: what do I read?")
        panel.stream("threads.add_client_tool_output", thread_id=told.thread_id, result="x")
        panel.add(told.thread_id, "And?")
        before = panel.thread(told.thread_id)
        yield Owned(told.thread_id, [item["id"] for item in before["items"]["data"]])
        assert panel.thread(told.thread_id) == before


def test_every_operation_with_an_id_was_found() -> None:
    assert {place.operation for place in PLACES} >= {*LEAST} - {"threads.create"}
    assert {place.name for place in PLACES} == {"thread_id", "item_id", "item_ids", "after"}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.operation}-{place.name}")
def test_to_another_reader_it_does_not_exist(
    chatkit_server: BookProxy, owned: Owned, place: Place
) -> None:
    with reader(chatkit_server, secrets.token_hex(4)) as http:
        panel = ChatKit(http)
        own = panel.create("Mine?")
        values = [owned.thread_id] if _names_a_thread(place) else owned.item_ids
        for value in values:
            theirs = _answer(panel, place, value, own.thread_id, own.question["id"])
            nobodys = _answer(panel, place, "thr_none", own.thread_id, own.question["id"])
            assert theirs == nobodys
            assert "zebra-canary" not in theirs[1]


def _names_a_thread(place: Place) -> bool:
    return place.name == "thread_id" or (place.name == "after" and place.operation[0] == "t")


def _answer(
    panel: ChatKit, place: Place, value: str, thread_id: str, item_id: str
) -> tuple[int, str]:
    """Return what comes back, without what is ever new; the other ids are the asking reader's."""
    ids: dict[str, Any] = {"thread_id": thread_id, "item_id": item_id, "item_ids": [item_id]}
    params = {name: ids[name] for name in place.ids if name in ids}
    params[place.name] = [value] if place.name == "item_ids" else value
    body = {"type": place.operation, "params": {**LEAST.get(place.operation, {}), **params}}
    reply = panel.send(json.loads(json.dumps(body)))
    return reply.status_code, _MADE_ANEW.sub("NEW", reply.text.replace(value, "ID"))


def test_a_list_has_nobody_elses_threads(chatkit_server: BookProxy, owned: Owned) -> None:
    with reader(chatkit_server, secrets.token_hex(4)) as http:
        page = ChatKit(http).threads(limit=9999)
    assert owned.thread_id not in [one["id"] for one in page["data"]]
