"""The messages of a chat to Gemini's `contents`.

What Gemini demands and a chat need not keep: contents begin with a user turn; turns alternate; no
content is without parts; all results of one turn's calls stand together, one for each call, in the
order of the calls; newer models refuse a trailing model turn. Parts are never merged, for a thought
signature belongs to its part.
"""

from collections.abc import Callable, Sequence
from typing import Any

from proxy.adapters.gemini.parts import part_to_gemini
from proxy.adapters.gemini.profiles import Profile
from proxy.adapters.gemini.signatures import add_skip_signatures
from proxy.adapters.gemini.tool_names import ToolNames
from proxy.adapters.gemini.tool_results import OpenCalls, arguments_object
from proxy.protocol.content import Content, TextContent, text_of
from proxy.protocol.messages import (
    AssistantMessage,
    FunctionMessage,
    Message,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from proxy.protocol.thought_signatures import given_signature
from proxy.protocol.tools import CustomCall, ToolCall
from proxy.telemetry.logs import log

GeminiPart = dict[str, Any]
GeminiContent = dict[str, Any]
SignatureOf = Callable[[str], str | None]
"""The thought signature remembered for a call id."""

_RESULT_MEDIA = frozenset(
    {"image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"}
)
"""What a function's result may hold; other media stand beside it."""


class ContentsBuilder:
    """Translates the messages of one chat.

    `speakers` says whether to put names before what is said: more than one occurs. `sends_ids` is
    for upstreams that know no ids of calls (Vertex AI before Gemini 3); results then count by
    their order.
    """

    def __init__(
        self,
        profile: Profile,
        names: ToolNames,
        signature_of: SignatureOf,
        *,
        speakers: bool,
        sends_ids: bool = True,
    ) -> None:
        self._profile = profile
        self._names = names
        self._signature_of = signature_of
        self._speakers = speakers
        self._sends_ids = sends_ids
        self.instructions: list[GeminiPart] = []
        """What the system messages say."""
        self._contents: list[GeminiContent] = []
        self._calls: OpenCalls | None = None
        """Of the last model turn, if it called anything."""
        self._has_called = False
        self._after_results: list[GeminiPart] = []
        """What is said before the calls are closed: their results have to come first."""

    def build(self, messages: Sequence[Message]) -> list[GeminiContent]:
        """Return the contents.

        Raises:
            InvalidRequest: a part cannot be used; `param` says which.
        """
        for i, message in enumerate(messages):
            where = f"messages[{i}]"
            if isinstance(message, UserMessage):
                self._user(message, where)
            elif isinstance(message, AssistantMessage):
                self._close_calls()
                self._assistant(message, where)
            elif isinstance(message, SystemMessage):
                self._instruct(message.content)
            else:
                self._result(message, where)
        self._close_calls()
        self._repair_ends()
        if self._has_called and self._profile.has_signatures:
            add_skip_signatures(self._contents)
        return self._contents

    def _instruct(self, content: TextContent) -> None:
        if isinstance(content, str):
            texts = [content]
        else:
            texts = [part.text if part.type == "text" else part.refusal for part in content]
        self.instructions += [{"text": text} for text in texts if text]

    def _user(self, message: UserMessage, where: str) -> None:
        parts = self._spoken(message.content, where, message.name) or [{"text": " "}]
        if self._calls is None:
            self._append("user", parts)
        else:
            self._after_results += parts

    def _assistant(self, message: AssistantMessage, where: str) -> None:
        parts = self._spoken(message.content, where, message.name)
        if message.refusal:
            parts.append({"text": message.refusal})
        if self._profile.has_signatures and parts:
            signature = given_signature(message.extra_content)
            if signature is not None:
                parts[-1]["thoughtSignature"] = signature
        calls = list(message.tool_calls or ())
        if message.function_call is not None and not calls:
            name = message.function_call.name
            calls = [ToolCall(id=f"call_{name}", function=message.function_call)]
        parts += [self._call(call) for call in calls]
        self._append("model", parts)

    def _call(self, call: ToolCall) -> GeminiPart:
        called = call.called
        if isinstance(called, CustomCall):
            arguments: dict[str, Any] = {"input": called.input}
        else:
            arguments = arguments_object(called.arguments)
        if self._calls is None:
            self._calls = OpenCalls(self._names, sends_ids=self._sends_ids)
        self._has_called = True
        part = self._calls.open(call.id, call.name, arguments)
        if self._profile.has_signatures:
            signature = given_signature(call.extra_content) or self._signature_of(call.id)
            if signature is not None:
                part["thoughtSignature"] = signature
        return part

    def _result(self, message: ToolMessage | FunctionMessage, where: str) -> None:
        is_tool = isinstance(message, ToolMessage)
        result = self._calls and self._calls.answer(
            call_id=message.tool_call_id if is_tool else None,
            name=None if is_tool else message.name,
            text=text_of(message.content),
        )
        if result is None:  # its call never was, or has its result: Gemini would refuse
            log.info("tool_result_dropped", param=where)
            return
        for part in self._media(message.content, where):
            is_readable = part.get("inlineData", {}).get("mimeType") in _RESULT_MEDIA
            if is_readable and self._profile.reads_media_in_results:
                result.setdefault("parts", []).append({"inlineData": part["inlineData"]})
            else:
                self._after_results.append(part)

    def _media(self, content: Content | None, where: str) -> list[GeminiPart]:
        if content is None or isinstance(content, str):
            return []
        return [part for part in self._parts(content, where) if "text" not in part]

    def _close_calls(self) -> None:
        """Write the results of the last turn's calls, then what was said meanwhile."""
        if self._calls is not None:
            self._append("user", [*self._calls.results(), *self._after_results])
            self._calls, self._after_results = None, []

    def _spoken(
        self, content: Content | TextContent | None, where: str, speaker: str | None
    ) -> list[GeminiPart]:
        """Return the parts of a message, the speaker's name before the first text."""
        parts = self._parts(content, where)
        if self._speakers and speaker and parts:
            if "text" in parts[0]:
                parts[0]["text"] = f"{speaker}: {parts[0]['text']}"
            else:
                parts.insert(0, {"text": f"{speaker}: "})
        return parts

    def _parts(self, content: Content | TextContent | None, where: str) -> list[GeminiPart]:
        if content is None:
            return []
        if isinstance(content, str):
            return [{"text": content}] if content else []
        made = (
            part_to_gemini(part, f"{where}.content[{j}]", levels=self._profile.has_media_levels)
            for j, part in enumerate(content)
        )
        return [part for part in made if part.get("text", True)]

    def _append(self, role: str, parts: list[GeminiPart]) -> None:
        if not parts:
            return
        if self._contents and self._contents[-1]["role"] == role:
            self._contents[-1]["parts"] += parts
        else:
            self._contents.append({"role": role, "parts": parts})

    def _repair_ends(self) -> None:
        contents = self._contents
        if not contents or contents[0]["role"] == "model":
            contents.insert(0, {"role": "user", "parts": [{"text": "."}]})
        if contents[-1]["role"] == "model" and not self._profile.accepts_trailing_model_turn:
            contents.append({"role": "user", "parts": [{"text": "Continue."}]})
