"""The stations in their order, with every part but the deciding ones a few lines long."""

from typing import Any

import pytest

from proxy.errors import (
    InvalidRequest,
    RetrievalUnavailable,
    UnsupportedParameter,
    UpstreamOverloaded,
)
from proxy.ports import Grounding
from proxy.protocol.chat_events import Finish, Sources, TextDelta
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.lookup import Lookup
from proxy.rag.pipeline import Answer, Pipeline
from proxy.rag.retrieve import Retriever
from proxy.rag.sources import SourceLinks
from proxy.settings import EmbeddingSettings, RagSettings
from tests.support.builders import make_chat_request, make_passages
from tests.support.chat_events import USAGE, events_of, text_in
from tests.support.core_ports import LengthEmbedder, ListIndex, ScriptedGenerator
from tests.support.waiting import ample_time

MODEL = ResolvedModel("gpt-4o", "gemini-3.8-flash")
PASSAGES = make_passages("First text.", "Second text.")


class Bench:
    """A pipeline over ports that can be looked at."""

    def __init__(self, *, policy: str = "degrade") -> None:
        self.index = ListIndex(PASSAGES)
        self.generator = ScriptedGenerator(
            [[TextDelta("So [1]")], [TextDelta(" it is [7]."), Finish("stop"), USAGE]]
        )
        self.deadline = ample_time()
        rag = RagSettings.model_validate({"PROXY_RETRIEVAL_POLICY": policy})
        retriever = Retriever(
            LengthEmbedder(), self.index, rag, EmbeddingSettings.model_validate({})
        )
        self._pipeline = Pipeline(self.generator, Lookup(retriever, rag, None))

    async def answer(self, chat: ChatCompletionRequest | None = None, **options: Any) -> Answer:
        """Begin an answer; `options` are those of retrieval."""
        return await self._pipeline.answer(
            chat or make_chat_request("why?"),
            MODEL,
            RagOptions(**options),
            links=SourceLinks("http://proxy.example"),
            deadline=self.deadline,
        )


async def test_a_question_is_answered_from_the_book() -> None:
    bench = Bench()
    answer = await bench.answer()
    events = await events_of(answer.events)
    assert (answer.rag_status, answer.rag_reason) == ("grounded", None)
    assert text_in(events) == "So [1] it is."
    assert [type(event) for event in events[-3:]] == [Sources, Finish, type(USAGE)]
    assert bench.generator.model == "gemini-3.8-flash"
    assert bench.generator.deadline is bench.deadline
    grounding = bench.generator.grounding
    assert grounding is not None
    assert (grounding.question, grounding.was_searched) == ("why?", True)
    assert [p.chunk for p in grounding.passages] == [p.chunk for p in PASSAGES]
    assert grounding.effort == "low"
    assert bench.generator.request is not None
    assert "First text." in text_of(bench.generator.request.messages[-1].content)


async def test_what_the_generator_refuses_has_a_place_in_the_clients_chat() -> None:
    parts = [{"type": "text", "text": "why?"}]
    chat = make_chat_request(messages=[{"role": "user", "content": text} for text in ("", parts)])
    answer = await Bench().answer(chat)
    param = answer.clients_param("messages[2].content[1].image_url.url")
    assert param == "messages[1].content[0].image_url.url"
    assert answer.clients_param(None) is None


async def test_switched_off_nothing_is_added_and_nothing_changed() -> None:
    bench, chat = Bench(), make_chat_request("why?")
    answer = await bench.answer(chat, enabled=False)
    assert answer.rag_status == "off"
    assert text_in(await events_of(answer.events)) == "So [1] it is [7]."
    assert bench.generator.request is chat
    assert bench.generator.grounding is None


async def test_without_a_match_the_generator_is_told_so() -> None:
    bench = Bench()
    answer = await bench.answer(min_score=0.99)
    assert (answer.rag_status, answer.rag_reason) == ("no-match", "below-threshold")
    assert text_in(await events_of(answer.events)) == "So it is."
    assert bench.generator.grounding == Grounding("why?", (), nearby=PASSAGES[:1], effort="low")


async def test_a_book_that_is_down_is_said_or_refused() -> None:
    bench = Bench()
    bench.index.fails_with = RetrievalUnavailable("down")
    answer = await bench.answer()
    assert (answer.rag_status, answer.rag_reason) == ("degraded", "retrieval-unavailable")
    assert text_in(await events_of(answer.events)) == "So it is."

    strict = Bench(policy="fail")
    strict.index.fails_with = RetrievalUnavailable("down")
    with pytest.raises(RetrievalUnavailable):
        await strict.answer()
    assert strict.generator.request is None


async def test_what_cannot_be_done_is_refused_before_anything_is_asked() -> None:
    bench = Bench()
    with pytest.raises(UnsupportedParameter):
        await bench.answer(make_chat_request("why?", web_search_options={}))
    with pytest.raises(InvalidRequest):
        await bench.answer(books=["zzz"])
    assert bench.index.searches == []
    assert bench.generator.request is None


async def test_the_upstream_is_not_called_before_its_first_event_is_wanted() -> None:
    bench = Bench()
    answer = await bench.answer()
    assert bench.generator.request is None
    await answer.events.aclose()
    assert bench.generator.request is None


async def test_an_upstream_that_fails_fails_the_answer() -> None:
    bench = Bench()
    bench.generator.batches = [[TextDelta("So")]]
    bench.generator.fails_with = UpstreamOverloaded("busy")
    answer = await bench.answer()
    assert await anext(answer.events) == [TextDelta("So")]
    with pytest.raises(UpstreamOverloaded):
        await anext(answer.events)
    assert bench.generator.closed == 1


@pytest.mark.parametrize("enabled", [True, False])
async def test_closing_an_answer_ends_the_upstream_call(*, enabled: bool) -> None:
    bench = Bench()
    answer = await bench.answer(enabled=enabled)
    await anext(answer.events)
    assert bench.generator.closed == 0
    await answer.events.aclose()
    assert bench.generator.closed == 1


CALL: dict[str, Any] = {"id": "c", "type": "function", "function": {"name": "f"}}
TOOL_TURNS: list[list[dict[str, Any]]] = [
    [
        {"role": "user", "content": "why?"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "content": "42", "tool_call_id": "c"},
    ],
    [
        {"role": "user", "content": "why?"},
        {"role": "assistant", "content": None, "function_call": CALL["function"]},
        {"role": "function", "content": "42", "name": "f"},
    ],
]


@pytest.mark.parametrize("messages", TOOL_TURNS)
async def test_the_result_of_a_tool_asks_the_book_nothing(messages: list[dict[str, Any]]) -> None:
    bench, chat = Bench(), make_chat_request(messages=messages)
    answer = await bench.answer(chat)
    assert (answer.rag_status, answer.rag_reason) == ("off", "tool-result")
    assert text_in(await events_of(answer.events)) == "So [1] it is [7]."
    assert bench.index.searches == []
    assert bench.generator.request is chat
    assert bench.generator.grounding is None


async def test_a_question_behind_a_result_is_looked_up() -> None:
    bench = Bench()
    chat = make_chat_request(messages=[*TOOL_TURNS[0], {"role": "user", "content": "and now?"}])
    answer = await bench.answer(chat)
    await events_of(answer.events)
    assert answer.rag_status == "grounded"
    assert bench.generator.grounding is not None
    assert bench.generator.grounding.question == "and now?"


async def test_a_turn_that_is_off_anyway_says_no_other_reason() -> None:
    answer = await Bench().answer(make_chat_request(messages=TOOL_TURNS[0]), enabled=False)
    assert (answer.rag_status, answer.rag_reason) == ("off", None)


@pytest.mark.parametrize("append_sources", [True, False])
async def test_json_is_left_as_the_model_wrote_it(*, append_sources: bool) -> None:
    bench = Bench()
    said = ['{"a": [1], "b"', ': "see [2]", "c": [99]}']
    bench.generator.batches = [[TextDelta(text)] for text in said]
    bench.generator.batches = [*bench.generator.batches, [Finish("stop"), USAGE]]
    chat = make_chat_request("why?", response_format={"type": "json_object"})
    answer = await bench.answer(chat, append_sources=append_sources)
    events = await events_of(answer.events)
    assert text_in(events) == "".join(said)
    (sources,) = [event for event in events if isinstance(event, Sources)]
    assert sources.annotations == []
    assert sources.context is not None
    assert len(sources.context["citations"]) == 2


async def test_what_a_chat_ui_asks_for_itself_asks_the_book_nothing() -> None:
    bench = Bench()
    chat = make_chat_request("why?", metadata={"task": "title_generation"})
    answer = await bench.answer(chat)
    assert (answer.rag_status, answer.rag_reason) == ("off", "ui-request")
    assert bench.index.searches == []
