"""What authors see of what readers ask, and of how the books are searched."""

import csv
import io
import json
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.chat_page import ANSWER, QUESTION
from tests.support.command_line import CommandLine
from tests.support.gemini_replies import Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import NOTES, PUMPS, PUMPS_URL
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN, ask, reader
from tests.support.waiting import LONG_ENOUGH_S

START = "Starting the pump › Pressure switch"
START_URL = f"{PUMPS_URL}/starting#pressure-switch"
STRANGE = "Which wine goes with a roast pheasant?"
Logging = Callable[[str], BookProxy]


@pytest.fixture
def logging(
    gemini_env: dict[str, str],
    books_of_gemini: Callable[[], Path],
) -> Generator[Logging]:
    """Starts a server whose readers sign in, with a log of questions as privacy has it."""
    opened: list[BookProxy] = []

    def start(setting: str) -> BookProxy:
        env = {**gemini_env, **PATIENT, **SIGNS_IN, "PROXY_QUESTION_LOG": setting}
        env |= {"PROXY_REWRITE": "rules", "RATE_LIMIT_RPM": "0"}
        opened.append(BookProxy(env, data_dir=books_of_gemini()).__enter__())
        return opened[-1]

    yield start
    for server in opened:
        server.__exit__(None, None, None)


def got(http: httpx.Client, path: str, **query: Any) -> Any:
    reply = http.get(f"/api/insights/{path}", params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


def asked_around(server: BookProxy, gemini: FakeGemini) -> None:
    """Have one reader ask what the book knows, and another twice what it does not."""
    gemini.reply(Stream([ANSWER]), Text("I do not know."), Text("Still not."))
    with reader(server, "ann") as ann, reader(server, "bob") as bob:
        with ann.stream("POST", "/api/chat/stream", json={"message": QUESTION}) as reply:
            assert "done" in reply.read().decode()
        ask(bob, STRANGE)
        ask(ann, f"{STRANGE} Please.")


def test_an_author_sees_what_was_asked_and_how_the_book_served(
    logging: Logging, threaded_gemini: FakeGemini
) -> None:
    server = logging("full")
    asked_around(server, threaded_gemini)
    with reader(server, "ed", role="author") as author:
        summary = got(author, "summary", days=1)
        assert summary["question_log"] == "full"
        (day,) = summary["days"]
        assert {name: day[name] for name in ("grounded", "no-match", "degraded", "off")} == {
            "grounded": 1,
            "no-match": 2,
            "degraded": 0,
            "off": 0,
        }
        (group,) = got(author, "questions")
        assert (group["count"], sorted(group["wordings"])) == (2, [STRANGE, f"{STRANGE} Please."])
        assert {near["url"].startswith(("http://", "https://")) for near in group["nearby"]} == {
            True
        }
        sections = {one["title"]: one for one in got(author, "sections")}
        assert sections[START] == {
            "book": PUMPS,
            "title": START,
            "url": START_URL,
            "given": 1,
            "cited": 1,
            "liked": 0,
            "disliked": 0,
        }
        assert all(one["cited"] == 0 for title, one in sections.items() if title != START)


def test_a_table_is_had_for_a_spreadsheet(logging: Logging, threaded_gemini: FakeGemini) -> None:
    server = logging("full")
    asked_around(server, threaded_gemini)
    with reader(server, "ed", role="author") as author:
        reply = author.get("/api/insights/questions", params={"format": "csv"})
    assert reply.headers["content-disposition"] == 'attachment; filename="questions.csv"'
    (row,) = csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig")))
    assert row["count"] == "2"
    assert STRANGE in row["wordings"]


def test_what_readers_think_counts_for_the_sections_they_were_shown(
    logging: Logging, threaded_gemini: FakeGemini
) -> None:
    server = logging("full")
    threaded_gemini.reply(Text(ANSWER))
    with reader(server, "ann") as ann, reader(server, "ed", role="author") as author:
        conversation = ask(ann, QUESTION)["conversation_id"]
        told = {"rating": "negative", "comment": "It was three bar."}
        assert ann.post(f"/api/chat/{conversation}/feedback", json=told).status_code < 300
        (rated,) = got(author, "feedback")
        assert (rated["rating"], rated["comment"]) == ("negative", "It was three bar.")
        (first, *_) = got(author, "sections")
        assert (first["title"], first["disliked"]) == (START, 1)


def test_a_hashed_log_keeps_places_and_counts_and_no_word_of_a_reader(
    logging: Logging, threaded_gemini: FakeGemini
) -> None:
    server = logging("hashed")
    asked_around(server, threaded_gemini)
    with reader(server, "boss", role="admin") as admin:
        assert [one["title"] for one in got(admin, "sections") if one["cited"]] == [START]
        (*kept,) = admin.get("/api/interactions").json()
        groups = got(admin, "questions")
    assert {len(one["question"]) for one in kept} == {64}
    assert sorted(one["rag_status"] for one in kept) == ["grounded", "no-match", "no-match"]
    cited = [place for one in kept for place in one["passages"] if place["cited"]]
    assert cited == [{"book": PUMPS, "title": START, "url": START_URL, "cited": True}]
    assert {len(group["question"]) for group in groups} == {64}


def test_without_a_log_there_is_nothing_to_see_and_it_is_said(
    logging: Logging, threaded_gemini: FakeGemini
) -> None:
    server = logging("off")
    asked_around(server, threaded_gemini)
    with reader(server, "ed", role="author") as author:
        summary = got(author, "summary")
        assert summary["question_log"] == "off"
        assert {day["grounded"] + day["no-match"] for day in summary["days"]} == {0}
        assert [got(author, path) for path in ("questions", "sections")] == [[], []]


def test_chatkit_and_the_openai_api_are_in_the_log_too(
    logging: Logging, threaded_gemini: FakeGemini
) -> None:
    server = logging("full")
    threaded_gemini.reply(Text(ANSWER), Stream([ANSWER]), Text("A title"))
    chat = {
        "model": "gemini-3.8-flash",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": QUESTION},
        ],
    }
    content = [{"type": "input_text", "text": QUESTION}]
    said: dict[str, Any] = {
        "content": content,
        "attachments": [],
        "inference_options": {},
        "quoted_text": None,
    }
    with reader(server, "ann") as ann, reader(server, "boss", role="admin") as admin:
        assert ann.post("/v1/chat/completions", json=chat).status_code == 200
        thread = {"type": "threads.create", "params": {"input": said}}
        assert "thread.item.done" in ann.post("/chatkit", json=thread).text
        (section, *_) = got(admin, "sections")
        assert (section["title"], section["given"], section["cited"]) == (START, 2, 2)
        assert {line["question"] for line in admin.get("/api/interactions").json()} == {QUESTION}


def author_of(book: str, server: BookProxy, commands: CommandLine) -> httpx.Client:
    """Return a client with a new key that is good for one book."""
    env = {"PROXY_DATA_DIR": str(server.data_dir)}
    made = commands(
        *("keys", "create", "--name", f"author of {book}", "--role", "author"),
        *("--books", book, "--rpm", "7", "--json"),
        env=env,
    )
    headers = {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=LONG_ENOUGH_S)


def test_authors_see_their_books_and_readers_see_none(
    logging: Logging, threaded_gemini: FakeGemini, command_line: CommandLine
) -> None:
    server = logging("full")
    asked_around(server, threaded_gemini)
    with (
        reader(server, "ann") as nobody,
        author_of(NOTES, server, command_line) as of_notes,
        author_of(PUMPS, server, command_line) as of_pumps,
        reader(server, "boss", role="admin") as admin,
    ):
        for path in ("summary", "questions", "sections", "feedback"):
            assert nobody.get(f"/api/insights/{path}").status_code == 403
        trial = {"question": QUESTION}
        assert nobody.post("/api/insights/retrieval", json=trial).status_code == 403
        assert nobody.get("/api/keys").status_code == 403
        assert of_pumps.get("/api/keys").status_code == 403
        assert of_notes.get("/api/insights/feedback").status_code == 403
        assert got(of_notes, "sections") == []
        assert START not in str(got(of_notes, "questions"))
        books = {one["book"] for one in tried(of_notes, question=QUESTION)["chunks"].values()}
        assert books <= {NOTES}
        refused = {"question": QUESTION, "rag": {"books": [PUMPS]}}
        reply = of_notes.post("/api/insights/retrieval", json=refused)
        assert (reply.status_code, reply.json()["error"]["code"]) == (400, "book_not_found")
        assert {one["book"] for one in tried(of_pumps, question=QUESTION)["passages"]} == {PUMPS}
        keys = admin.get("/api/keys").json()
        limits = {one["books"]: (one["rpm"], one["tpm"], one["state"]) for one in keys["keys"]}
        assert limits == {NOTES: (7, None, "active"), PUMPS: (7, None, "active")}
        assert keys["default"] == {"rpm": 0, "tpm": 200_000, "tokens_per_day": 0}
        assert "digest" not in str(keys)


def tried(http: httpx.Client, **body: Any) -> dict[str, Any]:
    reply = http.post("/api/insights/retrieval", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def stages(trial: Mapping[str, Any]) -> set[str]:
    return {stage["stage"] for stage in trial["explain"]["stages"]}


def test_a_search_is_told_stage_by_stage_and_two_settings_can_be_compared(
    offline_server: BookProxy,
) -> None:
    with httpx.Client(base_url=offline_server.url, timeout=LONG_ENOUGH_S) as http:
        both = tried(http, question=QUESTION)
        words = tried(http, question=QUESTION, mode="bm25", rag={"top_k": 1, "books": [PUMPS]})
        strict = tried(http, question=QUESTION, rag={"min_score": 0.99})
        lost = tried(http, question=STRANGE)
    assert (both["status"], both["mode"]) == ("grounded", "hybrid")
    assert {"meaning", "terms", "fused", "chosen"} <= stages(both)
    assert both["passages"][0]["title"].startswith("Starting the pump")
    named = {one["chunk_id"] for stage in both["explain"]["stages"] for one in stage["best"]}
    assert named <= set(both["chunks"])
    best = both["explain"]["stages"][0]["best"][0]
    assert set(both["chunks"][best["chunk_id"]]) == {"book", "title", "url", "filepath"}
    assert "meaning" not in stages(words)
    assert (words["mode"], words["top_k"], len(words["passages"])) == ("bm25", 1, 1)
    assert (strict["status"], strict["explain"]["floor"]) == ("no-match", 0.99)
    assert {one["reason"] for one in strict["explain"]["dropped"]} >= {"scores below the floor"}
    assert (lost["status"], lost["passages"]) == ("no-match", [])
    assert lost["nearby"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "question"),
        ({"question": "x", "mode": "magic"}, "mode"),
        ({"question": "x", "rag": {"top_k": 0}}, "rag.top_k"),
        ({"question": "x", "rag": {"books": ["nowhere"]}}, "rag.books"),
        ({"question": "x", "rag": {"selected_text": "y"}}, "rag.selected_text"),
    ],
)
def test_a_wrong_trial_is_refused(
    offline_server: BookProxy, body: dict[str, Any], param: str
) -> None:
    reply = httpx.post(
        f"{offline_server.url}/api/insights/retrieval", json=body, timeout=LONG_ENOUGH_S
    )
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, param)


def test_a_search_that_is_switched_off_explains_nothing(offline_server: BookProxy) -> None:
    with httpx.Client(base_url=offline_server.url, timeout=LONG_ENOUGH_S) as http:
        off = tried(http, question=QUESTION, rag={"enabled": False})
    assert (off["status"], off["explain"], off["chunks"]) == ("off", None, {})
