"""What an operator sees of a server: `/metrics`, on its port and behind a key."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support import gemini_errors as errors
from tests.support.gemini_replies import Stream, Text
from tests.support.gemini_server import FakeGemini
from tests.support.sample_books import NOTES, write_notes
from tests.support.serving import BookProxy, free_port, run_cli
from tests.support.waiting import LONG_ENOUGH_S

SECRET = "a-question-nobody-shall-read"
CHAT = "/v1/chat/completions"
MODEL = "gemini-3.8-flash"
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]
Logged = list[dict[str, Any]]
Watched = tuple[Samples, str, Logged]


def _scraped(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((f"book_proxy_{name}", frozenset(labels.items())), 0.0)


def _chat(text: str = SECRET, **more: object) -> dict[str, object]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], **more}


@pytest.fixture(scope="module")
def watched(gemini_env: dict[str, str], gemini_thread: FakeGemini) -> Watched:
    """What a server tells after a few requests: samples, their text, its log."""
    port = free_port()
    env = {
        **gemini_env, "METRICS_PORT": str(port), "PROXY_API_KEYS": "k", "LOG_FORMAT": "json",
        "PROXY_REWRITE": "rules",
    }  # fmt: skip
    with BookProxy(env) as server:
        source = write_notes(server.home / NOTES)
        args = ("ingest", str(source), "--book", NOTES)
        done = run_cli(*args, env={**env, "PROXY_DATA_DIR": str(server.data_dir)})
        assert done.returncode == 0, done.stderr
        with httpx.Client(
            base_url=server.url, headers={"authorization": "Bearer k"}, timeout=LONG_ENOUGH_S
        ) as http:
            _visit(http, gemini_thread)
        with httpx.Client(timeout=LONG_ENOUGH_S) as anybody:
            assert anybody.get(f"{server.url}/metrics").status_code == 401
            text = anybody.get(f"http://127.0.0.1:{port}/metrics").text
            assert anybody.get(f"http://127.0.0.1:{port}/v1/models").status_code == 404
        lines = [json.loads(line) for line in server.stderr.splitlines()]
    return _scraped(text), text, lines


def _visit(http: httpx.Client, gemini: FakeGemini) -> None:
    """Stream two answers, be refused one, have one broken off, and look around."""
    for _ in range(2):
        gemini.reply(Stream(["one ", "two"]))
        assert http.post(CHAT, json=_chat(stream=True)).is_success
    gemini.reply(errors.Status(400))
    assert http.post(CHAT, json=_chat()).status_code == 400
    gemini.reply(Stream(["one"], finish=None))
    assert "error" in http.post(CHAT, json=_chat(stream=True)).text
    for path in ("/v1/models/gpt-4o", "/v1/models/gpt-4", "/no/such/url", "/nor/this"):
        http.get(path)


def test_requests_are_counted_by_the_pattern_of_their_url(watched: Watched) -> None:
    seen, text, _ = watched
    assert _value(seen, "requests_total", route=CHAT, method="POST", status="200") == 3
    assert _value(seen, "requests_total", route=CHAT, method="POST", status="400") == 1
    models = "/v1/models/{model_id:path}"
    assert _value(seen, "requests_total", route=models, method="GET", status="200") == 2, text
    assert _value(seen, "requests_total", route="unknown", method="GET", status="404") == 2
    assert _value(seen, "request_duration_seconds_count", route=CHAT) == 4


def test_answers_are_counted_with_their_tokens_and_how_they_ended(watched: Watched) -> None:
    seen, _, _ = watched
    assert _value(seen, "time_to_first_token_seconds_count", model=MODEL) == 3
    assert _value(seen, "tokens_total", direction="output", model=MODEL) > 0
    assert _value(seen, "tokens_total", direction="input", model=MODEL) > 0
    assert _value(seen, "broken_streams_total", code="upstream_truncated") == 1
    assert sum(v for (name, _), v in seen.items() if name == "book_proxy_answers_total") == 4
    assert _value(seen, "open_answers") == 0
    assert _value(seen, "open_answers_limit") == 2_000


def test_the_upstream_and_the_search_are_measured(watched: Watched) -> None:
    seen, _, _ = watched
    assert _value(seen, "upstream_errors_total", upstream="gemini", code="invalid_request") == 1
    named = {"upstream": "gemini", "operation": "streamGenerateContent"}
    assert _value(seen, "upstream_duration_seconds_count", **named) == 3
    for stage in ("embed", "search", "fuse"):
        assert _value(seen, "retrieval_stage_seconds_count", stage=stage) >= 3
    cache = "question-vector"
    assert _value(seen, "cache_lookups_total", cache=cache, outcome="hit") == 3
    assert _value(seen, "cache_lookups_total", cache=cache, outcome="miss") == 1


def test_the_process_is_measured(watched: Watched) -> None:
    seen, _, _ = watched
    assert _value(seen, "event_loop_lag_seconds_count") > 0
    assert _value(seen, "process_resident_memory_bytes") > 1e7
    assert _value(seen, "process_open_fds") > 5


def test_there_are_few_series_and_none_quotes_a_reader(watched: Watched) -> None:
    seen, text, _ = watched
    assert len(seen) < 1_000
    assert SECRET not in text


def test_every_request_has_one_line_that_says_what_it_was(watched: Watched) -> None:
    _, _, lines = watched
    requests = [line for line in lines if line["event"] == "request" and line["path"] == CHAT]
    assert [line["status"] for line in requests] == [200, 200, 400, 200]
    first, last = requests[0], requests[-1]
    assert (first["model"], first["output_tokens"] > 0) == (MODEL, True)
    assert 0 < first["first_token_ms"] <= first["ms"]
    assert last["failure"] == "upstream_truncated"
    assert all(line["request_id"] for line in requests)
    assert SECRET not in json.dumps(lines)


def test_a_circuit_that_opens_is_seen_and_spares_everybody_the_wait(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply_by(
        lambda asked: errors.overloaded() if "enerateContent" in asked.path else None
    )
    with (
        BookProxy({**gemini_env, "PROXY_REWRITE": "rules"}) as server,
        httpx.Client(base_url=server.url, timeout=LONG_ENOUGH_S) as http,
    ):
        codes, waits = list[str](), list[int]()
        for _ in range(25):
            reply = http.post("/v1/chat/completions", json=_chat(rag={"enabled": False}))
            assert reply.status_code == 503
            codes.append(reply.json()["error"]["code"])
            waits.append(int(reply.headers.get("retry-after", 0)))
        assert codes[-1] == "upstream_circuit_open"
        assert 1 <= waits[-1] <= 6
        ready = http.get("/ready").json()
        assert ready["circuits"] == {"gemini/gemini-3.8-flash": "open"}
        seen = _scraped(http.get("/metrics").text)
        named = {"upstream": "gemini", "model": "gemini-3.8-flash"}
        assert _value(seen, "circuit_state", **named) == 1
        assert _value(seen, "circuit_opened_total", **named) == 1
        assert _value(seen, "circuit_refusals_total", upstream="gemini") >= 5
        threaded_gemini.reset()
        threaded_gemini.reply(Text("well"))
        other = {**_chat(rag={"enabled": False}), "model": "gemini-3.5-flash-lite"}
        assert http.post("/v1/chat/completions", json=other).status_code == 200
