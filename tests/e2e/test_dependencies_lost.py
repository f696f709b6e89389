"""A database or a Redis that stops: readers hear the whole answer, and the operator hears of it."""

import asyncio
import contextlib
import itertools
import socket
import sqlite3
import time
from collections.abc import Callable, Generator
from pathlib import Path

import httpx

from tests.support.chatkit_client import ChatKit, frames, said
from tests.support.chatkit_client import Stream as Told
from tests.support.gemini_replies import Stream as Words
from tests.support.gemini_server import FakeGemini
from tests.support.journal import Gate
from tests.support.postgres_server import running_postgres
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN, ask, client, events, messages, reader
from tests.support.valkey_server import patient_url, running_valkey
from tests.support.waiting import LONG_ENOUGH_S

ADMIN = {"role": "admin"}
BY_QUESTION = {"PROXY_CHATKIT_TITLES": "question"}
TURN = ["user_message", "assistant_message"]


def _metric(http: httpx.Client, name: str) -> float:
    """Return a counter, all labels together."""
    lines = http.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


async def test_postgresql_stopped_in_mid_stream_ends_no_stream(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    with running_postgres(is_shared=False) as postgres:
        async with postgres.database() as url:
            env = {**gemini_env, **SIGNS_IN, "DATABASE_URL": url}
            async with BookProxy(env) as server:
                with reader(server, "ann", **ADMIN) as http:
                    first = await asyncio.to_thread(ask, http, "Before?")
                    assert first["saved"]
                    threaded_gemini.reply(Words(["One", gate, " two."]))
                    seen = await asyncio.to_thread(_with_loss, http, gate, postgres.stop)
                    assert _text(seen) == "One two."
                    assert (seen[-1]["type"], seen[-1]["saved"]) == ("done", False)
                    new = await asyncio.to_thread(
                        http.post, "/api/chat", json={"message": "Without it?"}
                    )
                    assert not new.json()["saved"]
                    assert new.headers["x-persisted"] == "false"
                    body = {"message": "And?", "conversation_id": first["conversation_id"]}
                    reply = http.post("/api/chat", json=body)
                    assert reply.json()["error"]["code"] == "database_unavailable"
                    assert reply.status_code == 503
                    assert _metric(http, "book_proxy_messages_not_saved_total") >= 2
                    assert http.get("/api/health/db").status_code == 503
                    assert http.get("/ready").json()["checks"]["database"] != "ok"
                    assert http.get("/health").status_code == 200
                assert "Traceback" not in server.stderr
            postgres.start()  # so that what is left can be cleaned up


def _with_loss(http: httpx.Client, gate: Gate, stop: object) -> list[dict[str, object]]:
    assert callable(stop)
    with http.stream("POST", "/api/chat/stream", json={"message": "Count."}) as reply:
        coming = events(reply)
        seen = [next(coming), next(coming)]
        stop()
        gate.open()
        return [*seen, *coming]


def _text(seen: list[dict[str, object]]) -> str:
    return "".join(str(one["text"]) for one in seen if one["type"] == "delta")


async def test_postgresql_stopped_ends_no_stream_of_a_panel_and_is_used_again(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    gate = Gate()
    with running_postgres(is_shared=False) as postgres:
        async with postgres.database() as url:
            env = {**gemini_env, **SIGNS_IN, "DATABASE_URL": url, **BY_QUESTION}
            async with BookProxy(env) as server:
                with reader(server, "ann", **ADMIN) as http:
                    panel = ChatKit(http)
                    thread_id = (await asyncio.to_thread(panel.create, "Before?")).thread_id
                    threaded_gemini.reply(Words(["One", gate, " two."]))
                    told = await asyncio.to_thread(_told_with_loss, http, gate, postgres.stop)
                    assert told.text == "One two."
                    assert told.answer["content"][0]["text"] == "One two."
                    assert "could not be saved" in told.of("notice")[0]["message"]
                    assert told.of("error") == []
                    new = await asyncio.to_thread(panel.create, "Without it?")
                    assert "could not be saved" in new.of("notice")[0]["message"]
                    further = await asyncio.to_thread(panel.add, thread_id, "And?")
                    assert "database" in further.error["message"]
                    assert panel.post("threads.list").status_code == 503
                    assert _metric(http, "book_proxy_messages_not_saved_total") >= 2
                    postgres.start()
                    again = await asyncio.to_thread(_once_it_is_back, panel, thread_id)
                    assert again.of("notice") == []
                    items = panel.items(thread_id, order="asc")["data"]
                    assert [item["type"] for item in items] == TURN * 2
                assert "Traceback" not in server.stderr


def _told_with_loss(http: httpx.Client, gate: Gate, stop: object) -> Told:
    assert callable(stop)
    body = {"type": "threads.create", "params": {"input": said("Count.")}}
    with http.stream("POST", "/chatkit", json=body) as reply:
        coming = reply.iter_text()
        before = ""
        while "text_delta" not in before:
            before += next(coming)
        stop()
        gate.open()
        return Told(frames(before + "".join(coming)))


def _once_it_is_back(panel: ChatKit, thread_id: str) -> Told:
    """Return the first further answer that is no failure."""
    until_s = time.monotonic() + LONG_ENOUGH_S
    while (told := panel.add(thread_id, "And now?")).of("error"):
        assert time.monotonic() < until_s, "the database was not used again"
    return told


async def test_sqlite_that_is_locked_holds_no_stream_up(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini, tmp_path: Path
) -> None:
    env = {**gemini_env, **SIGNS_IN, **BY_QUESTION}
    async with BookProxy(env, data_dir=tmp_path / "data") as server:
        with reader(server, "ann", **ADMIN) as http:
            panel = ChatKit(http)
            thread_id = (await asyncio.to_thread(panel.create, "Before?")).thread_id
            gate = Gate()
            threaded_gemini.reply(Words(["One", gate, " two."]))
            with _locked(tmp_path / "data" / "readers.sqlite3") as lock:
                told = await asyncio.to_thread(_told_with_loss, http, gate, lock)
                assert told.text == "One two."
                assert "could not be saved" in told.of("notice")[0]["message"]
                new = await asyncio.to_thread(panel.create, "Without it?")
                assert "could not be saved" in new.of("notice")[0]["message"]
                assert panel.thread(thread_id)["items"]["data"], "what is there can be read"
            again = await asyncio.to_thread(_once_it_is_back, panel, thread_id)
            assert again.of("notice") == []
        assert "Traceback" not in server.stderr


@contextlib.contextmanager
def _locked(path: Path) -> Generator[Callable[[], None]]:
    """Give what takes the write lock of a database; it is kept to the end."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        yield lambda: other.execute("BEGIN IMMEDIATE") and None
    finally:
        other.rollback()
        other.close()


async def test_a_database_that_accepts_and_never_answers_holds_nobody_up(
    gemini_env: dict[str, str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as black_hole:  # it listens, and no more
        url = f"postgresql://u:p@127.0.0.1:{black_hole.getsockname()[1]}/x"
        async with BookProxy({**gemini_env, **SIGNS_IN, "DATABASE_URL": url}) as server:
            with reader(server, "ann") as http:
                answer = await asyncio.to_thread(ask, http, "Why?")
                assert not answer["saved"]
                reply = await asyncio.to_thread(http.get, "/api/chat/conversations")
                assert reply.status_code == 503
            assert "Traceback" not in server.stderr


async def test_a_database_that_was_never_there_stops_no_start(gemini_env: dict[str, str]) -> None:
    env = {**gemini_env, **SIGNS_IN, "DATABASE_URL": "postgresql://u:p@127.0.0.1:9/x"}
    async with BookProxy(env) as server:
        with reader(server, "ann") as http:
            answer = await asyncio.to_thread(ask, http, "Why?")
            assert answer["response"]
            assert not answer["saved"]
            assert http.get("/api/chat/conversations").status_code == 503
            chat = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
            assert http.post("/v1/chat/completions", json=chat).status_code == 200
        assert "Traceback" not in server.stderr
        assert "u:p@" not in server.stderr


async def test_conversations_are_kept_in_postgresql(
    gemini_env: dict[str, str], postgres_url: str
) -> None:
    async with BookProxy({**gemini_env, **SIGNS_IN, "DATABASE_URL": postgres_url}) as server:
        with reader(server, "ann") as http:
            chat = (await asyncio.to_thread(ask, http, "1"))["conversation_id"]
            assert len(messages(http, chat)) == 2


async def _counted_together(
    one: BookProxy, two: BookProxy, body: dict[str, str]
) -> tuple[str, list[httpx.Response]]:
    """Ask two servers in turn; return who did, and the replies.

    A Redis that is late is left alone for some seconds: then somebody else asks again.
    """
    async with asyncio.timeout(LONG_ENOUGH_S):
        for number in itertools.count():
            name = f"reader-{number}"
            with reader(one, name) as here, reader(two, name) as there:
                replies = [
                    await asyncio.to_thread(http.post, "/api/chat", json=body)
                    for http in (here, there, here, there)
                ]
            if not any("x-ratelimit-policy" in reply.headers for reply in replies):
                return name, replies
    raise AssertionError("unreachable")


async def test_limits_are_one_for_all_processes_with_redis_and_go_on_without(
    gemini_env: dict[str, str], tmp_path: Path
) -> None:
    body = {"message": "Why?"}
    with running_valkey() as valkey:
        env = {
            **gemini_env,
            **SIGNS_IN,
            "REDIS_URL": patient_url(valkey.port),
            "RATE_LIMIT_RPM": "3",
        }
        async with (
            BookProxy(env, data_dir=tmp_path / "a") as one,
            BookProxy(env, data_dir=tmp_path / "b") as two,
        ):
            name, (*taken, refused) = await _counted_together(one, two, body)
            with reader(one, name, **ADMIN) as here:
                assert [reply.status_code for reply in taken] == [200] * 3
                assert refused.status_code == 429
                assert refused.json()["error"]["code"] == "rate_limit_exceeded"
                assert int(refused.headers["retry-after"]) >= 1
                assert refused.headers["x-ratelimit-limit-requests"] == "3"
                assert refused.headers["x-ratelimit-remaining-requests"] == "0"
                valkey.stop()
                for _ in range(3):
                    reply = await asyncio.to_thread(here.post, "/api/chat", json=body)
                    assert reply.status_code == 200
                    assert reply.headers["x-ratelimit-policy"] == "local"
                assert here.post("/api/chat", json=body).status_code == 429
                assert _metric(here, "book_proxy_limits_in_process_total") >= 4
                ready = here.get("/ready")
                assert ready.status_code == 200
                assert ready.json()["checks"]["redis"] == "redis_unavailable"
            assert "limits_in_process" in one.stderr
            assert "Traceback" not in one.stderr


def test_a_reverse_proxy_is_believed_only_where_it_is_named(gemini_env: dict[str, str]) -> None:
    env = {**gemini_env, "PROXY_ALLOW_ANONYMOUS": "true", "RATE_LIMIT_RPM": "1"}
    for trusted, second in (("", 429), ("127.0.0.0/8", 200)):
        with (
            BookProxy({**env, "PROXY_TRUSTED_PROXIES": trusted}) as server,
            client(server) as http,
        ):
            seen = [
                http.post(
                    "/api/chat",
                    json={"message": "Why?"},
                    headers={"x-forwarded-for": f"203.0.113.9, 198.51.100.{n}"},
                ).status_code
                for n in range(2)
            ]
        assert seen == [200, second]
