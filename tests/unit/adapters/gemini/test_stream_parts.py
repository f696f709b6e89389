"""What an answer is made of: calls, thoughts, images, code, sources, hops."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import UpstreamInvalidResponse
from proxy.protocol.chat_events import (
    Finish,
    ImageDelta,
    LogprobsDelta,
    ReasoningDelta,
    Sources,
    TextDelta,
    ToolCallDelta,
)
from tests.support.answer_reading import TOOLS, call, calls_in, candidate, piece, read, reader_of
from tests.support.chat_events import text_in
from tests.support.gemini_events import finish_event, text_event, thought_event


def test_calls_are_whole_and_numbered_over_all_chunks_and_end_the_answer() -> None:
    events = read(
        text_event("Let me see."),
        candidate({**call(args={"a": 1}, id="x7"), "thoughtSignature": "c2ln"}),
        candidate(call(), call("_1st", args={"b": "é"})),
        finish_event("STOP"),
        tools=TOOLS,
    )
    first, second, third = calls_in(events)
    assert first == ToolCallDelta(0, "call_x7", "f", '{"a":1}', signature="c2ln")
    assert (second.position, second.name, second.arguments) == (1, "f", "{}")
    assert (third.position, third.name, third.arguments) == (2, "1st", '{"b":"é"}')
    assert len({c.call_id for c in (first, second, third)}) == 3
    assert all(len(c.call_id) <= 40 for c in (first, second, third))
    assert events[-1] == Finish("tool_calls", "STOP")


@pytest.mark.parametrize(
    ("parts", "signature"),
    [
        ([{"text": "So.", "thoughtSignature": "c2ln"}], "c2ln"),
        ([{"text": "So."}, {"text": "", "thoughtSignature": "c2ln"}], "c2ln"),
        (
            [{"text": "S", "thoughtSignature": "b2xk"}, {"text": "o.", "thoughtSignature": "c2ln"}],
            "c2ln",
        ),
        ([{"text": "So.", "thoughtSignature": 5}], None),
        ([{"text": "Hm.", "thought": True, "thoughtSignature": "c2ln"}, {"text": "So."}], None),
        ([{"text": "So."}, {**call(), "thoughtSignature": "c2ln"}], None),
    ],
)
def test_a_texts_signature_comes_with_the_end(parts: list[Any], signature: str | None) -> None:
    *_, end = read(candidate(*parts, finishReason="STOP"), tools=TOOLS)
    assert isinstance(end, Finish)
    assert end.signature == signature


def test_a_custom_tool_is_called_with_its_text() -> None:
    (made,) = calls_in(
        read(candidate(call("shell", args={"input": "ls"}), finishReason="STOP"), tools=TOOLS)
    )
    assert (made.kind, made.arguments) == ("custom", "ls")
    (odd,) = calls_in(
        read(candidate(call("shell", args={"cmd": "ls"}), finishReason="STOP"), tools=TOOLS)
    )
    assert odd.arguments == '{"cmd":"ls"}'


TWO_CALLS = candidate(call(args={"a": 1}), call(args={"a": 2}), finishReason="STOP")


def test_where_one_call_is_wanted_the_first_is_kept() -> None:
    events = read(TWO_CALLS, tools=TOOLS, parallel_tool_calls=False)
    assert [c.arguments for c in calls_in(events)] == ['{"a":1}']
    assert events[-1] == Finish("tool_calls", "STOP")
    assert len(calls_in(read(TWO_CALLS, tools=TOOLS))) == 2


def test_legacy_functions_are_answered_with_one_legacy_call() -> None:
    events = read(TWO_CALLS, functions=[{"name": "f"}])
    assert [(c.kind, c.arguments) for c in calls_in(events)] == [("legacy", '{"a":1}')]
    assert events[-1] == Finish("function_call", "STOP")


def test_calls_before_a_length_stand_and_before_a_filter_do_not() -> None:
    called = candidate(call(), index=0)
    cut_off = read(called, finish_event("MAX_TOKENS"))
    assert len(calls_in(cut_off)) == 1
    assert cut_off[-1] == Finish("length", "MAX_TOKENS")
    assert calls_in(read(called, finish_event("SAFETY"))) == []


def test_a_call_in_pieces_is_put_together() -> None:
    begun = {"functionCall": {"name": "f", "willContinue": True}, "thoughtSignature": "c2ln"}
    pieces = [
        piece("$.text", stringValue="a", willContinue=True),
        piece("$.text", stringValue="a", willContinue=True),
        piece("$.text", stringValue=""),
        piece("$.list[0].deep", numberValue=1.5),
        piece("$.list[1]['two words']", boolValue=True),
        piece("$.nothing", nullValue="NULL_VALUE"),
    ]
    parts: list[dict[str, Any]] = [begun, *pieces, {"functionCall": {}}, call(args={"z": 1})]
    events = read(*(candidate(part) for part in parts), finish_event("STOP"))
    first, second = calls_in(events)
    assert first.arguments == (
        '{"text":"aa","list":[{"deep":1.5},{"two words":true}],"nothing":null}'
    )
    assert (first.signature, second.signature) == ("c2ln", None)
    assert second.arguments == '{"z":1}'


def test_a_call_that_never_became_whole_is_none() -> None:
    begun = {"functionCall": {"name": "f", "willContinue": True}}
    events = read(candidate(begun), text_event("a", finish="MAX_TOKENS"))
    assert calls_in(events) == []


@pytest.mark.parametrize("path", ["$", "", "text", "$.a[7]", "$.a[0].b[x]", "$..a", "$.a.", "$[0]"])
def test_a_piece_that_belongs_nowhere_is_an_upstream_error(path: str) -> None:
    begun = {"functionCall": {"name": "f", "willContinue": True}}
    with pytest.raises(UpstreamInvalidResponse):
        reader_of().feed([candidate(begun), candidate(piece(path, stringValue="x"))])


def test_thoughts_are_shown_to_those_who_asked() -> None:
    chunks = [thought_event("hm"), text_event("a", finish="STOP")]
    assert read(*chunks, reasoning_effort="low")[0] == ReasoningDelta("hm")
    assert not any(isinstance(event, ReasoningDelta) for event in read(*chunks))
    shown = read(*chunks, reasoning={"effort": "low", "exclude": True})
    assert not any(isinstance(event, ReasoningDelta) for event in shown)


def test_images_come_out_numbered() -> None:
    image = {"inlineData": {"mimeType": "image/png", "data": "AA=="}}
    thought = {**image, "thought": True}
    events = read(candidate(image, thought), candidate(image), finish_event("NO_IMAGE"))
    url = "data:image/png;base64,AA=="
    assert events == [ImageDelta(url, 0), ImageDelta(url, 1), Finish("stop", "NO_IMAGE")]
    assert read(finish_event("NO_IMAGE")) == [Finish("content_filter", "NO_IMAGE")]


def test_code_that_was_run_is_part_of_the_text() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "print(1)"}}
    result = {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}}
    events = read(candidate(code), candidate(result), text_event("So.", finish="STOP"))
    assert text_in(events) == "\n```python\nprint(1)\n```\n\n```\n1\n```\nSo."


def test_log_probabilities_are_openais() -> None:
    chosen = {"token": "é", "logProbability": -0.25, "tokenId": 5}
    tops = [{"candidates": [chosen, {"token": "e", "logProbability": -2}]}]
    result = {"chosenCandidates": [chosen, chosen], "topCandidates": tops}
    events = read(
        {"candidates": [{**text_event("éé")["candidates"][0], "logprobsResult": result}]},
        finish_event("STOP"),
    )
    (logprobs,) = [event for event in events if isinstance(event, LogprobsDelta)]
    entry = {"token": "é", "logprob": -0.25, "bytes": [195, 169]}
    other = {"token": "e", "logprob": -2, "bytes": [101]}
    assert logprobs.content == [
        {**entry, "top_logprobs": [entry, other]},
        {**entry, "top_logprobs": []},
    ]


def sources_of(*responses: dict[str, Any]) -> Sources:
    *_, sources, finish = read(*responses)
    assert isinstance(sources, Sources)
    assert isinstance(finish, Finish)
    assert sources.context is None
    return sources


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_bytes_of_a_search_become_code_points(before: str, cited: str, after: str) -> None:
    start, end = len(before.encode()), len((before + cited).encode())
    segment = {"endIndex": end, **({"startIndex": start} if start else {})}
    metadata = {
        "groundingChunks": [{"web": {"uri": "https://a.example", "title": "a"}}],
        "groundingSupports": [{"segment": segment, "groundingChunkIndices": [0]}],
    }
    ended = {"finishReason": "STOP", "groundingMetadata": metadata}
    (annotation,) = sources_of(
        *(text_event(text) for text in (before, cited, after) if text), {"candidates": [ended]}
    ).annotations
    place = annotation["url_citation"]
    whole = before + cited + after
    assert whole[place["start_index"] : place["end_index"]] == cited


def test_every_chunk_behind_a_segment_is_a_source_and_only_with_an_address() -> None:
    chunks = [
        {"web": {"uri": "https://a.example", "title": "a.example"}},
        {"retrievedContext": {"uri": "gs://b", "title": None}},
        {"web": {"title": "no address"}},
    ]
    support = {"segment": {"endIndex": 1}, "groundingChunkIndices": [0, 1, 2, 3, -1, "x"]}
    metadata = {"groundingChunks": chunks, "groundingSupports": [support]}
    found = sources_of(
        {"candidates": [{"content": {"parts": [{"text": "ab"}]}, "groundingMetadata": metadata}]},
        finish_event("STOP"),
    )
    assert [(a["url_citation"]["url"], a["url_citation"]["title"]) for a in found.annotations] == [
        ("https://a.example", "a.example"),
        ("gs://b", "gs://b"),
    ]


def test_what_was_recited_is_named_chunk_by_chunk() -> None:
    def recited(text: str, **source: Any) -> dict[str, Any]:
        return candidate({"text": text}, citationMetadata={"citationSources": [source]})

    found = sources_of(
        recited("abc", startIndex=1, endIndex=2, uri="https://a.example"),
        recited("def", startIndex=3, endIndex=4),
        recited("ghi", startIndex=6, endIndex=9, uri="https://b.example", title="B"),
        finish_event("RECITATION"),
    )
    places = [a["url_citation"] for a in found.annotations]
    assert [(p["start_index"], p["end_index"], p["url"]) for p in places] == [
        (1, 2, "https://a.example"),
        (6, 9, "https://b.example"),
    ]


def test_a_continued_answer_goes_on_in_the_same_reader() -> None:
    reader = reader_of()
    assert reader.continuation is None
    broken_off: dict[str, Any] = {"finishReason": "CONTINUATION", "continuationToken": "t1"}
    reader.feed([text_event("a"), candidate(call(id="1")), {"candidates": [broken_off]}])
    assert reader.continuation == "t1"
    reader.begin_hop()
    assert (reader.continuation, reader.usage) == (None, None)
    events = reader.feed([text_event("b"), candidate(call(id="2")), finish_event("STOP")])
    assert events == [TextDelta("b")]
    assert reader.continuation is None
    *made, finish = reader.finish()
    assert [c.position for c in calls_in(made)] == [0, 1]
    assert finish == Finish("tool_calls", "STOP")


def test_a_hop_that_breaks_off_is_not_the_end_that_the_last_one_had() -> None:
    reader = reader_of()
    broken_off: dict[str, Any] = {"finishReason": "CONTINUATION", "continuationToken": "t1"}
    reader.feed([text_event("a"), {"candidates": [broken_off]}])
    reader.begin_hop()
    reader.feed([text_event("b")])
    with pytest.raises(UpstreamInvalidResponse):
        reader.finish()
