"""JSON without the Markdown fence that a model may put around it, although told to write JSON only.

Most likely where JSON could be asked for in words alone: beside tools, before Gemini 3.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta, ToolCallDelta

_WHOLE = r"\s{0,64}```\w{0,16}[ \t\r]{0,8}"
_OPENING = re.compile(rf"{_WHOLE}\n")
_BEGUN_OPENING = re.compile(rf"\s{{0,64}}`{{0,2}}|{_WHOLE}")
_FENCE = "```"


async def without_fences(
    events: AsyncGenerator[list[ChatEvent]],
) -> AsyncGenerator[list[ChatEvent]]:
    """Yield the events of an answer in JSON, no choice's text in a fence."""
    texts: dict[int, FencedText] = {}
    async with aclosing(events):
        async for batch in events:
            out: list[ChatEvent] = []
            for event in batch:
                if isinstance(event, TextDelta):
                    text = texts.setdefault(event.index, FencedText()).feed(event.text)
                    out += [TextDelta(text, event.index)] if text else []
                    continue
                if isinstance(event, Finish | Sources | ToolCallDelta) and event.index in texts:
                    text = texts[event.index].finish()
                    out += [TextDelta(text, event.index)] if text else []
                out.append(event)
            if out:
                yield out


class FencedText:
    """Takes a text in pieces and gives it back without the fence around it, if there is one.

    A piece is held back only while it may be part of a fence.
    """

    def __init__(self) -> None:
        self._has_begun = False
        self._is_fenced = False
        self._held: str = ""

    def feed(self, text: str) -> str:
        """Return what is certain by now, maybe nothing."""
        text, self._held = self._held + text, ""
        if not self._has_begun:
            if _BEGUN_OPENING.fullmatch(text):
                self._held = text
                return ""
            self._has_begun = True
            if opening := _OPENING.match(text):
                self._is_fenced = True
                text = text[opening.end() :]
        if not self._is_fenced:
            return text
        certain = text.rstrip()
        if 0 < (ticks := len(certain) - len(certain.rstrip("`"))) <= len(_FENCE):
            certain = certain[:-ticks].rstrip()
        self._held = text[len(certain) :]
        return certain

    def finish(self) -> str:
        """Return what was held back and is no fence."""
        held, self._held = self._held, ""
        return "" if self._is_fenced and held.strip() == _FENCE else held
