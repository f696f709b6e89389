"""The offline reader, with the bundled embedding model."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from proxy.adapters.local.embedder import LocalEmbedder
from proxy.adapters.local.reader import OfflineReader
from proxy.adapters.local.wording import (
    CLOSEST,
    GREETING,
    NOT_ASKED,
    NOT_FOUND,
    NOT_IN_SELECTION,
    NOT_SEARCHED,
)
from proxy.corpus import SELECTION_ID, Chunk, Passage
from proxy.deadline import Deadline
from proxy.errors import UnsupportedParameter, UpstreamTimeout
from proxy.ports import Grounding
from proxy.protocol.chat_events import ChatEvent, Finish, TextDelta, Usage
from proxy.protocol.chat_request import ChatCompletionRequest
from tests.support.waiting import ample_time

BOOK = {
    "Watering": (
        "Tomatoes need water every second day. In a heat wave, water them each morning.\n\n"
        "Never wet the leaves, because wet leaves invite mildew."
    ),
    "Installing the pump": (
        "The pump lifts water from the barrel.\n\nInstall its driver with:\n\n"
        "```sh\napt-get install pump-driver\n```\n\nThe driver listens on port 9417."
    ),
    "Compost": (
        "What may go onto the heap:\n\n- peel and coffee grounds\n- grass, in thin layers\n\n"
        "A compost heap is a pile of plant remains that rots into soil."
    ),
}


@pytest.fixture(scope="module")
def reader() -> OfflineReader:
    return OfflineReader(LocalEmbedder(threads=1))


def passages() -> tuple[Passage, ...]:
    return tuple(
        Passage(
            Chunk(
                chunk_id=f"chunk-{i}",
                book="garden",
                document_id="garden.md",
                title="Garden",
                heading_path=("Garden", heading),
                anchor="",
                url=None,
                position=i,
                text=text,
            ),
            score=0.5,
        )
        for i, (heading, text) in enumerate(BOOK.items())
    )


def request(question: str, **fields: Any) -> ChatCompletionRequest:
    return ChatCompletionRequest.model_validate(
        {"model": "offline", "messages": [{"role": "user", "content": question}], **fields}
    )


async def events_of(
    reader: OfflineReader,
    question: str,
    found: Sequence[Passage] | None = None,
    **fields: Any,
) -> list[ChatEvent]:
    """Return all events; `found` None: the garden book."""
    grounding = Grounding(question, passages() if found is None else tuple(found))
    stream = reader.stream(
        request(question, **fields), model="x", grounding=grounding, deadline=ample_time()
    )
    batches = [batch async for batch in stream]
    assert all(batches)
    return [event for batch in batches for event in batch]


def text_of_choice(events: Sequence[ChatEvent], index: int = 0) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta) and e.index == index)


@pytest.mark.parametrize(
    ("question", "quoted", "number"),
    [
        ("How often do tomatoes get water?", "every second day", 1),
        ("Why should leaves stay dry?", "because wet leaves invite mildew", 1),
        ("Which port does the driver use?", "listens on port 9417", 2),
        ("How do I install the driver of the pump?", "```sh\napt-get install pump-driver\n```", 2),
        ("What is a compost heap?", "is a pile of plant remains", 3),
        ("What may I put on the compost heap?", "- peel and coffee grounds [3]", 3),
    ],
)
async def test_the_sentence_that_answers_is_quoted_with_its_number(
    reader: OfflineReader, question: str, quoted: str, number: int
) -> None:
    answer = text_of_choice(await events_of(reader, question))
    assert quoted in answer
    assert f"[{number}]" in answer
    assert all(1 <= int(n) <= len(BOOK) for n in re.findall(r"\[(\d+)\]", answer))


@pytest.mark.parametrize(
    "question",
    ["Who painted the Mona Lisa?", "How do I renew my passport?", "量子力学とは何ですか"],
)
async def test_it_says_when_the_book_does_not_answer(reader: OfflineReader, question: str) -> None:
    said = text_of_choice(await events_of(reader, question))
    assert said.startswith(f"{NOT_FOUND}\n\n{CLOSEST}")


SELECTED = (
    "A compost heap turns plant remains into soil. Bacteria eat the remains and turn them into "
    "humus, which makes soil fertile. Turn the heap each month so that the bacteria get air and "
    "the remains rot into soil. My neighbour Bob came to visit."
)


def selection(text: str = SELECTED) -> Passage:
    chunk = Chunk(
        chunk_id=SELECTION_ID,
        book="",
        document_id="",
        title="Selected text",
        heading_path=("Selected text",),
        anchor="",
        url=None,
        position=0,
        text=text,
    )
    return Passage(chunk, score=1.0)


@pytest.mark.parametrize("question", ["Explain this", "What does this mean?", "Resume este texto"])
async def test_asked_to_explain_a_selection_it_quotes_what_says_most(
    reader: OfflineReader, question: str
) -> None:
    said = text_of_choice(await events_of(reader, question, [selection()]))
    assert "turns plant remains into soil. [1]" in said
    assert "Bob" not in said


async def test_asked_to_explain_a_selection_with_the_book_beside_it_it_keeps_to_the_selection(
    reader: OfflineReader,
) -> None:
    said = text_of_choice(await events_of(reader, "Explain this", [selection(), *passages()]))
    assert set(re.findall(r"\[\d+\]", said)) == {"[1]"}


async def test_a_short_selection_is_quoted_whole(reader: OfflineReader) -> None:
    said = text_of_choice(await events_of(reader, "What is this?", [selection("Water boils.")]))
    assert said == "Water boils. [1]"


@pytest.mark.parametrize("text", [SELECTED, "- - -"])
async def test_what_a_selection_does_not_say_is_not_looked_for_in_it_by_name(
    reader: OfflineReader, text: str
) -> None:
    question = "Who painted the Mona Lisa?"
    assert text_of_choice(await events_of(reader, question, [selection(text)])) == NOT_IN_SELECTION


STEPS = (
    "To start the laser cutter:\n\n1. Open the fume valve.\n2. Switch on the chiller.\n"
    "3. Wait until the water has 20 degrees.\n4. Close the lid.\n5. Turn the key.\n"
)


async def test_a_procedure_is_quoted_with_all_its_steps(reader: OfflineReader) -> None:
    said = text_of_choice(
        await events_of(reader, "How do I start the laser cutter?", [selection(STEPS)])
    )
    assert said == (
        "To start the laser cutter: [1]\n\n1. Open the fume valve. [1]\n"
        "2. Switch on the chiller. [1]\n3. Wait until the water has 20 degrees. [1]\n"
        "4. Close the lid. [1]\n5. Turn the key. [1]"
    )


async def test_without_passages_there_is_no_answer(reader: OfflineReader) -> None:
    assert text_of_choice(await events_of(reader, "How often?", [])) == NOT_FOUND


async def test_equal_requests_have_equal_answers(reader: OfflineReader) -> None:
    first = await events_of(reader, "How often do tomatoes get water?")
    assert await events_of(reader, "How often do tomatoes get water?") == first


async def test_the_stream_ends_with_finish_and_usage(reader: OfflineReader) -> None:
    *deltas, finish, usage = await events_of(reader, "How often do tomatoes get water?")
    assert len(deltas) > 1
    assert finish == Finish("stop")
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens == 7
    embedder = LocalEmbedder(threads=1)
    assert usage.completion_tokens == embedder.count_tokens(text_of_choice(deltas))


async def test_every_choice_gets_the_answer(reader: OfflineReader) -> None:
    events = await events_of(reader, "Which port does the driver use?", n=3)
    assert [e.index for e in events if isinstance(e, Finish)] == [0, 1, 2]
    assert text_of_choice(events, 0) == text_of_choice(events, 2) != ""
    single = (await events_of(reader, "Which port does the driver use?"))[-1]
    assert isinstance(single, Usage)
    assert isinstance(events[-1], Usage)
    assert events[-1].completion_tokens == 3 * single.completion_tokens


async def test_a_token_limit_is_kept(reader: OfflineReader) -> None:
    events = await events_of(reader, "How often do tomatoes get water?", max_completion_tokens=3)
    assert events[-2] == Finish("length")
    assert isinstance(events[-1], Usage)
    assert 0 < events[-1].completion_tokens <= 3


async def test_a_stop_sequence_ends_the_answer(reader: OfflineReader) -> None:
    events = await events_of(reader, "How often do tomatoes get water?", stop=["every"])
    assert text_of_choice(events).endswith("water ")
    assert events[-2] == Finish("stop")


async def test_a_greeting_is_answered_without_the_book(reader: OfflineReader) -> None:
    assert text_of_choice(await events_of(reader, "Hello!")) == GREETING


async def test_not_asked_to_look_in_the_book_it_says_so(reader: OfflineReader) -> None:
    for messages in (
        [{"role": "user", "content": "Write a poem."}],
        [{"role": "system", "content": "Be brief."}],
    ):
        stream = reader.stream(
            ChatCompletionRequest.model_validate({"model": "m", "messages": messages}),
            model="x",
            grounding=None,
            deadline=ample_time(),
        )
        events = [event async for batch in stream for event in batch]
        assert text_of_choice(events) == NOT_ASKED


async def test_a_deadline_that_has_passed_ends_it(reader: OfflineReader) -> None:
    stream = reader.stream(
        request("How often?"),
        model="x",
        grounding=Grounding("How often?", passages()),
        deadline=Deadline.after(-1),
    )
    with pytest.raises(UpstreamTimeout):
        await anext(stream)


async def test_it_is_always_ready(reader: OfflineReader) -> None:
    await reader.check()


async def test_a_book_that_could_not_be_searched_is_not_said_to_hold_nothing(
    reader: OfflineReader,
) -> None:
    stream = reader.stream(
        request("How often are beds watered?"),
        model="x",
        grounding=Grounding("How often are beds watered?", (), was_searched=False),
        deadline=ample_time(),
    )
    events = [event for batch in [batch async for batch in stream] for event in batch]
    assert text_of_choice(events) == NOT_SEARCHED


TOOL: dict[str, Any] = {"type": "function", "function": {"name": "f"}}
UNDOABLE: list[tuple[dict[str, Any], str]] = [
    ({"tools": [TOOL], "tool_choice": "required"}, "tool_choice"),
    ({"tools": [TOOL], "tool_choice": TOOL}, "tool_choice"),
    ({"functions": [TOOL["function"]], "function_call": {"name": "f"}}, "function_call"),
    ({"response_format": {"type": "json_object"}}, "response_format"),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}},
        "response_format",
    ),
]


@pytest.mark.parametrize(("fields", "param"), UNDOABLE)
async def test_what_quoting_cannot_give_is_refused_before_anything_is_said(
    reader: OfflineReader, fields: dict[str, Any], param: str
) -> None:
    batches = reader.stream(
        request("How often?", **fields), model="", grounding=None, deadline=ample_time()
    )
    with pytest.raises(UnsupportedParameter) as refused:
        await anext(batches)
    assert refused.value.param == param


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [TOOL]},
        {"tools": [TOOL], "tool_choice": "none"},
        {"response_format": {"type": "text"}},
    ],
)
async def test_what_is_only_offered_does_no_harm(
    reader: OfflineReader, fields: dict[str, Any]
) -> None:
    batches = reader.stream(
        request("How often?", **fields), model="", grounding=None, deadline=ample_time()
    )
    assert await anext(batches)
    await batches.aclose()
