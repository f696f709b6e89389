"""Traces reach a collector by OpenTelemetry's conventions, with contents only on request."""

import httpx

from tests.support import gemini_errors as errors
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.otlp_collector import attributes_of, running_collector
from tests.support.sample_books import NOTES, write_notes
from tests.support.serving import BookProxy, run_cli
from tests.support.waiting import LONG_ENOUGH_S

SECRET = "a-question-nobody-shall-read"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CHAT = "chat gemini-3.8-flash"


def _ask(server: BookProxy, **more: object) -> httpx.Response:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": SECRET}], **more}
    headers = {"traceparent": PARENT}
    return httpx.post(
        f"{server.v1}/chat/completions", json=body, headers=headers, timeout=LONG_ENOUGH_S
    )


def test_an_answer_is_one_trace_within_the_callers(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    with running_collector() as collector:
        env = {
            **gemini_env,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "x-key=top%20secret",
            "OTEL_SERVICE_NAME": "books",
            "PROXY_REWRITE": "rules",
        }
        with BookProxy(env) as server:
            source = write_notes(server.home / NOTES)
            args = ("ingest", str(source), "--book", NOTES)
            done = run_cli(*args, env={**env, "PROXY_DATA_DIR": str(server.data_dir)})
            assert done.returncode == 0, done.stderr
            threaded_gemini.reply(Stream(["one ", "two"]))
            assert _ask(server, stream=True).is_success
            assert httpx.get(f"{server.url}/health", timeout=LONG_ENOUGH_S).is_success
    root = collector.named("POST /v1/chat/completions")
    assert collector.headers["x-key"] == "top secret"
    assert collector.resource["service.name"] == "books"
    assert root.trace_id.hex() in PARENT
    assert root.parent_span_id.hex() in PARENT
    about = attributes_of(root)
    assert about["http.response.status_code"] == 200
    assert about["book_proxy.rag_status"] in {"grounded", "no-match"}
    chat = collector.named(CHAT)
    assert chat.parent_span_id == root.span_id
    said = attributes_of(chat)
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.provider.name"] == "gcp.gemini"
    assert said["gen_ai.request.model"] == "gemini-3.8-flash"
    assert said["gen_ai.response.finish_reasons"] == ["stop"]
    assert said["gen_ai.usage.output_tokens"] > 0
    assert said["gen_ai.response.time_to_first_chunk"] > 0
    embedding = collector.named("embeddings gemini-embedding-001")
    assert attributes_of(embedding)["gen_ai.embeddings.dimension.count"] == 768
    stages = {span.name for span in collector.spans if span.name.startswith("retrieval.")}
    assert stages >= {"retrieval.embed", "retrieval.search", "retrieval.fuse"}
    searched = collector.named("retrieval.search")
    assert searched.parent_span_id == root.span_id
    assert root.start_time_unix_nano <= searched.start_time_unix_nano
    assert searched.end_time_unix_nano <= root.end_time_unix_nano
    assert not any("/health" in span.name for span in collector.spans)
    assert SECRET.encode() not in collector.raw
    assert b"gemini-key" not in collector.raw


def test_contents_are_traced_where_the_operator_says_so(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    with running_collector() as collector:
        env = {
            **gemini_env,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
        }
        with BookProxy(env) as server:
            threaded_gemini.reply(Stream(["one ", "two"]))
            _ask(server, rag={"enabled": False}, stream=True)
    said = attributes_of(collector.named(CHAT))
    assert SECRET in said["gen_ai.input.messages"]
    assert "one two" in said["gen_ai.output.messages"]


def test_a_failure_is_told_by_its_code(
    gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    with running_collector() as collector:
        env = {**gemini_env, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with BookProxy(env) as server:
            threaded_gemini.reply(errors.Status(400, "private words"))
            assert _ask(server, rag={"enabled": False}).status_code == 400
    assert attributes_of(collector.named(CHAT))["error.type"] == "invalid_request"
    assert b"private words" not in collector.raw


def test_a_collector_that_is_away_costs_spans_and_nothing_else(
    gemini_env: dict[str, str],
) -> None:
    env = {**gemini_env, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    with BookProxy(env) as server:
        assert _ask(server, rag={"enabled": False}).is_success
        assert server.terminate() == 0
