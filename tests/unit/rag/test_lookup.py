"""From a conversation to what the book says."""

import asyncio
from typing import Any

import pytest

from proxy.errors import InvalidRequest, RetrievalUnavailable
from proxy.protocol.chat_events import Finish, TextDelta
from proxy.protocol.rag_options import RagOptions
from proxy.rag.lookup import Lookup
from proxy.rag.retrieve import Retriever
from proxy.rag.rewrite import Rewriter
from proxy.rag.turn import Retrieved
from proxy.settings import EmbeddingSettings, RagSettings
from tests.support.builders import make_chat_request, make_passages
from tests.support.chat_events import USAGE
from tests.support.core_ports import LengthEmbedder, ListIndex, ScriptedGenerator
from tests.support.waiting import ample_time

PASSAGES = make_passages("First text.", "Second text.", "Third text.")
FOLLOW_UP = (
    "What is the offline reader?",
    "It quotes the book [1]. It is a program.",
    "How does it work?",
)
BY_RULES = "How does the offline reader work?"
ASSISTANT_CALLS = {
    "role": "assistant",
    "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}


class Bench:
    """A lookup over ports that can be looked at."""

    def __init__(self, *, rewriting: ScriptedGenerator | None = None, **rag: Any) -> None:
        self.embedder, self.index = LengthEmbedder(), ListIndex(PASSAGES)
        settings = RagSettings.model_validate(rag)
        embedding = EmbeddingSettings.model_validate({})
        rewriter = Rewriter(rewriting, "fast", 5.0) if rewriting else None
        retriever = Retriever(self.embedder, self.index, settings, embedding)
        self._lookup = Lookup(retriever, settings, rewriter)

    async def find(self, *turns: str, messages: Any = None, **options: Any) -> Retrieved:
        """Look a conversation up; `options` are those of retrieval."""
        chat = make_chat_request(*turns, messages=messages)
        return await self._lookup.find(chat, RagOptions(**options), ample_time())

    @property
    def asked(self) -> list[str]:
        """The texts that were searched for."""
        return [text for texts, _, _ in self.embedder.asked for text in texts]


async def test_a_question_that_stands_alone_is_searched_for_as_it_is() -> None:
    bench = Bench(rewriting=ScriptedGenerator([[TextDelta("never asked")]]))
    found = await bench.find("What is a chunk?", "A piece [1].", "What is an edition?")
    assert (found.status, found.query) == ("grounded", "What is an edition?")
    assert bench.asked == ["What is an edition?"]


async def test_a_follow_up_is_searched_for_by_the_rules_and_with_what_was_cited() -> None:
    bench = Bench()
    found = await bench.find(*FOLLOW_UP)
    assert found.query == BY_RULES
    assert sorted(bench.asked) == sorted([BY_RULES, "It quotes the book ."])


async def test_a_model_rewrites_it_better() -> None:
    model = ScriptedGenerator(
        [[TextDelta("offline reader inner workings")], [Finish("stop"), USAGE]]
    )
    bench = Bench(rewriting=model)
    found = await bench.find(*FOLLOW_UP)
    assert (found.query, found.reason) == ("offline reader inner workings", None)


async def test_where_the_model_fails_the_rules_count_and_it_is_said() -> None:
    bench = Bench(rewriting=ScriptedGenerator(fails_with=RetrievalUnavailable("down")))
    found = await bench.find(*FOLLOW_UP)
    assert (found.status, found.query, found.reason) == ("grounded", BY_RULES, "not-rewritten")


async def test_switched_off_a_follow_up_is_searched_for_by_its_own_words() -> None:
    bench = Bench(PROXY_REWRITE="off")
    found = await bench.find(*FOLLOW_UP)
    assert found.query == FOLLOW_UP[-1]
    assert bench.asked == [FOLLOW_UP[-1]]


async def test_without_markers_in_the_last_answer_nothing_is_carried() -> None:
    bench = Bench()
    await bench.find("What is a chunk?", "A piece.", "And why?")
    assert len(bench.asked) == 1


async def test_what_the_last_answer_cited_answers_where_nothing_else_does() -> None:
    bench = Bench()
    bench.index.passages = ()
    assert (await bench.find(*FOLLOW_UP)).status == "no-match"


async def test_a_wrong_book_is_refused_while_a_model_is_asked() -> None:
    bench = Bench(rewriting=ScriptedGenerator([[TextDelta("q")]]))
    with pytest.raises(InvalidRequest):
        await bench.find(*FOLLOW_UP, books=["zzz"])
    assert len(asyncio.all_tasks()) == 1


async def test_a_selection_alone_looks_nothing_up() -> None:
    bench = Bench()
    found = await bench.find(*FOLLOW_UP, selected_text="Only this.")
    assert [p.chunk.text for p in found.passages] == ["Only this."]
    assert found.is_selection
    assert (bench.asked, bench.index.searches) == ([], [])


async def test_a_selection_with_a_scope_has_the_book_behind_it() -> None:
    bench = Bench()
    found = await bench.find("why?", selected_text="This first.", scope="book")
    texts = ["This first.", "First text.", "Second text.", "Third text."]
    assert [p.chunk.text for p in found.passages] == texts
    assert not found.is_selection


async def test_a_selection_still_answers_when_a_tool_has() -> None:
    messages = [
        {"role": "user", "content": "why?"},
        ASSISTANT_CALLS,
        {"role": "tool", "tool_call_id": "c", "content": "result"},
    ]
    found = await Bench().find(messages=messages, selected_text="Only this.")
    assert found.is_selection
    assert (await Bench().find(messages=messages)).reason == "tool-result"


async def test_switched_off_nothing_is_looked_up() -> None:
    bench = Bench()
    assert await bench.find("why?", enabled=False) == Retrieved("off", "")
    assert bench.asked == []
