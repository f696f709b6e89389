"""What a chat is told before the first question."""

from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from tests.support.command_line import CommandLine
from tests.support.sample_books import NOTES, PUMPS, PUMPS_URL
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy
from tests.support.site import client

KEY = "a-key-of-a-reader"


@pytest.fixture
def empty(tmp_path: Path) -> Generator[BookProxy]:
    """A proxy with a key and without a book, whose author wrote questions down."""
    env = {"PROXY_API_KEYS": KEY, "PROXY_CHATKIT_PROMPTS": '["Where do I begin?"]'}
    with BookProxy(env, data_dir=tmp_path / "data") as server:
        yield server


def test_books_models_and_limits_are_told(offline_server: BookProxy) -> None:
    with client(offline_server) as http:
        told = http.get("/api/chat/config").json()
    assert [(book["id"], book["title"]) for book in told["books"]] == [
        (NOTES, NOTES),
        (PUMPS, "Pumps"),
    ]
    assert told["books"][1]["base_url"] == PUMPS_URL
    assert told["models"][0]["id"] == "offline-reader"
    assert told["answers_offline"]
    assert told["reader"] == {"role": "admin", "is_anonymous": False}
    assert told["limits"] == {"message_chars": 8_000, "selected_chars": 20_000}
    assert told["prompts"] == []  # no heading of these books asks


def test_a_model_that_answers_is_told_by_its_name(gemini_server: BookProxy) -> None:
    with client(gemini_server) as http:
        told = http.get("/api/chat/config").json()
    assert not told["answers_offline"]
    assert [model["id"] for model in told["models"]] == [
        "gemini-3.8-flash",
        "gemini-3.5-flash-lite",
    ]


def test_a_books_own_questions_are_the_first_to_ask(
    tmp_path: Path, command_line: CommandLine
) -> None:
    page = "# Lifts\n\n## How does a lift stop?\n\nIts brake holds.\n\n## Brakes\n\nThey hold.\n"
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "lifts.md").write_text(page, encoding="utf-8")
    env = {"PROXY_DATA_DIR": str(tmp_path / "data")}
    done = command_line("ingest", str(tmp_path / "book"), "--book", "lifts", env=env)
    assert done.returncode == 0, done.stderr
    with BookProxy(PATIENT, data_dir=tmp_path / "data") as server, client(server) as http:
        assert http.get("/api/chat/config").json()["prompts"] == ["How does a lift stop?"]


def test_the_authors_questions_go_before_and_a_key_is_needed(empty: BookProxy) -> None:
    with client(empty) as http:
        assert http.get("/api/chat/config").status_code == 401
        told = http.get("/api/chat/config", headers={"authorization": f"Bearer {KEY}"}).json()
    assert told["prompts"] == ["Where do I begin?"]
    assert told["books"] == []
    assert told["reader"]["role"] == "reader"


def test_the_page_and_its_parts_are_kept_until_they_change(offline_server: BookProxy) -> None:
    with client(offline_server) as http:
        for path in ("/", "/web/chat/main.js", "/web/tokens.css"):
            first = http.get(path)
            again = http.get(path, headers={"if-none-match": first.headers["etag"]})
            assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
            _check_policy(first)


def _check_policy(reply: httpx.Response) -> None:
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "trusted-types 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
