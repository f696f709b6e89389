"""A key that is for one book: every other is as one that does not exist, wherever it is named."""

import json
import re
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.command_line import CommandLine
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import NOTES, PUMPS
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

QUESTION = "When does the Quillon pump start by itself?"
UNKNOWN = "no-such-book"
SAID = {"content": [{"type": "input_text", "text": QUESTION}]}
_MADE_ANEW = re.compile(
    r"(conv|msg|thr|req|chatcmpl|resp)[_-][0-9A-Za-z]{20,}|\d{4}-\d\d-\d\dT[\d:.]+Z"
)


@dataclass(frozen=True)
class Place:
    """Where a book can be named; `BOOK` stands for it."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    header: str | None = None

    def send(self, http: httpx.Client, book: str) -> tuple[int, str]:
        """Return what comes back, without what is ever new."""
        body = (
            None if self.body is None else json.loads(json.dumps(self.body).replace("BOOK", book))
        )
        headers = {self.header: book} if self.header else {}
        path = self.path.replace("BOOK", book)
        reply = http.request(self.method, path, json=body, headers=headers)
        return reply.status_code, _MADE_ANEW.sub("NEW", reply.text.replace(book, "BOOK"))


CHAT: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": QUESTION}]}
PLACES = [
    Place("POST", "/v1/chat/completions", {**CHAT, "model": "gpt-4o:book=BOOK"}),
    Place("POST", "/v1/chat/completions", {**CHAT, "rag": {"books": ["BOOK"]}}),
    Place("POST", "/v1/chat/completions", {**CHAT, "metadata": {"rag_books": "BOOK"}}),
    Place("POST", "/v1/chat/completions", CHAT, "x-rag-books"),
    Place("POST", "/v1/responses", {"model": "gpt-4o:book=BOOK", "input": QUESTION}),
    Place("POST", "/api/chat", {"message": QUESTION, "book": "BOOK"}),
    Place("POST", "/api/chat/stream", {"message": QUESTION, "book": "BOOK"}),
    Place("POST", "/chatkit", {"type": "threads.create", "params": {"input": SAID}}, "x-rag-books"),
    Place("GET", "/v1/models/gpt-4o:book=BOOK"),
    Place("GET", "/v1/vector_stores/BOOK"),
    Place("GET", "/v1/vector_stores/BOOK/files"),
    Place("POST", "/v1/vector_stores/BOOK/search", {"query": QUESTION}),
    Place("POST", "/v1/vector_stores/BOOK/files", {"file_id": "file-x"}),
    Place("DELETE", "/v1/vector_stores/BOOK"),
    Place("GET", "/api/content/search?q=pump&book=BOOK"),
]


@pytest.fixture(scope="module")
def bound(
    gemini_server: BookProxy,
    gemini_env: dict[str, str],
    command_line: CommandLine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[httpx.Client]:
    """An author whose key is for the notes, at a server that has the pumps too."""
    data_dir: Path = tmp_path_factory.mktemp("bound") / "data"
    shutil.copytree(gemini_server.data_dir / "index", data_dir / "index")
    options = ("--name", "bound", "--role", "author", "--books", NOTES, "--rpm", "0", "--json")
    made = command_line("keys", "create", *options, env={"PROXY_DATA_DIR": str(data_dir)})
    headers = {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
    with (
        BookProxy({**gemini_env, **PATIENT}, data_dir=data_dir) as server,
        httpx.Client(base_url=server.url, headers=headers, timeout=LONG_ENOUGH_S) as http,
    ):
        yield http


@pytest.mark.parametrize("place", PLACES, ids=lambda one: f"{one.method} {one.path} {one.header}")
def test_another_book_is_as_one_that_does_not_exist(
    bound: httpx.Client, threaded_gemini: FakeGemini, place: Place
) -> None:
    other, none = place.send(bound, PUMPS), place.send(bound, UNKNOWN)
    assert other == none
    assert "Quillon" not in other[1]
    assert threaded_gemini.generating_requests == []


def test_lists_and_answers_hold_nothing_of_another_book(
    bound: httpx.Client, threaded_gemini: FakeGemini
) -> None:
    for path in ("/v1/models", "/v1/vector_stores", "/api/content/books"):
        reply = bound.get(path)
        assert reply.status_code == 200
        assert PUMPS not in reply.text.replace("/pumps.example", "")
        assert NOTES in reply.text
    assert "Quillon" not in bound.get("/api/content/search", params={"q": QUESTION}).text
    said = bound.post("/v1/chat/completions", json=CHAT)
    assert said.status_code == 200
    assert "Quillon" not in str(threaded_gemini.generating_requests[-1].json).replace(QUESTION, "")


def test_a_passage_of_another_book_cannot_be_read_by_its_id(
    bound: httpx.Client, gemini_server: BookProxy
) -> None:
    found = httpx.get(
        f"{gemini_server.url}/api/content/search", params={"q": QUESTION}, timeout=LONG_ENOUGH_S
    ).json()
    theirs = next(one["chunk_id"] for one in found if one["book"] == PUMPS)
    mine = next(one["chunk_id"] for one in found if one["book"] == NOTES)
    assert bound.get(f"/v1/sources/{mine}").status_code == 200
    refused, unknown = (bound.get(f"/v1/sources/{one}") for one in (theirs, "nothing"))
    assert (refused.status_code, refused.json()) == (unknown.status_code, unknown.json())
    assert refused.status_code == 404
