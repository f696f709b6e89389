"""ChatKit as a reader meets it: threads, citations, what was chosen, what goes wrong."""

import secrets
import time

import pytest

from tests.support.chatkit_client import ChatKit, Stream, frames, marks_in, said
from tests.support.gemini_errors import overloaded, rate_limited
from tests.support.gemini_replies import Reset
from tests.support.gemini_replies import Stream as Words
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.sample_books import PUMPS_URL
from tests.support.serving import BookProxy
from tests.support.site import client, messages, reader
from tests.support.waiting import LONG_ENOUGH_S

FRAME = {"chatkit-frame-instance-id": "frame-1"}
PUMP = "When does the Quillon pump start by itself?"


def test_a_first_question_begins_a_thread_that_is_there_tomorrow(
    chatkit: ChatKit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Words(["Below ", "two bar [1]."]))
    told = chatkit.create(PUMP)
    assert told.kinds == [
        "thread.created",
        "thread.item.done user_message",
        "stream_options",
        "progress_update",
        "thread.item.added assistant_message",
        "assistant_message.content_part.added",
        "assistant_message.content_part.text_delta",
        "assistant_message.content_part.annotation_added",
        "assistant_message.content_part.done",
        "thread.item.done assistant_message",
        "thread.updated",
    ]
    assert told.text == "Below two bar [1]."
    assert told.headers["cache-control"] == "no-cache, no-transform"
    assert told.headers["x-accel-buffering"] == "no"
    assert chatkit.thread(told.thread_id)["items"]["data"] == [told.question, told.answer]
    assert [one["title"] for one in chatkit.threads()["data"]] == [PUMP]


def test_a_citation_leads_to_the_place_in_the_book(
    chatkit: ChatKit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Words(["Two bar 🔧 [1]. And more."]))
    told = chatkit.create(PUMP)
    (mark,) = marks_in(told.answer)
    # JavaScript counts the wrench as two.
    assert mark["index"] == len("Two bar 🔧 [1]") + 1
    source = mark["source"]
    assert source["url"].startswith(f"{PUMPS_URL}/starting#")
    assert source["attribution"] == "pumps.example"
    assert source["group"] == "Starting the pump"
    assert "Quillon pump" in source["description"]


def test_a_thread_goes_on_with_its_history(chatkit: ChatKit, threaded_gemini: FakeGemini) -> None:
    threaded_gemini.reply(Words(["Two bar."]), Words(["Three."]))
    thread_id = chatkit.create("At what pressure does it start?").thread_id
    told = chatkit.add(thread_id, "And stop?")
    assert told.kinds[0] == "thread.item.done user_message"
    prompt = str(threaded_gemini.generating_requests[-1].json)
    assert prompt.index("At what pressure") < prompt.index("Two bar.") < prompt.index("And stop?")
    items = chatkit.items(thread_id, order="asc")["data"]
    assert [item["type"] for item in items] == ["user_message", "assistant_message"] * 2


def test_threads_are_the_conversations_of_the_rest_api(
    chatkit: ChatKit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Words(["Two bar."]))
    thread_id = chatkit.create("When?").thread_id
    kept = messages(chatkit.http, thread_id)
    assert [(one["role"], one["content"]) for one in kept] == [
        ("user", "When?"),
        ("assistant", "Two bar."),
    ]
    asked = {"message": "And then?", "conversation_id": thread_id, "selected_text": "Two bar."}
    assert chatkit.http.post("/api/chat", json=asked).status_code == 200
    question = chatkit.items(thread_id, order="asc")["data"][2]
    assert question["content"] == [{"type": "input_text", "text": "And then?"}]
    assert question["quoted_text"] == "Two bar."


def test_another_answer_takes_the_place_of_all_that_came_after_its_question(
    chatkit: ChatKit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Words(["First."]), Words(["Second."]), Words(["Better."]))
    told = chatkit.create("Why?")
    chatkit.add(told.thread_id, "And then?")
    again = chatkit.stream(
        "threads.retry_after_item", thread_id=told.thread_id, item_id=told.question["id"]
    )
    assert again.kinds[:2] == ["stream_options", "progress_update"]
    assert "First." not in str(threaded_gemini.generating_requests[-1].json)
    items = chatkit.thread(told.thread_id)["items"]["data"]
    assert items == [told.question, again.answer]
    assert again.answer["id"] != told.answer["id"]


@pytest.mark.parametrize("item_id", ["msg_unknown", None])
def test_only_a_question_can_be_answered_again(
    chatkit: ChatKit, threaded_gemini: FakeGemini, item_id: str | None
) -> None:
    threaded_gemini.reply(Words(["First."]))
    told = chatkit.create("Why?")
    wrong = item_id or told.answer["id"]
    again = chatkit.stream("threads.retry_after_item", thread_id=told.thread_id, item_id=wrong)
    assert again.error["allow_retry"] is False
    assert len(threaded_gemini.generating_requests) == 1
    assert len(chatkit.thread(told.thread_id)["items"]["data"]) == 2


def test_what_is_quoted_tagged_and_chosen_is_kept_with_the_question(
    chatkit: ChatKit, threaded_gemini: FakeGemini
) -> None:
    tag = {
        "type": "input_tag",
        "id": "winter",
        "text": "Winter care",
        "data": {"href": "/winter"},
        "interactive": True,
    }
    content = [{"type": "input_text", "text": "What of "}, tag, {"type": "input_text", "text": "?"}]
    chosen = {"model": "gemini-3.5-flash", "tool_choice": {"id": "selected_only"}}
    told = chatkit.stream(
        "threads.create",
        input={"content": content, "quoted_text": "Open valve seven", "inference_options": chosen},
    )
    assert told.question["content"] == content
    assert told.question["quoted_text"] == "Open valve seven"
    assert told.question["inference_options"] == chosen
    assert threaded_gemini.generating_requests[-1].model == "gemini-3.5-flash"
    (question, _) = messages(chatkit.http, told.thread_id)
    assert question["content"] == "What of Winter care?"
    assert (question["selected_text"], question["page_url"]) == ("Open valve seven", "/winter")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "no-such-model"}, "does not exist"),
        ({"tool_choice": {"id": "no_such_tool"}}, "this_page"),
        ({"tool_choice": {"id": "selected_only"}}, "Select"),
    ],
)
def test_a_choice_that_cannot_be_is_an_event(
    chatkit: ChatKit, threaded_gemini: FakeGemini, options: dict[str, object], words: str
) -> None:
    told = chatkit.create("Why?", inference_options=options)
    assert words in told.error["message"]
    assert (told.error["code"], told.error["allow_retry"]) == ("custom", False)
    assert threaded_gemini.generating_requests == []
    assert chatkit.threads()["data"] == []


def test_the_book_can_be_left_out(chatkit: ChatKit, threaded_gemini: FakeGemini) -> None:
    told = chatkit.create(PUMP, inference_options={"tool_choice": {"id": "no_book"}})
    assert "passage" not in threaded_gemini.generating_requests[-1].all_text
    assert marks_in(told.answer) == []


def test_options_of_the_retrieval_come_by_header_and_metadata(
    chatkit_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    with reader(chatkit_server, secrets.token_hex(4)) as http:
        by_header = ChatKit(http, {"x-rag-enabled": "false"}).create(PUMP)
        body = {"type": "threads.create", "params": {"input": said(PUMP)}}
        reply = http.post("/chatkit", json={**body, "metadata": {"rag_enabled": "false", "n": 1}})
    by_metadata = Stream(frames(reply.text))
    assert marks_in(by_header.answer) == marks_in(by_metadata.answer) == []
    assert "passage" not in threaded_gemini.generating_requests[-1].all_text


def test_stop_keeps_what_was_written(
    chatkit: ChatKit, chatkit_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Words(["It begins ", gate, "and never ends."]))
    body = {"type": "threads.create", "params": {"input": said("Tell me a story.")}}
    with chatkit.http.stream("POST", "/chatkit", json=body) as reply:
        for line in reply.iter_lines():
            if "text_delta" in line:
                break
    (thread,) = chatkit.threads()["data"]
    _until_answered(chatkit, thread["id"])
    answer = chatkit.items(thread["id"])["data"][0]
    assert answer["content"][0]["text"] == "It begins"
    gate.open()
    assert "Traceback" not in chatkit_server.stderr


def _until_answered(chatkit: ChatKit, thread_id: str) -> None:
    """Return once the answer is kept; that takes a moment after the reader has gone."""
    until_s = time.monotonic() + LONG_ENOUGH_S
    while len(chatkit.items(thread_id)["data"]) < 2:
        assert time.monotonic() < until_s, "the answer was not kept"


@pytest.mark.parametrize(
    ("failure", "words"), [(overloaded(), "overloaded"), (rate_limited(), "Try again in 7 s")]
)
def test_a_failure_of_the_upstream_is_an_event_that_can_be_retried(
    chatkit: ChatKit, threaded_gemini: FakeGemini, failure: object, words: str
) -> None:
    threaded_gemini.reply_by(lambda request: failure if request.is_sse else None)  # pyright: ignore[reportArgumentType, reportReturnType] - a reply
    told = chatkit.create("Why?")
    assert (told.error["code"], told.error["allow_retry"]) == ("custom", True)
    assert words in told.error["message"]
    assert chatkit.thread(told.thread_id)["items"]["data"] == [told.question]
    threaded_gemini.reply_by(lambda _request: None)
    threaded_gemini.reply(Words(["Because."]))
    again = chatkit.stream(
        "threads.retry_after_item", thread_id=told.thread_id, item_id=told.question["id"]
    )
    assert again.text == "Because."
    assert len(chatkit.thread(told.thread_id)["items"]["data"]) == 2


def test_an_answer_that_breaks_off_keeps_its_text(
    chatkit: ChatKit, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Words(["It begins. ", Reset()]))
    told = chatkit.create("Why?")
    assert told.error["allow_retry"] is True
    assert told.answer["content"][0]["text"] == "It begins."
    assert chatkit.thread(told.thread_id)["items"]["data"] == told.items


def test_an_answer_that_was_cut_says_so(chatkit: ChatKit, threaded_gemini: FakeGemini) -> None:
    threaded_gemini.reply(Words(["It is a long"], finish="MAX_TOKENS"))
    (notice,) = chatkit.create("Why?").of("notice")
    assert (notice["level"], "cut off" in notice["message"]) == ("warning", True)


def test_threads_are_listed_paged_renamed_and_deleted(chatkit: ChatKit) -> None:
    ids = [chatkit.create(f"Question {n}?").thread_id for n in range(3)]
    assert [one["id"] for one in chatkit.threads(limit=9999)["data"]] == ids[::-1]
    assert [one["id"] for one in chatkit.threads(order="asc")["data"]] == ids
    first = chatkit.threads(limit=2)
    assert (first["has_more"], first["after"]) == (True, ids[1])
    rest = chatkit.threads(limit=2, after=first["after"])
    assert (rest["has_more"], [one["id"] for one in rest["data"]]) == (False, ids[:1])
    renamed = chatkit.json("threads.update", thread_id=ids[0], title="Mine")
    assert renamed["title"] == chatkit.thread(ids[0])["title"] == "Mine"
    assert chatkit.json("threads.delete", thread_id=ids[0]) == {}
    assert chatkit.post("threads.get_by_id", thread_id=ids[0]).status_code == 404


def test_items_are_paged_both_ways(chatkit: ChatKit) -> None:
    thread_id = chatkit.create("One?").thread_id
    chatkit.add(thread_id, "Two?")
    whole = chatkit.items(thread_id, order="asc", limit=4)["data"]
    for order, expected in (("asc", whole), ("desc", whole[::-1])):
        seen, after = [], None
        while True:
            page = chatkit.items(
                thread_id, order=order, limit=1, **({"after": after} if after else {})
            )
            seen += page["data"]
            if not page["has_more"]:
                break
            after = page["after"]
        assert seen == expected


def test_feedback_is_kept_and_what_is_gone_is_no_failure(chatkit: ChatKit) -> None:
    told = chatkit.create("Why?")
    ids = [told.answer["id"], "msg_gone"]
    given = chatkit.json("items.feedback", thread_id=told.thread_id, item_ids=ids, kind="negative")
    assert given == {}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "type"),
        ([], "type"),
        ({"type": "threads.nope"}, "type"),
        ({"type": "threads.create", "params": {}}, "params.input"),
        ({"type": "threads.create", "params": {"input": {"content": []}}}, "params.input.content"),
        (
            {"type": "threads.create", "params": {"input": said("x", attachments=["atc_1"])}},
            "params.input.attachments",
        ),
        ({"type": "threads.list", "params": {"limit": 0}}, "params.limit"),
        ({"type": "attachments.create", "params": {"name": "x"}}, "type"),
    ],
)
def test_what_is_no_operation_is_a_400_that_is_not_sent_again(
    chatkit: ChatKit, body: object, param: str
) -> None:
    reply = chatkit.http.post("/chatkit", json=body)
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, param)


def test_a_blank_question_is_an_event(chatkit: ChatKit) -> None:
    assert chatkit.create("  ").error["message"] == "The message is blank."


def test_the_configuration_is_what_a_static_page_needs(chatkit: ChatKit) -> None:
    told = chatkit.http.get("/chatkit/config").json()
    assert told["domainKey"]
    assert [one["prompt"] for one in told["prompts"]] == ["Where do I begin?", "What, if not this?"]
    assert [one["id"] for one in told["models"] if one["default"]] == ["gemini-3.8-flash"]
    assert "selected_only" in [one["id"] for one in told["tools"]]
    assert told["clientTools"] == ["get_current_page"]
    assert told["limits"]["messageChars"] == 32_000


def test_without_a_credential_there_is_no_panel(chatkit_server: BookProxy) -> None:
    with client(chatkit_server) as http:
        assert ChatKit(http).post("threads.list").status_code == 401
        assert http.get("/chatkit/config").status_code == 401
