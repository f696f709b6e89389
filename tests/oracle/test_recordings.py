"""What we read in a recorded answer is what google-genai reads in it.

Every recording of generateContent and streamGenerateContent is served to both; where they may
differ stands in `DISAGREEMENTS`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from google.genai import errors, types

from proxy.adapters.gemini.generator import GeminiGenerator
from proxy.adapters.gemini.signatures import SignatureCache
from proxy.errors import ProxyError
from proxy.protocol.chat_events import ChatEvent, Finish, ReasoningDelta, ToolCallDelta, Usage
from tests.oracle.sdk import IGNORED_WARNING, open_sdk
from tests.support.builders import make_chat_request
from tests.support.chat_events import events_of, text_in
from tests.support.gemini_client import MODEL, open_transport
from tests.support.gemini_server import FakeGemini
from tests.support.recordings import Recording, recordings
from tests.support.waiting import ample_time

pytestmark = [
    pytest.mark.filterwarnings(IGNORED_WARNING),
    # Of words that Google has taken back; the SDK keeps them all the same.
    pytest.mark.filterwarnings("ignore:.* is not a valid:UserWarning"),
]

DISAGREEMENTS: Mapping[str, tuple[str, frozenset[str | None]]] = {
    "upstream_truncated": (
        "What closes without a reason was cut off; the SDK returns it as if it were whole.",
        frozenset({None}),
    ),
    "upstream_malformed_tool_call": (
        "A call that cannot be used is no answer; the SDK's user has to look at the reason.",
        frozenset(
            {
                "MALFORMED_FUNCTION_CALL",
                "UNEXPECTED_TOOL_CALL",
                "TOO_MANY_TOOL_CALLS",
                "MALFORMED_RESPONSE",
            }
        ),
    ),
    "upstream_no_content": (
        "An answer that says nothing and ends for no reason that explains it is a failure.",
        frozenset({"OTHER", "FINISH_REASON_UNSPECIFIED"}),
    ),
}
"""Where we refuse what the SDK reads: by our code, why, and the reasons that the SDK has read."""


@dataclass(slots=True)
class Read:
    """What somebody read in an answer."""

    text: str = ""
    thoughts: str = ""
    calls: list[tuple[str | None, str | None, Any]] = field(
        default_factory=list[tuple[str | None, str | None, Any]]
    )
    """Id where Gemini gave one, name, arguments."""
    reason: str | None = None
    """Why it ended, or why the prompt was blocked, in Gemini's word."""
    usage: dict[str, int] = field(default_factory=dict[str, int])


def is_of_chat(recording: Recording) -> bool:
    operations = {"generateContent", "streamGenerateContent", ""}
    return recording.operation in operations and recording.category not in {"embeddings", "models"}


async def read_by_us(fake: FakeGemini, recording: Recording) -> Read | ProxyError:
    fake.reply(recording.replay(), recording.replay())  # what is worth a retry is asked for again
    chat = make_chat_request("anything", stream=recording.is_stream, reasoning_effort="high")
    async with open_transport(fake) as transport:
        generator = GeminiGenerator(transport, SignatureCache())
        try:
            events = await events_of(
                generator.stream(chat, model=MODEL, grounding=None, deadline=ample_time())
            )
        except ProxyError as failure:
            return failure
    return _ours(events)


def _ours(events: list[ChatEvent]) -> Read:
    finish, usage = events[-2:]
    assert isinstance(finish, Finish)
    assert isinstance(usage, Usage)
    return Read(
        text=text_in(events),
        thoughts="".join(e.text for e in events if isinstance(e, ReasoningDelta)),
        calls=[
            (_given_id(e.call_id), e.name, orjson.loads(e.arguments))
            for e in events
            if isinstance(e, ToolCallDelta)
        ],
        reason=finish.native_reason,
        usage={
            "prompt": usage.prompt_tokens,
            "completion": usage.completion_tokens,
            "reasoning": usage.reasoning_tokens,
            "cached": usage.cached_tokens,
            "total": usage.total_tokens,
        },
    )


def _given_id(call_id: str) -> str | None:
    """Return Gemini's id of a call; our own, where it gave none, have 24 digits."""
    own = call_id.removeprefix("call_")
    return None if len(own) == 24 else own


async def read_by_sdk(fake: FakeGemini, recording: Recording) -> Read | Exception:
    fake.reply(recording.replay())
    async with open_sdk(fake) as sdk:
        try:
            return _theirs(await sdk.generate(MODEL, "?", stream=recording.is_stream))
        except (errors.APIError, errors.UnknownApiResponseError, json.JSONDecodeError) as failure:
            return failure


def _theirs(responses: Iterable[types.GenerateContentResponse]) -> Read:
    read = Read(usage=dict.fromkeys(("prompt", "completion", "reasoning", "cached", "total"), 0))
    for response in responses:
        for candidate in (response.candidates or [])[:1]:
            for part in (candidate.content and candidate.content.parts) or []:
                _add_part(read, part)
            if candidate.finish_reason is not None:
                read.reason = candidate.finish_reason.value
        if response.prompt_feedback and response.prompt_feedback.block_reason:
            read.reason = response.prompt_feedback.block_reason.value
        if response.usage_metadata is not None:
            read.usage = _counts(response.usage_metadata)
    return read


def _add_part(read: Read, part: types.Part) -> None:
    if part.text and part.thought:
        read.thoughts += part.text
    elif part.text:
        read.text += part.text
    elif part.function_call is not None:
        _add_call(read, part.function_call)
    elif (code := part.executable_code) is not None:  # shown by us as Markdown
        language = code.language.value.lower() if code.language else ""
        read.text += f"\n```{language}\n{code.code}\n```\n"
    elif (result := part.code_execution_result) is not None:
        read.text += f"\n```\n{result.output or ''}\n```\n"


def _add_call(read: Read, call: types.FunctionCall) -> None:
    """Add a call, or a piece of the last one: putting them together is left to the SDK's user."""
    if call.name:
        read.calls.append((call.id, call.name, dict(call.args or {})))
    for piece in call.partial_args or ():
        arguments = read.calls[-1][2]
        name = (piece.json_path or "").removeprefix("$.")
        if piece.string_value is not None:
            arguments[name] = arguments.get(name, "") + piece.string_value
        else:
            arguments[name] = piece.bool_value if piece.number_value is None else piece.number_value


def _counts(usage: types.GenerateContentResponseUsageMetadata) -> dict[str, int]:
    """Return OpenAI's counts, by the meaning that Google gives to its own."""
    thoughts = usage.thoughts_token_count or 0
    return {
        "prompt": (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0),
        "completion": (usage.candidates_token_count or 0) + thoughts,
        "reasoning": thoughts,
        "cached": usage.cached_content_token_count or 0,
        "total": usage.total_token_count or 0,
    }


@pytest.mark.parametrize("recording", recordings(is_of_chat))
async def test_we_read_what_the_sdk_reads(fake_gemini: FakeGemini, recording: Recording) -> None:
    ours = await read_by_us(fake_gemini, recording)
    sdk = await read_by_sdk(fake_gemini, recording)
    if isinstance(sdk, Exception):
        assert isinstance(ours, ProxyError)
    elif isinstance(ours, ProxyError):
        assert sdk.reason in DISAGREEMENTS[ours.code][1]
    else:
        assert ours == sdk
