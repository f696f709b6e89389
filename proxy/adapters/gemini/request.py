"""An OpenAI chat request to the body of generateContent.

Sequence rules of Gemini that a chat need not keep: contents begin with a user turn, turns
alternate, no content is without parts, newer models refuse a trailing model turn.
"""

from typing import Any

from proxy.adapters.gemini.profiles import Profile, profile_of
from proxy.adapters.gemini.thinking import thinking_config
from proxy.protocol.chat_request import (
    AssistantMessage,
    ChatCompletionRequest,
    Content,
    SystemMessage,
)

_SMALLEST_TOP_P = 0.001
_SEED_MODULUS = 2**31

Part = dict[str, Any]


def chat_to_gemini(chat: ChatCompletionRequest, model: str) -> dict[str, Any]:
    """Return the JSON body that asks `model` to continue `chat`."""
    profile = profile_of(model)
    body: dict[str, Any] = {"contents": _messages_to_contents(chat, profile)}
    if instructions := _system_parts(chat):
        body["systemInstruction"] = {"parts": instructions}
    if config := _generation_config(chat, profile):
        body["generationConfig"] = config
    return body


def _system_parts(chat: ChatCompletionRequest) -> list[Part]:
    return [
        {"text": text}
        for message in chat.messages
        if isinstance(message, SystemMessage)
        for text in _texts(message.content)
        if text
    ]


def _messages_to_contents(chat: ChatCompletionRequest, profile: Profile) -> list[dict[str, Any]]:
    named = _names_matter(chat)
    contents: list[dict[str, Any]] = []
    for message in chat.messages:
        if isinstance(message, SystemMessage):
            continue
        role = "model" if isinstance(message, AssistantMessage) else "user"
        prefix = f"{message.name}: " if named and message.name else ""
        parts: list[Part] = [{"text": text} for text in _texts(message.content) if text]
        if role == "model" and not parts:
            continue
        parts = parts or [{"text": " "}]
        parts[0]["text"] = prefix + parts[0]["text"]
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += parts
        else:
            contents.append({"role": role, "parts": parts})
    return _repaired(contents, profile)


def _repaired(contents: list[dict[str, Any]], profile: Profile) -> list[dict[str, Any]]:
    if not contents or contents[0]["role"] == "model":
        contents.insert(0, {"role": "user", "parts": [{"text": "."}]})
    if contents[-1]["role"] == "model" and not profile.accepts_trailing_model_turn:
        contents.append({"role": "user", "parts": [{"text": "Continue."}]})
    return contents


def _names_matter(chat: ChatCompletionRequest) -> bool:
    names = {m.name for m in chat.messages if not isinstance(m, SystemMessage) and m.name}
    return len(names) > 1


def _texts(content: Content | None) -> list[str]:
    if content is None:
        return []
    return [content] if isinstance(content, str) else [part.text for part in content]


def _generation_config(chat: ChatCompletionRequest, profile: Profile) -> dict[str, Any]:
    limit = chat.output_limit
    config: dict[str, Any] = {
        "maxOutputTokens": min(limit, profile.output_token_limit) if limit else None,
        "temperature": chat.temperature,
        "topP": chat.top_p if chat.top_p is None else max(chat.top_p, _SMALLEST_TOP_P),
        "topK": chat.top_k,
        "seed": chat.seed if chat.seed is None else chat.seed % _SEED_MODULUS,
        "stopSequences": chat.stop_sequences or None,
        "thinkingConfig": thinking_config(
            profile, chat.reasoning_effort, has_small_limit=chat.has_small_output_limit
        ),
    }
    if profile.accepts_penalties:
        config["presencePenalty"] = chat.presence_penalty or None
        config["frequencyPenalty"] = chat.frequency_penalty or None
    return {name: value for name, value in config.items() if value is not None}
