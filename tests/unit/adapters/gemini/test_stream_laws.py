"""Whatever Gemini sends, what goes out keeps the laws that clients rely on."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.response import CALL_FAILURES, CONTENT_FILTER_REASONS, usage_to_openai
from proxy.errors import UpstreamInvalidResponse
from proxy.protocol.accumulate import Accumulator
from proxy.protocol.sse import ChunkEncoder
from tests.support.answer_reading import TOOLS, call, candidate, piece, reader_of
from tests.support.chat_events import as_message, as_streamed, chunks_in, cut, folded
from tests.support.gemini_events import finish_event

Drawn = st.SearchStrategy[Any]
PARTS: Drawn = st.one_of(
    st.text("aé😀", max_size=3).map(lambda text: {"text": text}),
    st.text("ab", max_size=3).map(lambda text: {"text": text, "thought": True}),
    st.integers(0, 9).map(lambda n: call(args={"n": n})),
    st.integers(0, 9).map(lambda n: call(id=f"id{n}")),
    st.just({"inlineData": {"mimeType": "image/png", "data": "AA=="}}),
    st.just({"executableCode": {"language": "PYTHON", "code": "1"}}),
    st.just({"thoughtSignature": "c2ln", "text": ""}),
    st.just({"thoughtSignature": "c2ln", "text": "s"}),
    st.just({"thoughtSignature": "c2ln", "text": "t", "thought": True}),
    st.just({**call(args={"n": 1}), "thoughtSignature": "c2ln"}),
    st.just({"functionCall": {"name": "f", "willContinue": True}}),
    st.just(piece("$.a", stringValue="x")),
    st.just({"functionCall": {}}),
)
REASONS = st.sampled_from(
    [
        "STOP",
        "MAX_TOKENS",
        "OTHER",
        "NO_IMAGE",
        "BRAND_NEW",
        *sorted(CALL_FAILURES | CONTENT_FILTER_REASONS),
    ]
)
METADATA: Drawn = st.fixed_dictionaries(
    {},
    optional={
        "finishReason": REASONS,
        "index": st.just(0),
        "groundingMetadata": st.just(
            {
                "groundingChunks": [{"web": {"uri": "https://a.example"}}],
                "groundingSupports": [{"groundingChunkIndices": [0], "segment": {"endIndex": 1}}],
            }
        ),
        "logprobsResult": st.just({"chosenCandidates": [{"token": "a", "logProbability": -1}]}),
    },
)
CHUNKS: Drawn = st.lists(
    st.tuples(st.lists(PARTS, max_size=3), METADATA).map(
        lambda made: candidate(*made[0], **made[1])
    )
    | st.integers(0, 9).map(lambda n: {"usageMetadata": {"promptTokenCount": n}})
    | st.just(candidate()),
    max_size=8,
)
IDENTITY: dict[str, Any] = {"completion_id": "c", "created_unix_s": 1, "model": "m"}


@given(data=st.data(), chunks=CHUNKS, reason=REASONS, one_call=st.booleans(), legacy=st.booleans())
def test_whatever_comes_the_laws_of_a_stream_hold(
    data: st.DataObject, chunks: list[Any], reason: str, *, one_call: bool, legacy: bool
) -> None:
    tools: dict[str, Any] = {"functions": [{"name": "f"}]} if legacy else {"tools": TOOLS[:1]}
    asked = {**tools, "parallel_tool_calls": not one_call, "reasoning_effort": "low"}
    reader = reader_of(**asked)
    responses = [*chunks, finish_event(reason)]
    encoder = ChunkEncoder(**IDENTITY, include_usage=True)
    fold, sent = Accumulator(), encoder.start()
    try:
        for batch in data.draw(cut(responses)):
            events = reader.feed(batch)
            fold.feed(events)
            sent += encoder.encode(events)
        last = [*reader.finish(), usage_to_openai(reader.usage)]
    except UpstreamInvalidResponse:  # an end that is a failure, a piece that belongs nowhere
        return
    fold.feed(last)
    *made, end = chunks_in(sent + encoder.encode(last))
    choices = [chunk["choices"][0] for chunk in made]
    assert [i for i, c in enumerate(choices) if "role" in c["delta"]] == [0]
    assert [i for i, c in enumerate(choices) if c["finish_reason"]] == [len(choices) - 1]
    assert choices[-1]["delta"] == {}
    assert all(c["delta"].get("content") != "" for c in choices[1:])
    calls = [one for c in choices for one in c["delta"].get("tool_calls", ())]
    assert [one["index"] for one in calls] == list(range(len(calls)))
    legacy_calls = [c for c in choices if "function_call" in c["delta"]]
    assert len(legacy_calls) <= 1
    assert one_call is False or len(calls) <= 1
    finish = choices[-1]["finish_reason"]
    assert (finish in {"tool_calls", "function_call"}) <= bool(calls or legacy_calls)
    assert finish != "content_filter" or not (calls or legacy_calls)
    assert finish != "stop" or not (calls or legacy_calls)
    assert (end["choices"], "usage" in end) == ([], True)
    whole = fold.result(**IDENTITY)
    seen = folded([*made, end])
    assert [as_message(choice) for choice in seen["choices"]] == as_streamed(whole["choices"])
    assert seen["usage"] == whole["usage"]
