"""A request is counted once, at its end, and its line says what was found out on the way."""

from contextvars import Context

from proxy.telemetry.metrics import ANSWERS, FIRST_TOKEN_SECONDS, REQUEST_SECONDS, REQUESTS, TOKENS
from proxy.telemetry.requests import RequestRecord, begin_request, current_request


def test_a_streamed_answer_is_counted_with_its_tokens_and_its_first_one() -> None:
    record = begin_request("req-1")
    assert current_request() is record
    record.model, record.input_tokens, record.output_tokens = "some-model", 30, 7
    record.rag_status, record.rag_reason = "degraded", "keywords-only"
    record.first_token()
    record.count("/streams", "POST", 200)
    assert REQUESTS.value("/streams", "POST", "200") == 1
    assert REQUEST_SECONDS.count("/streams") == 1
    assert FIRST_TOKEN_SECONDS.count("some-model") == 1
    assert TOKENS.value("input", "some-model") == 30
    assert TOKENS.value("output", "some-model") == 7
    assert ANSWERS.value("degraded", "keywords-only") == 1
    said = record.for_the_log()
    assert said.pop("first_token_ms") is not None
    assert said == {
        "model": "some-model",
        "input_tokens": 30,
        "output_tokens": 7,
        "rag_status": "degraded",
        "rag_reason": "keywords-only",
    }


def test_a_request_without_an_answer_is_counted_alone() -> None:
    record = RequestRecord("req-2")
    record.count("/plain", "GET", 200)
    assert REQUESTS.value("/plain", "GET", "200") == 1
    assert record.for_the_log() == {}


def test_methods_that_nobody_serves_are_one() -> None:
    for method in ("PROPFIND", "LOCK"):
        RequestRecord("req-3").count("/unserved", method, 405)
    assert REQUESTS.value("/unserved", "other", "405") == 2


def test_outside_of_a_request_there_is_nothing_to_tell() -> None:
    assert Context().run(current_request).for_the_log() == {}
