"""Calls of the page, questions back, actions: a thread that waits for somebody and goes on."""

import pytest

from tests.support.chatkit_client import ChatKit
from tests.support.chatkit_upstream import call
from tests.support.gemini_replies import Stream as Words
from tests.support.gemini_server import FakeGemini


def test_a_call_of_the_page_waits_for_its_result_and_goes_on(
    chatkit: ChatKit, threaded_gemini: FakeGemini
) -> None:
    arguments = {"include_selection": True}
    threaded_gemini.reply(
        call("get_current_page", arguments, before="Let me look. "), Words(["You read winter."])
    )
    told = chatkit.create("What do I read?")
    text, waiting = told.items[1:]
    assert text["content"][0]["text"] == "Let me look. "
    assert (waiting["status"], waiting["name"]) == ("pending", "get_current_page")
    assert waiting["arguments"] == arguments
    went_on = chatkit.stream(
        "threads.add_client_tool_output", thread_id=told.thread_id, result={"url": "/winter"}
    )
    sent = threaded_gemini.generating_requests[-1].json["contents"]
    (result,) = [p["functionResponse"] for c in sent for p in c["parts"] if "functionResponse" in p]
    assert (result["name"], result["response"]) == ("get_current_page", {"url": "/winter"})
    items = chatkit.thread(told.thread_id)["items"]["data"]
    assert items[:2] == [told.question, text]
    assert (items[2]["status"], items[2]["output"]) == ("completed", {"url": "/winter"})
    assert items[3] == went_on.answer


def test_a_result_that_nothing_waits_for_is_refused(
    chatkit: ChatKit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(call("get_current_page", {}), Words(["Winter."]))
    told = chatkit.create("What do I read?")
    output = {"thread_id": told.thread_id, "result": "/winter"}
    assert chatkit.stream("threads.add_client_tool_output", **output).text == "Winter."
    again = chatkit.stream("threads.add_client_tool_output", **output)
    assert again.error["allow_retry"] is False
    assert len(threaded_gemini.generating_requests) == 2


@pytest.mark.parametrize(
    ("given", "status", "answer"),
    [
        ({"answers": {"answer": {"values": ["Beginner"]}}}, "answered", ["Beginner"]),
        ({"status": "skipped"}, "skipped", []),
        ({"answers": {"answer": {"skipped": True, "values": ["x"]}}}, "skipped", []),
    ],
)
def test_the_model_asks_back_and_hears_the_answer(
    chatkit: ChatKit,
    threaded_gemini: FakeGemini,
    given: dict[str, object],
    status: str,
    answer: list[str],
) -> None:
    asked = {"question": "Which level?", "options": ["Beginner", "Expert"]}
    threaded_gemini.reply(call("ask_reader", asked), Words(["Then so."]))
    told = chatkit.create("Explain it to me.")
    question = told.answer
    assert (question["type"], question["status"]) == ("structured_input", "pending")
    assert question["inputs"][0]["options"] == [{"value": "Beginner"}, {"value": "Expert"}]
    went_on = chatkit.stream(
        "threads.add_structured_input",
        thread_id=told.thread_id,
        item_id=question["id"],
        input=given,
    )
    (replaced,) = went_on.of("thread.item.replaced")
    assert replaced["item"]["status"] == status
    assert replaced["item"]["inputs"][0]["answer"]["values"] == answer
    assert chatkit.thread(told.thread_id)["items"]["data"] == [
        told.question,
        replaced["item"],
        went_on.answer,
    ]


def test_an_action_comes_back_to_the_page(chatkit: ChatKit, threaded_gemini: FakeGemini) -> None:
    told = chatkit.create("Why?")
    count = len(threaded_gemini.generating_requests)
    done = [
        chatkit.stream(
            "threads.custom_action",
            thread_id=told.thread_id,
            item_id=told.answer["id"],
            action={"type": kind, "payload": {"url": "/x"}},
        )
        for kind in ("open_source", "paint")
    ]
    effects = [one.of("client_effect")[0] for one in done]
    assert [one["name"] for one in effects] == ["open_page", "paint"]
    assert [one["data"] for one in effects] == [{"url": "/x"}] * 2
    assert len(threaded_gemini.generating_requests) == count
    unknown = chatkit.stream(
        "threads.custom_action",
        thread_id=told.thread_id,
        item_id="msg_unknown",
        action={"type": "paint"},
    )
    assert unknown.error["allow_retry"] is False
