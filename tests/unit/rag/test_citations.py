"""Markers to annotations, passages to context: the shapes that clients are promised."""

from collections.abc import AsyncGenerator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat.chat_completion_message import Annotation

from proxy.protocol.accumulate import Accumulator
from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta, ToolCallDelta
from proxy.protocol.rag_options import RagOptions
from proxy.rag.citations import cite
from proxy.rag.selection import alone, selected_passage
from proxy.rag.sources import SourceLinks
from proxy.rag.turn import Retrieved
from tests.support.builders import make_passage, make_passages
from tests.support.chat_events import USAGE, cut, events_of, stream_of, text_in

LINKS = SourceLinks("http://proxy.example")
PASSAGES = make_passages("First text.", "Second text.", "Third text.")
GROUNDED = Retrieved("grounded", "the query", PASSAGES)


async def cited(
    *batches: list[ChatEvent], retrieved: Retrieved = GROUNDED, append_sources: bool = False
) -> list[ChatEvent]:
    events = cite(stream_of(batches), retrieved, LINKS, append_sources=append_sources)
    return await events_of(events)


def sources_in(events: list[ChatEvent]) -> list[Sources]:
    return [event for event in events if isinstance(event, Sources)]


async def test_an_answer_ends_with_its_sources_right_before_its_finish() -> None:
    events = await cited([TextDelta("So [2] and [1].")], [Finish("stop"), USAGE])
    assert [type(event) for event in events] == [TextDelta, Sources, Finish, type(USAGE)]
    (sources,) = sources_in(events)
    assert sources.annotations == [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": 3,
                "end_index": 6,
                "title": "Ownership › Rules",
                "url": "https://book.example/ownership#part-2:~:text=Second%20text.",
            },
        },
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": 11,
                "end_index": 14,
                "title": "Ownership › Rules",
                "url": "https://book.example/ownership#part-1",
            },
        },
    ]
    for annotation in sources.annotations:
        parsed = Annotation.model_validate(annotation, strict=True)
        assert (parsed.model_extra, parsed.url_citation.model_extra) == ({}, {})


async def test_the_context_holds_every_passage_in_the_order_of_the_numbers() -> None:
    (sources,) = sources_in(await cited([TextDelta("Nothing cited."), Finish("stop"), USAGE]))
    assert sources.annotations == []
    assert sources.context is not None
    assert sources.context["intent"] == "the query"
    assert [c["content"] for c in sources.context["citations"]] == [
        "First text.",
        "Second text.",
        "Third text.",
    ]
    assert sources.context["citations"][0] == {
        "content": "First text.",
        "title": "Ownership › Rules",
        "url": "https://book.example/ownership#part-1",
        "filepath": "ownership.md",
        "chunk_id": PASSAGES[0].chunk.chunk_id,
        "score": 0.9,
    }


async def test_what_is_said_before_a_call_goes_before_it() -> None:
    call = ToolCallDelta(0, "call_x", "f", "{}")
    events = await cited([TextDelta("See [1"), call, Finish("tool_calls"), USAGE])
    assert [type(e) for e in events[-4:]] == [ToolCallDelta, Sources, Finish, type(USAGE)]
    assert text_in(events[:-4]) == "See [1"


async def test_sources_of_the_upstreams_own_search_stand_behind_ours() -> None:
    theirs = {"type": "url_citation", "url_citation": {"url": "https://a.example"}}
    events = await cited([TextDelta("So [1]."), Sources([theirs], None), Finish("stop"), USAGE])
    (sources,) = sources_in(events)
    assert [a["url_citation"]["url"] for a in sources.annotations] == [
        "https://book.example/ownership#part-1",
        "https://a.example",
    ]
    assert sources.context is not None
    nothing = Retrieved("no-match", "q")
    (alone,) = sources_in(
        await cited([TextDelta("So."), Sources([theirs], None), Finish("stop")], retrieved=nothing)
    )
    assert (alone.annotations, alone.context) == ([theirs], None)


async def test_places_of_the_upstreams_own_sources_move_with_the_text() -> None:
    said = "Say [9] this, quoted [1, 2]."
    cited_text = "this, quoted"
    start = said.index(cited_text)
    theirs = {
        "type": "url_citation",
        "url_citation": {
            "url": "https://a.example",
            "start_index": start,
            "end_index": start + len(cited_text),
        },
    }
    events = await cited([TextDelta(said), Sources([theirs], None), Finish("stop"), USAGE])
    (sources,) = sources_in(events)
    moved = sources.annotations[-1]["url_citation"]
    assert text_in(events)[moved["start_index"] : moved["end_index"]] == cited_text


async def test_data_is_left_as_it_is() -> None:
    said: list[ChatEvent] = [TextDelta('{"a": [1]'), TextDelta(", [99]}")]
    answer = stream_of([said, [Finish("stop")]])
    events = await events_of(cite(answer, GROUNDED, LINKS, marks=False, append_sources=True))
    assert events[:2] == said
    (sources,) = sources_in(events)
    assert (sources.annotations, sources.file_citations) == ([], [])
    assert sources.context is not None


async def test_a_passage_without_a_page_is_linked_here() -> None:
    passage = make_passage(base_url=None, score=0.123456)
    (sources,) = sources_in(
        await cited(
            [TextDelta("[1]"), Finish("stop"), USAGE],
            retrieved=Retrieved("grounded", "q", (passage,)),
        )
    )
    here = f"http://proxy.example/v1/sources/{passage.chunk.chunk_id}"
    assert sources.annotations[0]["url_citation"]["url"] == here
    assert sources.context is not None
    assert sources.context["citations"][0]["url"] == here
    assert sources.context["citations"][0]["score"] == 0.1235


async def test_what_was_held_back_comes_before_the_sources() -> None:
    events = await cited([TextDelta("So it is [1]")], [Finish("stop"), USAGE])
    assert [e.text for e in events if isinstance(e, TextDelta)] == ["So it is", " [1]"]
    assert len(sources_in(events)[0].annotations) == 1


async def test_a_batch_that_is_held_back_whole_is_not_sent_empty() -> None:
    events = await cited([TextDelta("[")], [TextDelta("1")], [TextDelta("]")], [Finish("stop")])
    assert text_in(events) == "[1]"


async def test_without_passages_there_are_no_sources_and_no_numbers() -> None:
    events = await cited(
        [TextDelta("So [1]."), Finish("stop"), USAGE], retrieved=Retrieved("no-match", "q")
    )
    assert text_in(events) == "So."
    assert sources_in(events) == []


async def test_an_answer_of_no_text_has_its_context_still() -> None:
    events = await cited([Finish("content_filter", "SAFETY"), USAGE])
    assert [type(event) for event in events] == [Sources, Finish, type(USAGE)]


async def test_each_choice_has_sources_of_its_own() -> None:
    events = await cited(
        [TextDelta("[1]"), TextDelta("x [2] ", 1), TextDelta("[9]", 1), TextDelta("y")],
        [Finish("stop"), Finish("length", index=1), USAGE],
    )
    assert (text_in(events, 0), text_in(events, 1)) == ("[1]y", "x [2]")
    first, second = sources_in(events)
    assert (first.index, second.index) == (0, 1)
    assert second.annotations[0]["url_citation"]["start_index"] == 2


async def test_a_list_of_sources_is_appended_on_request() -> None:
    odd = make_passage("x", heading_path=("A [draft]",), base_url=None)
    events = await cited(
        [TextDelta("So [3] and [1]."), Finish("stop"), USAGE],
        retrieved=Retrieved("grounded", "q", (PASSAGES[0], PASSAGES[1], odd)),
        append_sources=True,
    )
    assert text_in(events) == (
        "So [3] and [1].\n\n**Sources**\n\n"
        "- [1] [Ownership › Rules](https://book.example/ownership#part-1)\n"
        f"- [3] [A \\[draft\\]](http://proxy.example/v1/sources/{odd.chunk.chunk_id})"
    )
    assert len(sources_in(events)[0].annotations) == 2


async def test_where_nothing_was_cited_no_list_is_appended() -> None:
    events = await cited([TextDelta("Nothing."), Finish("stop")], append_sources=True)
    assert text_in(events) == "Nothing."


PIECES = st.lists(st.sampled_from(["So ", "[1]", " [2", "]", "[9]", "`a[1]`", "😀", "\n"]))


@given(st.data(), PIECES)
async def test_the_completion_does_not_depend_on_the_batches(
    data: st.DataObject, pieces: list[str]
) -> None:
    events: list[ChatEvent] = [*map(TextDelta, pieces), Finish("stop"), USAGE]
    batches: list[list[ChatEvent]] = data.draw(cut(events))

    def completion(made: list[ChatEvent]) -> dict[str, Any]:
        fold = Accumulator()
        fold.feed(made)
        return fold.result(completion_id="c", created_unix_s=1, model="m")

    assert completion(await cited(*batches)) == completion(await cited(events))


async def test_closing_early_closes_what_is_beneath() -> None:
    is_closed = False

    async def endless() -> AsyncGenerator[list[ChatEvent]]:
        nonlocal is_closed
        try:
            while True:
                yield [TextDelta("word ")]
        finally:
            is_closed = True

    events = cite(endless(), GROUNDED, LINKS, append_sources=False)
    assert await anext(events) == [TextDelta("word")]
    await events.aclose()
    assert is_closed


async def test_a_cited_sentence_that_its_passage_does_not_support_is_flagged() -> None:
    passages = make_passages("The pump starts below two bar.", "The valve closes at four bar.")
    (sources,) = sources_in(
        await cited(
            [TextDelta("The pump starts below nine bar [1]. "), TextDelta("The valve closes [2].")],
            [Finish("stop")],
            retrieved=Retrieved("grounded", "q", passages),
        )
    )
    assert sources.context is not None
    assert sources.context["unsupported"] == [
        {"start_index": 0, "end_index": 35, "citations": [1], "reasons": ["number"]}
    ]
    assert sources.doubts == [("number",), ()]
    urls = [annotation["url_citation"]["url"] for annotation in sources.annotations]
    assert urls == [
        "https://book.example/ownership#part-1",
        "https://book.example/ownership#part-2:~:text=The%20valve%20closes%20at%20four%20bar.",
    ]


async def test_an_answer_that_cites_nothing_has_nothing_to_flag() -> None:
    (sources,) = sources_in(await cited([TextDelta("Nothing cited."), Finish("stop")]))
    assert sources.context is not None
    assert "unsupported" not in sources.context


async def test_a_selection_from_no_known_page_is_listed_without_a_link() -> None:
    selected = selected_passage(RagOptions(selected_text="The pump starts."))
    assert selected is not None
    events = await cited(
        [TextDelta("It starts [1]."), Finish("stop")],
        retrieved=alone("why?", selected),
        append_sources=True,
    )
    assert text_in(events).endswith("**Sources**\n\n- [1] Selected text")
    assert sources_in(events)[0].annotations[0]["url_citation"]["url"] == ""
