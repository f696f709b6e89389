"""The name of a thread: the fast model's, the reader's own, or the question."""

from collections.abc import Generator

import pytest

from tests.support.chatkit_client import ChatKit
from tests.support.gemini_errors import overloaded
from tests.support.gemini_events import tokens_of
from tests.support.gemini_replies import Reply, Stream
from tests.support.gemini_requests import RecordedRequest
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy
from tests.support.site import SIGNS_IN, reader

FAST = "gemini-3.5-flash-lite"


@pytest.fixture(scope="module")
def site(gemini_env: dict[str, str]) -> Generator[BookProxy]:
    """A site that leaves the titles to the model."""
    with BookProxy({**gemini_env, **SIGNS_IN, "PROXY_REWRITE": "rules"}) as server:
        yield server


def _naming(gemini: FakeGemini, title: Reply) -> None:
    def script(request: RecordedRequest) -> Reply | None:
        return title if request.model == FAST else None

    gemini.reply_by(script)


def test_the_fast_model_names_a_thread_and_what_that_cost_is_counted(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    _naming(threaded_gemini, Stream(['"Starting the pump".\n', "Because it is about that."]))
    with reader(site, "namer") as http:
        panel = ChatKit(http)
        told = panel.create("When does the pump start?")
        (updated,) = told.of("thread.updated")
        assert updated["thread"]["title"] == "Starting the pump"
        assert panel.thread(told.thread_id)["title"] == "Starting the pump"
        answering, naming = threaded_gemini.generating_requests
        assert {answering.model, naming.model} == {"gemini-3.8-flash", FAST}
        used = http.get("/api/me").json()["usage"]
        panel.add(told.thread_id, "And stop?")
    assert used["requests"] == 1
    assert used["prompt_tokens"] == tokens_of(answering.all_text) + tokens_of(naming.all_text)
    assert len(threaded_gemini.generating_requests) == 3


def test_a_thread_that_nobody_can_name_is_called_by_its_question(
    site: BookProxy, threaded_gemini: FakeGemini
) -> None:
    _naming(threaded_gemini, overloaded())
    with reader(site, "unnamed") as http:
        told = ChatKit(http).create("When  does\nit start?")
    (updated,) = told.of("thread.updated")
    assert updated["thread"]["title"] == "When does it start?"
    assert told.text


def test_a_title_of_nothing_but_marks_is_none(site: BookProxy, threaded_gemini: FakeGemini) -> None:
    _naming(threaded_gemini, Stream(['"." ']))
    with reader(site, "marks") as http:
        panel = ChatKit(http)
        assert panel.thread(panel.create("Why?").thread_id)["title"] == "Why?"
