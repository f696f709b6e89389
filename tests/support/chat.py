"""Talking to the proxy through the `openai` package, and one answer in either mode."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import openai

Mode = Literal["json", "stream"]
MODES: Sequence[Mode] = ("json", "stream")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, however it came."""

    text: str
    finish_reason: str | None
    annotations: list[Any]
    context: dict[str, Any] | None
    usage: dict[str, Any] | None
    model: str
    headers: dict[str, str]
    deltas: int
    """Chunks with text."""


def question(text: str, *, system: str | None = None) -> list[Any]:
    """Return the messages that ask one question."""
    before = [{"role": "system", "content": system}] if system else []
    return [*before, {"role": "user", "content": text}]


async def ask(client: openai.AsyncOpenAI, text: str, mode: Mode = "json", **options: Any) -> Said:
    """Ask one question; `options` are those of `chat.completions.create`."""
    options = {"model": "gpt-4o", "messages": question(text), **options}
    if mode == "json":
        return await _whole(client, options)
    return await _streamed(client, options)


async def _whole(client: openai.AsyncOpenAI, options: dict[str, Any]) -> Said:
    raw = await _create(client, options)
    body = raw.parse().model_dump()
    choice = body["choices"][0]
    return Said(
        text=choice["message"]["content"],
        finish_reason=choice["finish_reason"],
        annotations=choice["message"]["annotations"] or [],
        context=choice["message"].get("context"),
        usage=body["usage"],
        model=body["model"],
        headers=dict(raw.headers),
        deltas=1,
    )


async def _streamed(client: openai.AsyncOpenAI, options: dict[str, Any]) -> Said:
    options = {"stream_options": {"include_usage": True}, **options, "stream": True}
    raw = await _create(client, options)
    texts: list[str] = []
    seen: dict[str, Any] = {"annotations": [], "finish": None, "usage": None, "model": ""}
    async for chunk in raw.parse():
        body = chunk.model_dump()
        seen["model"] = body["model"]
        seen["usage"] = body["usage"] or seen["usage"]
        for choice in body["choices"]:
            delta = choice["delta"]
            if delta.get("content"):
                texts.append(delta["content"])
            if "context" in delta:
                seen |= {"annotations": delta["annotations"], "context": delta["context"]}
            seen["finish"] = choice["finish_reason"] or seen["finish"]
    return Said(
        text="".join(texts),
        finish_reason=seen["finish"],
        annotations=seen["annotations"],
        context=seen.get("context"),
        usage=seen["usage"],
        model=seen["model"],
        headers=dict(raw.headers),
        deltas=len(texts),
    )


async def _create(client: openai.AsyncOpenAI, options: dict[str, Any]) -> Any:
    completions: Any = client.chat.completions  # its overloads know no `**options`
    return await completions.with_raw_response.create(**options)
