"""An OpenAI chat request to the body of generateContent; each part has its own file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from proxy.adapters.gemini.contents import ContentsBuilder, SignatureOf
from proxy.adapters.gemini.parts import overall_resolution
from proxy.adapters.gemini.profiles import Profile
from proxy.adapters.gemini.schema.whole import cleaned_response_schema
from proxy.adapters.gemini.thinking import thinking_config
from proxy.adapters.gemini.tool_names import ToolNames
from proxy.adapters.gemini.tools import tool_config, tools_to_gemini
from proxy.errors import InvalidRequest, UnsupportedParameter
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.messages import AssistantMessage, UserMessage
from proxy.protocol.reasoning import Thinking, thinking_of
from proxy.protocol.response_format import JsonSchemaFormat, TextFormat
from proxy.protocol.tools import CustomTool, Tool

_SMALLEST_TOP_P = 0.001
_SEED_MODULUS = 2**31
_RESOLUTION = "MEDIA_RESOLUTION_"
_RESOLUTIONS = frozenset({f"{_RESOLUTION}{word}" for word in ("LOW", "MEDIUM", "HIGH")})
_TIERS = {"flex": "flex", "priority": "priority", "fast": "priority"}

_NAMED = (UserMessage, AssistantMessage)
_NOT_PASSED_ON = {
    "cached_content": "cannot go with instructions of ours",
    "tools": "are not switched on here: declare functions in 'tools'",
}
"""Of Google's own extension: what would be missed if it were ignored."""

CallKind = Literal["function", "custom", "legacy"]


@dataclass(slots=True)
class Translated:
    """A request in Gemini's words, and what reading the answer needs to know of it."""

    body: dict[str, Any]
    names: ToolNames
    kinds: dict[str, CallKind]
    """By the client's name of a tool: how its calls are answered."""
    shows_thoughts: bool
    one_call_only: bool


def chat_to_gemini(
    chat: ChatCompletionRequest,
    profile: Profile,
    signature_of: SignatureOf,
    *,
    on_vertex: bool = False,
    enough_effort: str | None = None,
) -> Translated:
    """Return what asks a model of `profile` to continue `chat`, on the Gemini API or on Vertex AI.

    `enough_effort` is `Grounding.effort`.

    Raises:
        InvalidRequest: something in it cannot be sent; `param` says what.
    """
    names = ToolNames()
    google = chat.google_options
    thinking = _thinking(chat, google)
    builder = ContentsBuilder(
        profile,
        names,
        signature_of,
        speakers=_has_speakers(chat),
        sends_ids=profile.has_signatures or not on_vertex,
    )
    body: dict[str, Any] = {"contents": builder.build(chat.messages)}
    instructions = builder.instructions
    config = _generation_config(chat, profile, thinking, enough_effort)
    if chat.logprobs:
        _add_logprobs(chat, profile, config, on_vertex=on_vertex)
    if resolution := _media_resolution(chat, profile, google):
        config["mediaResolution"] = resolution
    tools = chat.declared_tools
    if tools:
        body["tools"] = tools_to_gemini(tools, names)
        body["toolConfig"] = tool_config(chat.choice, tools, names)
    _add_format(chat, profile, config, instructions)
    if instructions:
        body["systemInstruction"] = {"parts": instructions}
    if config:
        body["generationConfig"] = config
    if safety := chat.safety_settings or google.get("safety_settings"):
        body["safetySettings"] = safety
    if tier := _TIERS.get(chat.service_tier or ""):
        body["serviceTier"] = tier
    return Translated(
        body=body,
        names=names,
        kinds=_kinds(chat, tools),
        shows_thoughts=thinking.is_shown,
        one_call_only=chat.parallel_tool_calls is False or chat.uses_legacy_functions,
    )


def _thinking(chat: ChatCompletionRequest, google: dict[str, Any]) -> Thinking:
    for name, why in _NOT_PASSED_ON.items() if google else ():
        if google.get(name):
            raise UnsupportedParameter(f"'google.{name}' {why}.", param=f"google.{name}")
    return thinking_of(chat.reasoning_effort, chat.reasoning, chat.thinking, google)


def _kinds(chat: ChatCompletionRequest, tools: Sequence[Tool]) -> dict[str, CallKind]:
    if not tools:
        return {}
    kind: CallKind = "legacy" if chat.uses_legacy_functions else "function"
    return {
        tool.custom.name if isinstance(tool, CustomTool) else tool.function.name: (
            "custom" if isinstance(tool, CustomTool) else kind
        )
        for tool in tools
    }


def _has_speakers(chat: ChatCompletionRequest) -> bool:
    names = {message.name for message in chat.messages if isinstance(message, _NAMED)}
    return len(names - {None, ""}) > 1


def _generation_config(
    chat: ChatCompletionRequest, profile: Profile, thinking: Thinking, enough_effort: str | None
) -> dict[str, Any]:
    config = _sampling(chat)
    if limit := chat.output_limit:
        config["maxOutputTokens"] = min(limit, profile.output_token_limit)
    if chat.stop:
        config["stopSequences"] = chat.stop_sequences
    chosen = thinking_config(
        profile, thinking, has_small_limit=chat.has_small_output_limit, enough=enough_effort
    )
    if chosen:
        config["thinkingConfig"] = chosen
    if profile.accepts_penalties:
        config |= _penalties(chat)
    if chat.modalities and "image" in chat.modalities:
        config["responseModalities"] = ["TEXT", "IMAGE"]
    return config


def _sampling(chat: ChatCompletionRequest) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if chat.temperature is not None:
        config["temperature"] = chat.temperature
    if chat.top_p is not None:
        config["topP"] = max(chat.top_p, _SMALLEST_TOP_P)
    if chat.top_k is not None:
        config["topK"] = chat.top_k
    if chat.seed is not None:
        config["seed"] = chat.seed % _SEED_MODULUS
    return config


def _penalties(chat: ChatCompletionRequest) -> dict[str, Any]:
    given = {
        "presencePenalty": chat.presence_penalty,
        "frequencyPenalty": chat.frequency_penalty,
    }
    return {name: value for name, value in given.items() if value}


def _add_logprobs(
    chat: ChatCompletionRequest, profile: Profile, config: dict[str, Any], *, on_vertex: bool
) -> None:
    if not (profile.has_logprobs_on_vertex if on_vertex else profile.has_logprobs):
        raise UnsupportedParameter("This model gives no 'logprobs'.", param="logprobs")
    config["responseLogprobs"] = True
    if chat.top_logprobs:
        config["logprobs"] = chat.top_logprobs


def _media_resolution(
    chat: ChatCompletionRequest, profile: Profile, google: dict[str, Any]
) -> str | None:
    """Return the resolution for all media: Google's own option, or `detail` before Gemini 3."""
    given = google.get("media_resolution", google.get("mediaResolution"))
    if given is None:
        return None if profile.has_media_levels else overall_resolution(chat.messages)
    word = given.upper() if isinstance(given, str) else ""
    word = word if word.startswith(_RESOLUTION) else _RESOLUTION + word
    if word not in _RESOLUTIONS:
        raise InvalidRequest(
            "Invalid 'google.media_resolution': low, medium or high.",
            param="google.media_resolution",
        )
    return word


def _add_format(
    chat: ChatCompletionRequest,
    profile: Profile,
    config: dict[str, Any],
    instructions: list[dict[str, Any]],
) -> None:
    """Ask for JSON; where a model takes no schema beside tools, in words."""
    wanted = chat.response_format
    if wanted is None or isinstance(wanted, TextFormat):
        return
    schema: dict[str, Any] | None = None
    if isinstance(wanted, JsonSchemaFormat):
        where = "response_format.json_schema.schema"
        if not wanted.json_schema.schema_:
            raise InvalidRequest("A schema says what the JSON is like.", param=where)
        schema = cleaned_response_schema(wanted.json_schema.schema_, where)
        if wanted.json_schema.description and "description" not in schema:
            schema = {**schema, "description": wanted.json_schema.description}
    if chat.declared_tools and not profile.joins_schema_and_tools:
        shape = (
            f" that fits this JSON Schema: {json.dumps(schema, ensure_ascii=False)}"
            if schema
            else ""
        )
        instructions.append({"text": f"Answer with one JSON object{shape} and nothing else."})
        return
    config["responseMimeType"] = "application/json"
    if schema is not None:
        config["responseJsonSchema"] = schema
