"""ChatKit.js sends again, with the id of its frame, what it got no answer to."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.support.chatkit_client import ChatKit
from tests.support.gemini_replies import Reset
from tests.support.gemini_replies import Stream as Words
from tests.support.gemini_server import FakeGemini

FRAME = {"chatkit-frame-instance-id": "frame-1"}


def test_submitted_twice_an_answer_that_has_just_ended_is_given_again(
    new_reader: httpx.Client, threaded_gemini: FakeGemini
) -> None:
    panel = ChatKit(new_reader, FRAME)
    first, second = panel.create("Why?"), panel.create("Why?")
    assert second.thread_id == first.thread_id
    assert second.items == first.items
    assert len(threaded_gemini.generating_requests) == 1
    assert len(panel.threads()["data"]) == 1


def test_submitted_twice_a_question_that_failed_is_answered_in_its_place(
    new_reader: httpx.Client, threaded_gemini: FakeGemini
) -> None:
    panel = ChatKit(new_reader, FRAME)
    threaded_gemini.reply(Words(["It begins ", Reset()]), Words(["Because."]))
    first, second = panel.create("Why?"), panel.create("Why?")
    assert second.thread_id == first.thread_id
    assert second.question == first.question
    items = panel.thread(first.thread_id)["items"]["data"]
    assert items == [first.question, second.answer]


def test_submitted_twice_a_further_question_is_not_doubled(
    new_reader: httpx.Client, threaded_gemini: FakeGemini
) -> None:
    panel = ChatKit(new_reader, FRAME)
    thread_id = panel.create("Why?").thread_id
    first, second = panel.add(thread_id, "And?"), panel.add(thread_id, "And?")
    assert second.items == first.items
    assert len(threaded_gemini.generating_requests) == 2
    assert len(panel.items(thread_id)["data"]) == 4


def test_another_frame_and_other_words_are_other_questions(new_reader: httpx.Client) -> None:
    panels = [
        ChatKit(new_reader, FRAME),
        ChatKit(new_reader, {**FRAME, "chatkit-frame-instance-id": "2"}),
    ]
    ids = {panel.create("Why?").thread_id for panel in panels}
    ids |= {panels[1].create("Why not?").thread_id, ChatKit(new_reader).create("Why?").thread_id}
    assert len(ids) == 4


def test_submitted_twice_at_once_it_is_answered_once(
    new_reader: httpx.Client, threaded_gemini: FakeGemini
) -> None:
    panel = ChatKit(new_reader, FRAME)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(panel.create, ["Why?"] * 4))
    assert len({one.thread_id for one in told}) == 1
    assert len({one.text or one.answer["content"][0]["text"] for one in told}) == 1
    assert len(threaded_gemini.generating_requests) == 1
    assert len(panel.items(told[0].thread_id)["data"]) == 2
