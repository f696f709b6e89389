"""The scripted model behind the proxy: it answers by what it is asked, and is as strict as Gemini.

A `Script` for the fake Gemini of `tests/support`. Questions are those of `clients/checking`. What
Gemini refuses is refused: a call without its result, a result without its call, a call of the
current turn that has lost its thought signature.
Source: https://ai.google.dev/gemini-api/docs/thought-signatures (November 2026).
"""

import base64
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from clients.instances import instance
from tests.support import gemini_events as events
from tests.support.gemini_errors import Status
from tests.support.gemini_replies import Reply, Stream, Text, json_body
from tests.support.gemini_requests import GENERATING_OPERATIONS, RecordedRequest
from tests.support.http_wire import Wire

BOOK_ANSWER: Final = "Turn the brass lever to the left. [1]"
NO_PASSAGE: Final = "Nobody gave me a passage."
PICTURE: Final = "A red square."
THOUGHT: Final = "The passage says how."
CITIES: Final = ("Lahore", "Karachi")
GAUGE: Final = "read_gauge"
SKIP_SIGNATURE: Final = base64.b64encode(b"skip_thought_signature_validator").decode()
_SIGNATURE_REPEATS: Final = 40
"""Recorded signatures have about a thousand characters."""

_PASSAGE: Final = re.compile(r'(?m)^\s*\[1\]|<passage\b[^>]*?\b\w+="1"')

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """Answer with parts as recorded streams have calls: whole, then an empty finish."""

    parts: Sequence[Part]

    async def play(self, wire: Wire, request: RecordedRequest) -> None:
        """Send it."""
        tail = {
            "usageMetadata": events.usage(prompt=events.tokens_of(request.all_text), candidates=9),
            "modelVersion": request.model,
            "responseId": f"fake-{request.number}",
        }
        candidate = {"content": {"parts": list(self.parts), "role": "model"}, "index": 0}
        if request.operation == "streamGenerateContent":
            ending = {**events.text_event("", finish="STOP"), **tail}
            await Stream([{"candidates": [candidate], **tail}, ending]).play(wire, request)
            return
        whole = {"candidates": [{**candidate, "finishReason": "STOP"}], **tail}
        await json_body(whole).play(wire, request)


class Upstream:
    """The script; it remembers the signatures that it gave out."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._signed: dict[str, tuple[str, Any]] = {}
        """By signature: the name and the arguments of the call that it belongs to."""
        self.complaints: list[str] = []
        """What Gemini refuses, also where the proxy repairs it and tries again, and what it only
        puts up with: calls that came back with the skip value, their thoughts lost."""

    def __call__(self, request: RecordedRequest) -> Reply | None:
        """Return the answer to a request to generate; None for any other."""
        if request.operation not in GENERATING_OPERATIONS:
            return None
        contents: list[dict[str, Any]] = request.json.get("contents") or []
        if problem := self._problem(contents):
            self.complaints.append(problem)
            return Status(400, problem)
        return self._calls(request, contents) or _text(request, contents)

    def _calls(self, request: RecordedRequest, contents: list[dict[str, Any]]) -> Reply | None:
        declared = _declared(request.json)
        mode, allowed = _calling(request.json)
        if not declared or mode == "NONE":
            return None
        used = {call["name"] for content in contents for call in _found(content, "functionCall")}
        question = request.last_user_text
        cities = [city for city in CITIES if city in question]
        if GAUGE in declared and GAUGE not in used and cities:
            return self._call([(GAUGE, {"city": city}) for city in cities])
        left = [name for name in allowed or declared if name not in used]
        if mode == "ANY" and left:
            return self._call([(left[0], instance(declared[left[0]]))])
        return None

    def _call(self, wanted: Sequence[tuple[str, Any]]) -> Parts:
        parts: list[Part] = []
        for name, arguments in wanted:
            call_id = f"fc{next(self._numbers):06x}"
            part: Part = {"functionCall": {"id": call_id, "name": name, "args": arguments}}
            if not parts:  # only the first of parallel calls is signed
                signature = f"signature of {call_id}. " * _SIGNATURE_REPEATS
                part["thoughtSignature"] = base64.b64encode(signature.encode()).decode()
                self._signed[_plain(part["thoughtSignature"])] = (name, arguments)
            parts.append(part)
        return Parts(parts)

    def _problem(self, contents: list[dict[str, Any]]) -> str | None:
        """Return what Gemini would refuse about the history, None when it is right."""
        if not contents or contents[0].get("role") == "model" or contents[-1]["role"] == "model":
            return "A conversation begins and ends with the user."
        asked = max((n for n, one in enumerate(contents) if _is_question(one)), default=0)
        for number, content in enumerate(contents):
            if not content.get("parts"):
                return f"contents[{number}] has no parts."
            calls = _found(content, "functionCall")
            after = contents[number + 1] if number + 1 < len(contents) else {}
            results = _found(after, "functionResponse")
            if _ids(calls) != _ids(results) and (calls or results):
                return f"Calls {_ids(calls)} of contents[{number}] got results {_ids(results)}."
            if calls and number > asked and (problem := self._unsigned(content)):
                return problem
        return None

    def _unsigned(self, content: dict[str, Any]) -> str | None:
        first = next(part for part in content["parts"] if "functionCall" in part)
        call, signature = first["functionCall"], _plain(first.get("thoughtSignature", ""))
        if self._signed.get(signature) == (call["name"], call.get("args")):
            return None
        if signature == _plain(SKIP_SIGNATURE):
            self.complaints.append(f"A call of `{call['name']}` came with the skip value.")
            return None
        what = "has a corrupted" if signature else "is missing a"
        return f"Function call `{call['name']}` {what} thought_signature in functionCall parts."


def _text(request: RecordedRequest, contents: list[dict[str, Any]]) -> Reply:
    results = _found(contents[-1], "functionResponse")
    config: dict[str, Any] = request.json.get("generationConfig") or {}
    if schema := config.get("responseJsonSchema"):
        return Text(json.dumps(instance(schema), ensure_ascii=False))
    if config.get("responseMimeType") == "application/json":
        return Text('{"name": "Quillon", "valves": 3}')
    if results:
        said = ", ".join(str(value) for one in results for value in one["response"].values())
        return Text(f"The gauges read {said}.")
    answer = BOOK_ANSWER if _PASSAGE.search(request.all_text) else NO_PASSAGE
    if _found(contents[-1], "inlineData"):
        return Text(PICTURE)
    thinking: dict[str, Any] = config.get("thinkingConfig") or {}
    if thinking.get("includeThoughts"):
        return Parts([{"text": THOUGHT, "thought": True}, {"text": answer}])
    return Text(answer)


def _declared(body: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the declared functions' arguments, by name."""
    functions = [one for tool in body.get("tools") or () for one in tool["functionDeclarations"]]
    empty: dict[str, Any] = {"type": "object", "properties": {}}
    return {one["name"]: one.get("parametersJsonSchema", empty) for one in functions}


def _calling(body: dict[str, Any]) -> tuple[str, list[str]]:
    tool_config: dict[str, Any] = body.get("toolConfig") or {}
    config: dict[str, Any] = tool_config.get("functionCallingConfig") or {}
    return config.get("mode", "AUTO"), config.get("allowedFunctionNames") or []


def _found(content: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [part[kind] for part in content.get("parts") or () if kind in part]


def _ids(calls: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((call.get("id", ""), call["name"]) for call in calls)


def _is_question(content: dict[str, Any]) -> bool:
    return content.get("role") == "user" and not _found(content, "functionResponse")


def _plain(signature: str) -> str:
    """Return base64 in one alphabet: both are used for bytes in Gemini's JSON."""
    return signature.replace("-", "+").replace("_", "/").rstrip("=")
