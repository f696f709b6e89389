"""Which answers are given again, to whom, and for how long."""

from typing import Any

import pytest

from proxy.adapters.cache.memory import MemoryCache
from proxy.errors import UpstreamOverloaded
from proxy.protocol.chat_events import AnsweredBy, ChatEvent, Finish, Sources, TextDelta, Usage
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.models import ResolvedModel
from proxy.protocol.rag_options import RagOptions
from proxy.rag.lookup import Lookup
from proxy.rag.pipeline import Answer, Pipeline
from proxy.rag.recall import AnswerMemory
from proxy.rag.retrieve import Retriever
from proxy.rag.sources import SourceLinks
from proxy.settings import EmbeddingSettings, RagSettings
from tests.support.builders import BOOK, make_chat_request, make_passages
from tests.support.chat_events import USAGE, events_of, text_in
from tests.support.core_ports import LengthEmbedder, ListIndex, ScriptedGenerator
from tests.support.waiting import ample_time

SAYS: list[list[ChatEvent]] = [[TextDelta("So [1]")], [TextDelta(" it is."), Finish("stop"), USAGE]]


class Bench:
    """A pipeline that remembers the answers from a book."""

    def __init__(self, books: tuple[str, ...] = (BOOK,)) -> None:
        self.index = ListIndex(make_passages("First text.", "Second text."))
        self.generator = ScriptedGenerator(SAYS)
        rag = RagSettings.model_validate({})
        retriever = Retriever(
            LengthEmbedder(), self.index, rag, EmbeddingSettings.model_validate({})
        )
        memory = AnswerMemory(MemoryCache(max_bytes=100_000, ttl_s=60), self.index, books)
        self.pipeline = Pipeline(self.generator, Lookup(retriever, rag, None), memory=memory)

    async def begin(
        self,
        chat: ChatCompletionRequest | None = None,
        *,
        model: str = "gemini-3.8-flash",
        may_recall: bool = True,
        **options: Any,
    ) -> Answer:
        """Begin an answer; `options` are those of the retrieval."""
        return await self.pipeline.answer(
            chat or make_chat_request("why?"),
            ResolvedModel("gpt-4o", model),
            RagOptions(**options),
            links=SourceLinks("http://proxy.example"),
            deadline=ample_time(),
            may_recall=may_recall,
        )

    async def ask(self, chat: ChatCompletionRequest | None = None, **options: Any) -> bool:
        """Ask, hear it all, and return whether the answer had been written before."""
        answer = await self.begin(chat, **options)
        assert text_in(await events_of(answer.events)) == "So [1] it is."
        return answer.is_recalled


async def test_the_same_question_has_the_same_answer_which_costs_nothing() -> None:
    bench = Bench()
    first = await events_of((await bench.begin()).events)
    again = await bench.begin(make_chat_request("why?", stream=True))
    second = await events_of(again.events)
    assert again.is_recalled
    assert text_in(second) == text_in(first)
    sources = [[e for e in told if isinstance(e, Sources)] for told in (first, second)]
    assert sources[0] == sources[1] != []
    assert [event for event in second if isinstance(event, Usage)] == [Usage()]
    assert bench.generator.closed == 1


@pytest.mark.parametrize(
    ("chat", "options"),
    [
        (make_chat_request("why not?"), {}),
        (make_chat_request("why? "), {}),
        (make_chat_request("why?", system="Answer in verse."), {}),
        (make_chat_request("why?", temperature=0.5), {}),
        (make_chat_request("why?", max_tokens=5_000), {}),
        (make_chat_request("why?", user="ann"), {}),
        (None, {"model": "gemini-2.5-flash"}),
        (None, {"top_k": 1}),
        (None, {"scope": "page", "page_url": "/ownership"}),
        (None, {"page_url": "/winter"}),
        (None, {"reader": {"software": "beginner"}}),
        (None, {"append_sources": True}),
    ],
)
async def test_whatever_the_answer_depends_on_makes_another_one(
    chat: ChatCompletionRequest | None, options: dict[str, Any]
) -> None:
    bench = Bench()
    assert not await bench.ask()
    answer = await bench.begin(chat, **options)
    assert not answer.is_recalled
    await events_of(answer.events)
    assert (await bench.begin(chat, **options)).is_recalled
    assert (await bench.begin()).is_recalled


async def test_another_edition_has_other_answers() -> None:
    bench = Bench()
    assert [await bench.ask(), await bench.ask()] == [False, True]
    bench.index.edition = 2
    assert [await bench.ask(), await bench.ask()] == [False, True]


@pytest.mark.parametrize(
    ("chat", "options"),
    [
        (make_chat_request("why?", "so.", "and?"), {}),
        (None, {"selected_text": "What Ann reads."}),
        (make_chat_request("why?", n=2), {}),
        (make_chat_request("why?", logprobs=True), {}),
        (
            make_chat_request(
                "why?", tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}]
            ),
            {},
        ),
        (
            make_chat_request(
                messages=[
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "why?"},
                            {
                                "type": "image_url",
                                "image_url": {"url": "data:image/png;base64,AAAA"},
                            },
                        ],
                    }
                ]
            ),
            {},
        ),
        (None, {"enabled": False}),
    ],
    ids=["history", "selection", "choices", "logprobs", "tools", "image", "without the book"],
)
async def test_what_is_somebodys_own_is_never_given_again(
    chat: ChatCompletionRequest | None, options: dict[str, Any]
) -> None:
    bench = Bench()
    for _ in range(2):
        answer = await bench.begin(chat, **options)
        assert not answer.is_recalled
        await events_of(answer.events)


async def test_books_that_do_not_allow_it_have_every_answer_written_anew() -> None:
    bench = Bench(books=("another",))
    assert [await bench.ask(), await bench.ask()] == [False, False]


async def test_whoever_wants_another_answer_gets_one_and_that_is_remembered() -> None:
    bench = Bench()
    await bench.ask()
    bench.generator.batches = [[TextDelta("Better."), Finish("stop"), USAGE]]
    fresh = await bench.begin(may_recall=False)
    assert text_in(await events_of(fresh.events)) == "Better."
    recalled = await bench.begin()
    assert (recalled.is_recalled, text_in(await events_of(recalled.events))) == (True, "Better.")


@pytest.mark.parametrize(
    "batches",
    [
        [[TextDelta("Cut"), Finish("length"), USAGE]],
        [[TextDelta("No"), Finish("content_filter"), USAGE]],
        [[AnsweredBy("another")], [TextDelta("Yes."), Finish("stop"), USAGE]],
        [[Finish("stop"), USAGE]],
    ],
    ids=["cut", "filtered", "by another model", "empty"],
)
async def test_only_a_whole_answer_is_remembered(batches: list[list[ChatEvent]]) -> None:
    bench = Bench()
    bench.generator.batches = batches
    for _ in range(2):
        answer = await bench.begin()
        assert not answer.is_recalled
        await events_of(answer.events)


async def test_an_answer_that_failed_or_was_left_is_not_remembered() -> None:
    bench = Bench()
    bench.generator.fails_with = UpstreamOverloaded("no")
    with pytest.raises(UpstreamOverloaded):
        await events_of((await bench.begin()).events)
    bench.generator.fails_with = None
    left = await bench.begin()
    await anext(left.events)
    await left.events.aclose()
    assert not await bench.ask()
    assert bench.generator.closed == 3
