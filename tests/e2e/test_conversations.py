"""Conversations of the book site: asked, continued, there again tomorrow."""

from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from tests.support.gemini_replies import Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN, ask, client, events, messages, reader
from tests.support.waiting import LONG_ENOUGH_S


@pytest.fixture(scope="module")
def site(gemini_env: dict[str, str]) -> Generator[BookProxy]:
    """A proxy whose readers sign in; anonymous ones may come, too."""
    env = {**gemini_env, **SIGNS_IN, "PROXY_ALLOW_ANONYMOUS": "true", "RATE_LIMIT_RPM": "0"}
    with BookProxy({**env, "PROXY_QUESTION_LOG": "full", "PROXY_REWRITE": "rules"}) as server:
        yield server


def prompts(gemini: FakeGemini) -> str:
    """Return what the upstream was asked last, as text."""
    return str(gemini.generating_requests[-1].json)


def test_an_answer_has_all_that_the_site_shows(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Text("Two bar."))
    with reader(site, "ann") as http:
        answer = ask(http, "Where does it start?")
    assert answer["response"] == "Two bar."
    assert (answer["citations"], answer["grounded"], answer["saved"]) == ([], False, True)
    assert answer["model_used"] == "gemini-3.8-flash"
    assert answer["conversation_id"].startswith("conv_")
    assert answer["timestamp"].endswith("Z")


def test_a_conversation_goes_on_with_what_was_said(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Text("Two bar."), Text("Three."))
    with reader(site, "ann") as http:
        first = ask(http, "At what pressure does it start?")
        second = ask(http, "And stop?", conversation_id=first["conversation_id"])
        assert second["conversation_id"] == first["conversation_id"]
        said = prompts(threaded_gemini)
        assert said.index("At what pressure") < said.index("Two bar.") < said.index("And stop?")
        kept = messages(http, first["conversation_id"])
    assert [one["role"] for one in kept] == ["user", "assistant"] * 2
    assert [one["content"] for one in kept][1::2] == ["Two bar.", "Three."]


def test_a_selection_is_answered_from_alone_within_a_conversation_too(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Text("The canary pressure is two bar."), Text("Ten."))
    with reader(site, "ann") as http:
        first = ask(http, "At what pressure does it start?")
        more = {"selected_text": "The tank holds ten litres.", "page_context": "/tanks"}
        ask(http, "How much?", conversation_id=first["conversation_id"], **more)
        kept = http.get(f"/api/chat/history/{first['conversation_id']}").json()["messages"]
    said = prompts(threaded_gemini)
    assert "The tank holds ten litres." in said
    assert "canary" not in said
    assert kept[2]["selected_text"] == "The tank holds ten litres."
    assert kept[2]["page_url"] == "/tanks"


def test_a_readers_level_reaches_the_model(site: BookProxy, threaded_gemini: FakeGemini) -> None:
    with reader(site, "ida", software_background="beginner") as http:
        ask(http, "Why?", selected_text="The tank holds ten litres.")
        claimed = prompts(threaded_gemini)
        http.put("/api/me", json={"software_background": "expert"})
        ask(http, "Why?", selected_text="The tank holds ten litres.")
        stored = prompts(threaded_gemini)
    assert "beginner" in claimed
    assert "beginner" not in stored
    assert "expert" in stored


def test_a_stream_says_the_same_in_pieces(site: BookProxy, threaded_gemini: FakeGemini) -> None:
    threaded_gemini.reply(Stream(["Two ", "bar."]))
    with (
        reader(site, "ann") as http,
        http.stream("POST", "/api/chat/stream", json={"message": "Where?"}) as reply,
    ):
        assert reply.headers["content-type"].startswith("text/event-stream")
        seen = list(events(reply))
        kept = messages(http, seen[0]["conversation_id"])
    kinds = [one["type"] for one in seen]
    assert (kinds[0], kinds[-2:]) == ("start", ["citations", "done"])
    assert "".join(one["text"] for one in seen if one["type"] == "delta") == "Two bar."
    assert seen[-1]["saved"]
    assert kept[1]["content"] == "Two bar."
    assert kept[1]["id"] == seen[0]["message_id"] == seen[-1]["message_id"]


def test_what_a_reader_broke_off_is_kept_as_far_as_it_came(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    threaded_gemini.reply(Stream(["One", gate, " two"]))
    with reader(site, "ann") as http:
        with http.stream("POST", "/api/chat/stream", json={"message": "Count."}) as reply:
            seen = events(reply)
            start = next(seen)
            assert next(seen)["text"] == "One"
        # Closing the connection is what the proxy hears of; then it writes.
        kept = messages(http, start["conversation_id"])
        while len(kept) < 2:
            kept = messages(http, start["conversation_id"])
    assert (kept[1]["content"], kept[1]["status"]) == ("One", "interrupted")


def test_a_question_takes_the_place_of_an_earlier_one_and_what_followed_is_forgotten(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(*(Text(f"Answer {n}.") for n in (1, 2, 3)))
    with reader(site, "ann") as http, reader(site, "eve") as other:
        first = ask(http, "How many pumps?")
        of = {"conversation_id": first["conversation_id"], "replaces": first["question_id"]}
        ask(http, "How many valves?", conversation_id=first["conversation_id"])
        third = ask(http, "How many levers?", **of)
        kept = messages(http, first["conversation_id"])
        refused = [
            one.post("/api/chat", json={"message": "Why?", **of, **changed})
            for one, changed in (
                (other, {}),
                (http, {"replaces": first["message_id"]}),
                (http, {"conversation_id": None}),
            )
        ]
    assert third["question_id"] == first["question_id"]
    assert "How many" not in prompts(threaded_gemini).replace("How many levers?", "")
    assert [one["content"] for one in kept] == ["How many levers?", "Answer 3."]
    assert [one.status_code for one in refused] == [404, 404, 404]


def test_how_much_of_the_book_may_answer_is_said_and_kept(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Text("Well."))
    with reader(site, "ann") as http:
        answer = ask(http, "How many?", scope="page", page_context="/pumps")
        kept = messages(http, answer["conversation_id"])
        wrong = http.post("/api/chat", json={"message": "How many?", "scope": "shelf"})
    assert (kept[0]["scope"], kept[0]["page_url"]) == ("page", "/pumps")
    assert wrong.status_code == 400


def test_a_failure_in_mid_stream_is_an_event_and_is_kept(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["One"], finish=None))
    with (
        reader(site, "ann") as http,
        http.stream("POST", "/api/chat/stream", json={"message": "Count."}) as reply,
    ):
        seen = list(events(reply))
        kept = messages(http, seen[0]["conversation_id"])
    assert seen[-1]["type"] == "error"
    assert seen[-1]["error"]["code"] == "upstream_truncated"
    assert (kept[1]["content"], kept[1]["status"]) == ("One", "error")


def test_an_unknown_conversation_is_a_404_before_anything_is_asked(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    with reader(site, "ann") as http:
        for path in ("/api/chat", "/api/chat/stream"):
            body = {"message": "And?", "conversation_id": "conv_nothing"}
            reply = http.post(path, json=body)
            assert reply.status_code == 404
            assert reply.json()["error"]["code"] == "conversation_not_found"
    assert threaded_gemini.generating_requests == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat", {"message": "Why?"}),
        ("/api/v1/chat", {"query": "Why?"}),
        ("/api/v1/chat_conversation", {"query": "Why?", "session_id": "my tab"}),
    ],
)
def test_the_names_of_the_first_documents_work(
    site: BookProxy, path: str, body: dict[str, str]
) -> None:
    with reader(site, "dora") as http:
        first = http.post(path, json=body).json()
        assert first["response"]
        if "session_id" in body:
            again = http.post(path, json=body).json()
            assert again["conversation_id"] == first["conversation_id"]
            assert len(messages(http, first["conversation_id"])) == 4


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "message"),
        ({"message": ""}, "message"),
        ({"message": "  \n"}, "message"),
        ({"message": "x" * 8_001}, "message"),
        ({"message": 7}, "message"),
        ({"message": "x", "conversation_id": ""}, "conversation_id"),
        ({"message": "x", "page_context": "x" * 2_049}, "page_context"),
        ({"message": "x", "book": "nowhere"}, "book"),
        ({"message": "x", "scope": "page"}, "page_context"),
        ({"message": "x", "scope": "selection"}, "selected_text"),
        ({"message": "x", "scope": "shelf"}, "scope"),
    ],
)
def test_what_cannot_be_asked_is_said(site: BookProxy, body: dict[str, object], param: str) -> None:
    with reader(site, "ann") as http:
        reply = http.post("/api/chat", json=body)
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert error["param"] == param
    assert "page_url" not in error["message"]


def test_what_a_header_asks_for_in_vain_is_called_as_in_the_header(site: BookProxy) -> None:
    with reader(site, "ann") as http:
        headers = {"x-rag-books": "nowhere"}
        reply = http.post("/api/chat", json={"message": "x"}, headers=headers)
    assert reply.json()["error"]["param"] == "rag.books"


def test_a_field_that_nobody_knows_is_named_in_a_header(site: BookProxy) -> None:
    with reader(site, "ann") as http:
        reply = http.post("/api/chat", json={"message": "x", "book_id": "manual", "Book": "b"})
    assert reply.headers["x-ignored-params"] == "Book,book_id"


def test_pages_of_history(site: BookProxy) -> None:
    with reader(site, "eve") as http:
        chat = ask(http, "1")["conversation_id"]
        for n in "23":
            ask(http, n, conversation_id=chat)
        path = f"/api/chat/history/{chat}"
        first = http.get(path, params={"limit": 4}).json()
        rest = http.get(path, params={"limit": 4, "after": first["messages"][-1]["id"]}).json()
    asked = [
        one["content"] for one in first["messages"] + rest["messages"] if one["role"] == "user"
    ]
    assert asked == ["1", "2", "3"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


def test_deleting_and_feedback(site: BookProxy) -> None:
    with reader(site, "fay") as http:
        chat = ask(http, "1")["conversation_id"]
        path = f"/api/chat/{chat}"
        assert http.post(f"{path}/feedback", json={"rating": "positive"}).status_code == 200
        assert http.post(f"{path}/feedback", json={"rating": "great"}).status_code == 400
        assert http.delete(path).json() == {"conversation_id": chat, "deleted": True}
        assert http.delete(path).status_code == 404
        assert http.post(f"{path}/feedback", json={"rating": "positive"}).status_code == 404


def test_a_profile_is_claimed_then_changed_and_counts_what_was_used(site: BookProxy) -> None:
    with reader(site, "gil", software_background="expert") as http:
        assert http.get("/api/me").json()["software_background"] == "expert"
        changed = http.put("/api/me", json={"hardware_background": "beginner"}).json()
        assert changed["software_background"] == "expert"
        assert changed["hardware_background"] == "beginner"
        assert http.put("/api/me", json={"software_background": "wizard"}).status_code == 400
        taken_back = http.put("/api/me", json={"hardware_background": None}).json()
        assert taken_back["hardware_background"] is None
        ask(http, "1")
        used = http.get("/api/me").json()["usage"]
    assert used["requests"] == 1
    assert used["total_tokens"] > 0


def test_an_anonymous_reader_keeps_the_id_it_is_given(site: BookProxy) -> None:
    with client(site) as http:
        first = http.post("/api/chat", json={"message": "1"})
        chat = first.json()["conversation_id"]
        mine = {"x-anonymous-id": first.headers["x-anonymous-id"]}
        assert http.get(f"/api/chat/history/{chat}", headers=mine).status_code == 200
        assert http.get(f"/api/chat/history/{chat}").status_code == 404
        forged = {"x-anonymous-id": mine["x-anonymous-id"][:-2] + "xx"}
        assert http.get(f"/api/chat/history/{chat}", headers=forged).status_code == 401
        again = http.post("/api/chat", json={"message": "2"}, headers=mine)
        assert "x-anonymous-id" not in again.headers


def test_admins_see_who_used_what_and_readers_do_not(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Text("Two bar."))
    with reader(site, "hal") as http, reader(site, "boss", role="admin") as boss:
        ask(http, "What did Hal ask?")
        for path in ("/api/usage", "/api/interactions", "/metrics"):
            assert http.get(path).status_code == 403
        rows = boss.get("/api/usage", params={"caller": "jwt:hal"}).json()
        (line,) = [
            one for one in boss.get("/api/interactions").json() if one["caller"] == "jwt:hal"
        ]
        assert "book_proxy_" in boss.get("/metrics").text
    assert [(row["requests"], row["model"]) for row in rows] == [(1, "gemini-3.8-flash")]
    assert (line["question"], line["answer"]) == ("What did Hal ask?", "Two bar.")
    assert line["status"] == "complete"


def test_conversations_are_there_after_a_restart(
    gemini_env: dict[str, str], tmp_path: Path
) -> None:
    for attempt in range(2):
        with (
            BookProxy({**gemini_env, **SIGNS_IN}, data_dir=tmp_path / "data") as server,
            reader(server, "ann") as http,
        ):
            ask(http, "again", session_id="tab")
            listed = http.get("/api/chat/conversations").json()["conversations"]
            assert len(messages(http, listed[0]["conversation_id"])) == 2 * (attempt + 1)


def test_health_by_the_sites_names(site: BookProxy) -> None:
    for path in ("/api/health", "/api/health/db", "/api/health/qdrant"):
        assert httpx.get(f"{site.url}{path}", timeout=LONG_ENOUGH_S).json() == {"status": "ok"}
