"""Every recorded answer, replayed over a socket, is what an OpenAI client expects.

What a recording implies is computed here from its JSON, not by the code under test.
"""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.errors import ProxyError
from proxy.protocol.accumulate import Accumulator
from proxy.protocol.chat_events import ChatEvent
from proxy.protocol.sse import ChunkEncoder
from tests.support.builders import make_chat_request
from tests.support.chat_events import as_message, as_streamed, chunks_in, events_of, folded
from tests.support.gemini_client import MODEL
from tests.support.gemini_server import FakeGemini
from tests.support.openai_types import extras_of
from tests.support.recordings import Recording, recordings
from tests.support.waiting import ample_time

IDENTITY: dict[str, Any] = {"completion_id": "chatcmpl-1", "created_unix_s": 5, "model": "m"}
FILTERS = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR")
REASONS = {"STOP": "stop", "MAX_TOKENS": "length", **dict.fromkeys(FILTERS, "content_filter")}
FAILURES = {
    "MALFORMED_FUNCTION_CALL": "upstream_malformed_tool_call",
    "UNEXPECTED_TOOL_CALL": "upstream_malformed_tool_call",
    "TOO_MANY_TOOL_CALLS": "upstream_malformed_tool_call",
    "MALFORMED_RESPONSE": "upstream_malformed_tool_call",
    "MISSING_THOUGHT_SIGNATURE": "missing_thought_signature",
}


def is_an_answer(recording: Recording) -> bool:
    return recording.category not in {"embeddings", "models"} and recording.status == 200


@dataclass
class Implied:
    """What a recording says, read in the plainest way."""

    text: str = ""
    thoughts: str = ""
    images: int = 0
    native: str | None = None

    def __init__(self, recording: Recording) -> None:
        self.calls: list[dict[str, Any]] = []
        self.usage: dict[str, int] = {}
        self.cited: list[str] = []
        for response in responses_in(recording):
            self.usage = response.get("usageMetadata") or self.usage
            if (feedback := response.get("promptFeedback")) and "blockReason" in feedback:
                self.native = feedback["blockReason"]
            for candidate in candidates_in(response):
                self.native = candidate.get("finishReason") or self.native
                for part in parts_in(candidate):
                    self._part(part)
                self._sources(candidate)

    def _part(self, part: dict[str, Any]) -> None:
        if part.get("thought"):
            self.thoughts += part.get("text", "")
        elif "text" in part:
            self.text += part["text"]
        elif "functionCall" in part:
            self._call(part["functionCall"])
        elif "executableCode" in part:
            code = part["executableCode"]
            self.text += f"\n```{code['language'].lower()}\n{code['code']}\n```\n"
        elif "codeExecutionResult" in part:
            self.text += f"\n```\n{part['codeExecutionResult']['output']}\n```\n"
        elif "inlineData" in part:
            self.images += 1

    def _call(self, call: dict[str, Any]) -> None:
        if "name" in call:
            self.calls.append({"name": call["name"], "args": dict(call.get("args") or {})})
        for piece in call.get("partialArgs") or ():
            arguments = self.calls[-1]["args"]
            name = piece["jsonPath"].removeprefix("$.")
            arguments[name] = arguments.get(name, "") + piece["stringValue"]

    def _sources(self, candidate: dict[str, Any]) -> None:
        grounding: dict[str, Any] = candidate.get("groundingMetadata") or {}
        chunks: list[Any] = grounding.get("groundingChunks") or []
        supports: list[dict[str, Any]] = grounding.get("groundingSupports") or []
        for support in supports:
            indices: list[int] = support.get("groundingChunkIndices") or []
            self.cited += [support["segment"]["text"] for i in indices if i < len(chunks)]

    @property
    def finish_reason(self) -> str | None:
        """OpenAI's word for the end; None where the answer is a failure."""
        reason = REASONS.get(self.native or "")
        if reason == "stop" and self.calls:
            return "tool_calls"
        return reason


def responses_in(recording: Recording) -> list[dict[str, Any]]:
    if not recording.is_stream:
        return [recording.json]
    lines = recording.body.split(b"\n")
    return [orjson.loads(line[5:]) for line in lines if line.startswith(b"data:")]


def candidates_in(response: dict[str, Any]) -> list[dict[str, Any]]:
    return response.get("candidates") or []


def parts_in(candidate: dict[str, Any]) -> list[dict[str, Any]]:
    content: dict[str, Any] = candidate.get("content") or {}
    return content.get("parts") or []


async def replayed(
    transport: GeminiTransport, fake: FakeGemini, recording: Recording, **fields: Any
) -> list[ChatEvent]:
    fake.reply_by(lambda _request: recording.replay())  # again, where it is asked for again
    generator = GeminiGenerator(transport, SignatureCache())
    chat = make_chat_request("anything", stream=recording.is_stream, **fields)
    return await events_of(
        generator.stream(chat, model=MODEL, grounding=None, deadline=ample_time())
    )


def completion_of(events: list[ChatEvent]) -> dict[str, Any]:
    fold = Accumulator()
    fold.feed(events)
    return fold.result(**IDENTITY)


def chunks_of(events: list[ChatEvent]) -> list[dict[str, Any]]:
    encoder = ChunkEncoder(**IDENTITY, include_usage=True)
    return chunks_in(encoder.start() + encoder.encode(events))


def check_message(message: dict[str, Any], implied: Implied, *, shows_thoughts: bool) -> None:
    calls = [] if implied.finish_reason == "content_filter" else implied.calls
    assert (message["content"] or "") == implied.text
    assert (message["content"] is None) == bool(calls and not implied.text)
    assert message.get("reasoning_content", "") == (implied.thoughts if shows_thoughts else "")
    made = [call["function"] for call in message.get("tool_calls", ())]
    assert [(call["name"], orjson.loads(call["arguments"])) for call in made] == [
        (call["name"], call["args"]) for call in calls
    ]
    assert len(message.get("images", ())) == implied.images
    places = [annotation["url_citation"] for annotation in message["annotations"]]
    if implied.cited:
        said = [implied.text[place["start_index"] : place["end_index"]] for place in places]
        assert said == implied.cited


def check_usage(usage: dict[str, Any], counted: dict[str, int]) -> None:
    thoughts = counted.get("thoughtsTokenCount", 0)
    tools = counted.get("toolUsePromptTokenCount", 0)
    assert usage["prompt_tokens"] == counted.get("promptTokenCount", 0) + tools
    assert usage["completion_tokens"] == counted.get("candidatesTokenCount", 0) + thoughts
    assert usage["completion_tokens_details"]["reasoning_tokens"] == thoughts
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    if "totalTokenCount" in counted:
        assert usage["total_tokens"] == counted["totalTokenCount"]


@pytest.mark.parametrize("shows_thoughts", [True, False], ids=["thoughts", "no thoughts"])
@pytest.mark.parametrize("recording", recordings(is_an_answer))
async def test_a_recorded_answer_is_an_openai_answer(
    transport: GeminiTransport,
    fake_gemini: FakeGemini,
    recording: Recording,
    *,
    shows_thoughts: bool,
) -> None:
    fields = {"reasoning_effort": "low"} if shows_thoughts else {}
    implied = Implied(recording)
    if implied.finish_reason is None:
        with pytest.raises(ProxyError) as failure:
            await replayed(transport, fake_gemini, recording, **fields)
        assert failure.value.status == 502
        assert failure.value.code == FAILURES.get(implied.native or "", "upstream_truncated")
        return
    events = await replayed(transport, fake_gemini, recording, **fields)
    whole, chunks = completion_of(events), chunks_of(events)
    assert extras_of(ChatCompletion, whole) == set()
    assert [extras_of(ChatCompletionChunk, chunk) for chunk in chunks] == [set()] * len(chunks)
    (choice,) = whole["choices"]
    assert choice["finish_reason"] == implied.finish_reason
    assert choice["native_finish_reason"] == implied.native
    check_message(choice["message"], implied, shows_thoughts=shows_thoughts)
    check_usage(whole["usage"], implied.usage)
    seen = folded(chunks)
    assert [as_message(one) for one in seen["choices"]] == as_streamed(whole["choices"])
    assert seen["usage"] == whole["usage"]


@pytest.mark.parametrize(
    "recording", recordings(lambda r: is_an_answer(r) and b"thoughtSignature" in r.body)
)
async def test_the_first_call_carries_its_signature_out(
    transport: GeminiTransport, fake_gemini: FakeGemini, recording: Recording
) -> None:
    signed = [
        part["thoughtSignature"]
        for response in responses_in(recording)
        for candidate in candidates_in(response)
        for part in parts_in(candidate)
        if "functionCall" in part and "thoughtSignature" in part
    ]
    if Implied(recording).finish_reason is None:
        return
    message = completion_of(await replayed(transport, fake_gemini, recording))["choices"][0]
    calls = message["message"].get("tool_calls", ())
    sent = [
        c["extra_content"]["google"]["thought_signature"] for c in calls if "extra_content" in c
    ]
    assert sent == signed


@pytest.mark.parametrize("recording", recordings(lambda r: r.category == "logprobs"))
async def test_recorded_log_probabilities_are_openais(
    transport: GeminiTransport, fake_gemini: FakeGemini, recording: Recording
) -> None:
    result = recording.json["candidates"][0]["logprobsResult"]
    choice = completion_of(await replayed(transport, fake_gemini, recording))["choices"][0]
    content = choice["logprobs"]["content"]
    assert [one["token"] for one in content] == [c["token"] for c in result["chosenCandidates"]]
    assert [len(one["top_logprobs"]) for one in content] == [
        len(top["candidates"]) for top in result["topCandidates"]
    ]
    assert b"".join(bytes(one["bytes"]) for one in content).decode() in choice["message"]["content"]
