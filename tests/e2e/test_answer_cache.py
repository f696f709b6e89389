"""Answers that are given again, as callers see it: who gets one, and until when."""

import shutil
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from tests.support.chatkit_client import ChatKit
from tests.support.command_line import CommandLine
from tests.support.gemini_errors import overloaded
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import NOTES, PUMPS, PUMPS_URL, write_pumps
from tests.support.servers import PATIENT
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN, client, reader
from tests.support.valkey_server import patient_url, running_valkey

QUESTION = "When does the Quillon pump start by itself?"
CACHED = {**PATIENT, **SIGNS_IN, "PROXY_CACHE_BOOKS": PUMPS, "RATE_LIMIT_RPM": "0"}


@pytest.fixture
def data_dir(gemini_server: BookProxy, tmp_path: Path) -> Path:
    """Both books, to change as one likes."""
    shutil.copytree(gemini_server.data_dir / "index", tmp_path / "data" / "index")
    return tmp_path / "data"


@pytest.fixture
def server(
    gemini_env: dict[str, str], data_dir: Path, threaded_gemini: FakeGemini
) -> Generator[BookProxy]:
    """A proxy that gives answers from one of its books again."""
    assert threaded_gemini.requests == []
    with BookProxy({**gemini_env, **CACHED}, data_dir=data_dir) as proxy:
        yield proxy


def _ask(http: httpx.Client, question: str = QUESTION, **more: object) -> tuple[str | None, str]:
    """Return whether it was given before, and the answer."""
    body = {"model": f"gpt-4o:book={PUMPS}", "messages": [{"role": "user", "content": question}]}
    reply = http.post("/v1/chat/completions", json={**body, **more})
    assert reply.status_code == 200, reply.text
    return reply.headers.get("x-cache"), reply.text


def test_an_answer_is_given_again_whole_and_as_a_stream_to_whoever_asks(
    server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    with reader(server, "ann") as ann, reader(server, "ben") as ben:
        assert _ask(ann)[0] is None
        hit, text = _ask(ben)
        streamed = _ask(ben, stream=True)
    assert (hit, streamed[0]) == ("hit", "hit")
    assert "url_citation" in text
    assert "url_citation" in streamed[1]
    assert "[DONE]" in streamed[1]
    assert len(threaded_gemini.generating_requests) == 1
    assert len(threaded_gemini.embedding_requests) == 1


def test_a_panel_is_told_that_an_answer_was_given_before(
    gemini_env: dict[str, str], data_dir: Path, threaded_gemini: FakeGemini
) -> None:
    env = {**gemini_env, **CACHED, "PROXY_CHATKIT_TITLES": "question"}
    with (
        BookProxy(env, data_dir=data_dir) as server,
        reader(server, "ann") as ann,
        reader(server, "ben") as ben,
    ):
        narrow = {"x-rag-books": PUMPS}
        first, again = ChatKit(ann, narrow).create(QUESTION), ChatKit(ben, narrow).create(QUESTION)
        further = ChatKit(ben, narrow).add(again.thread_id, QUESTION)
        threaded_gemini.reply_to_embedding(overloaded(), overloaded())
        unknown = ChatKit(ann, {**narrow, "x-rag-scope": "selection"}).create("And this?")
    told = [one.headers.get("x-cache") for one in (first, again, further)]
    assert told == [None, "hit", None]
    assert (again.text, again.kinds) == (first.text, first.kinds)
    assert unknown.kinds[0] == "thread.created", "a thread is told of before its failure"
    assert "error" in unknown.kinds


def test_what_is_a_readers_own_is_given_to_nobody(server: BookProxy) -> None:
    selected = {"selected_text": "The pump starts by itself below two bar."}
    with reader(server, "ann") as ann, reader(server, "ben") as ben:
        assert [_ask(http, rag=selected)[0] for http in (ann, ann, ben)] == [None] * 3
        turns = ["first", "said", QUESTION]
        history = [
            {"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(turns)
        ]
        assert [_ask(http, messages=history)[0] for http in (ann, ann, ben)] == [None] * 3


def test_levels_of_readers_have_answers_of_their_own(server: BookProxy) -> None:
    with (
        reader(server, "ann", software_background="beginner") as ann,
        reader(server, "ben", software_background="expert") as ben,
        reader(server, "cem", software_background="expert") as cem,
    ):
        assert [_ask(http)[0] for http in (ann, ben, cem)] == [None, None, "hit"]


def test_a_new_edition_has_new_answers(
    server: BookProxy,
    gemini_env: dict[str, str],
    data_dir: Path,
    command_line: CommandLine,
    tmp_path: Path,
) -> None:
    with reader(server, "ann") as ann:
        assert [_ask(ann)[0] for _ in range(2)] == [None, "hit"]
        pumps = write_pumps(tmp_path / "pumps")
        (pumps / "news.md").write_text("# News\n\nThere is a new lever.\n")
        env = {**gemini_env, "PROXY_DATA_DIR": str(data_dir)}
        args = ("--book", PUMPS, "--base-url", PUMPS_URL)
        assert command_line("ingest", str(pumps), *args, env=env).returncode == 0
        assert [_ask(ann)[0] for _ in range(2)] == [None, "hit"]


def test_other_books_are_not_remembered(server: BookProxy) -> None:
    question = "How often are Zanzibar gauges read?"
    with reader(server, "ann") as ann:
        model = f"gpt-4o:book={NOTES}"
        assert [_ask(ann, question, model=model)[0] for _ in range(2)] == [None, None]


def test_processes_share_what_is_in_redis_and_do_without_when_it_is_gone(
    gemini_env: dict[str, str], data_dir: Path, tmp_path: Path, threaded_gemini: FakeGemini
) -> None:
    with running_valkey() as valkey:
        env = {**gemini_env, **CACHED, "REDIS_URL": patient_url(valkey.port)}
        other_dir = shutil.copytree(data_dir, tmp_path / "other")
        with (
            BookProxy(env, data_dir=data_dir) as first,
            BookProxy(env, data_dir=other_dir) as second,
            reader(first, "ann", role="admin") as ann,
            reader(second, "ben") as ben,
        ):
            assert [_ask(ann)[0], _ask(ben)[0]] == [None, "hit"]
            valkey.stop()
            assert [_ask(ann)[0], _ask(ben)[0]] == [None, None]
            metrics = ann.get("/metrics").text
    missed = next(line for line in metrics.splitlines() if line.startswith("book_proxy_cache_un"))
    assert float(missed.rpartition(" ")[2]) >= 2
    assert len(threaded_gemini.generating_requests) == 3


def test_nothing_is_given_again_where_no_book_allows_it(
    gemini_server: BookProxy, threaded_gemini: FakeGemini
) -> None:
    with client(gemini_server) as http:
        assert [_ask(http)[0] for _ in range(2)] == [None, None]
    assert len(threaded_gemini.generating_requests) == 2
