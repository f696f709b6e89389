"""Kept messages as ChatKit shows them."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from proxy.api.chatkit.items import annotations, item_object, items_of, page_object
from proxy.dialogue.calls import call_message, with_result
from proxy.protocol.chat_events import ToolCallDelta
from proxy.store import Message
from tests.support.chatkit_client import ITEM, strictly

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def message(text: str = "Because.", kind: str = "assistant") -> Message:
    return Message(message_id="msg_1", kind=kind, text=text, created=NOW)


def citation(*ends: int, url: str = "https://b.example/x#y", text: str = "t") -> dict[str, object]:
    return {"index": 1, "text": text, "title": "Page › Part", "page_url": url, "ends": list(ends)}


def test_an_answer_that_said_nothing_and_kinds_of_others_are_not_shown() -> None:
    shown = items_of([message(""), message(kind="note"), message("Yes.")], "thr_1")
    assert [item["content"][0]["text"] for item in shown] == ["Yes."]


def test_a_question_from_elsewhere_is_shown_with_what_was_selected() -> None:
    asked = replace(message("Why?", "user"), details={"selected_text": "This."})
    item = item_object(asked, "thr_1")
    assert item is not None
    strictly(ITEM, item)
    assert (item["content"][0]["text"], item["quoted_text"]) == ("Why?", "This.")


@given(text=st.text(max_size=40), data=st.data())
def test_a_marker_stands_where_javascript_counts(text: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(text)))
    (mark,) = annotations(text, [citation(end)])
    assert mark["index"] == len(text[:end].encode("utf-16-le", "surrogatepass")) // 2


def test_markers_come_in_the_order_of_the_text() -> None:
    marks = annotations("x" * 40, [citation(30, 10), citation(20)])
    assert [mark["index"] for mark in marks] == [10, 20, 30]


def test_a_source_without_a_site_claims_none_and_a_long_passage_is_cut() -> None:
    (mark,) = annotations("x", [citation(1, url="/v1/sources/1", text="word " * 100)])
    assert "attribution" not in mark["source"]
    assert len(mark["source"]["description"]) == 240
    assert mark["source"]["description"].endswith("…")


def test_citations_of_before_places_were_kept_have_no_marker() -> None:
    old = {"index": 1, "text": "t", "title": "T", "page_url": "u"}
    assert annotations("x", [old]) == []


def test_only_a_page_that_is_not_the_last_has_a_place_to_go_on() -> None:
    assert "after" not in page_object([], has_more=False, last_id="x")
    assert "after" not in page_object([], has_more=True, last_id=None)
    assert page_object([], has_more=True, last_id="x")["after"] == "x"


def test_a_question_back_without_options_is_answered_in_ones_own_words() -> None:
    call = ToolCallDelta(0, "c", "ask_reader", '{"question": "Which board?"}')
    kept = call_message("msg_1", call, model="m", now=NOW)
    done = with_result(kept, {"answer": ["Jetson"], "skipped": False})
    items = [item_object(one, "thr_1") for one in (kept, done)]
    for item in items:
        strictly(ITEM, item)
    assert [item["inputs"][0]["type"] for item in items if item] == ["freeform"] * 2
