"""The calls of one model turn with their results, and JSON on its way into and out of a tool.

Gemini wants one result for every call, all of them in one content directly after the calls, in
their order; a chat may lack some, repeat some, or have results of calls that never were.
"""

from typing import Any, cast

import orjson

from proxy.adapters.gemini.tool_names import ToolNames

GeminiPart = dict[str, Any]

_NO_RESULT = {"error": "no result was provided"}
_MAX_JSON_DEPTH = 64
"""Protocol buffers read a hundred levels, the request's own among them."""


class OpenCalls:
    """The calls of the last model turn."""

    def __init__(self, names: ToolNames, *, sends_ids: bool = True) -> None:
        self._names = names
        self._sends_ids = sends_ids
        self._calls: list[tuple[str, str, str]] = []
        """The client's id, Gemini's id, the client's name of the tool."""
        self._results: dict[int, GeminiPart] = {}
        """By place of the call."""

    def open(self, call_id: str, name: str, arguments: dict[str, Any]) -> GeminiPart:
        """Return the part of a call; an id used twice in a turn becomes two."""
        taken = {upstream for _, upstream, _ in self._calls}
        upstream_id, again = call_id, 2
        while upstream_id in taken:
            upstream_id, again = f"{call_id}_{again}", again + 1
        self._calls.append((call_id, upstream_id, name))
        return {"functionCall": {**self._head(upstream_id, name), "args": arguments}}

    def answer(self, *, call_id: str | None, name: str | None, text: str) -> GeminiPart | None:
        """Give the result of the first call of this id or name that has none yet.

        Returns `functionResponse`, to which media can be added, None where no call waits.
        """
        for place, (own_id, upstream_id, own_name) in enumerate(self._calls):
            if place not in self._results and (own_id == call_id or own_name == name):
                result = {**self._head(upstream_id, own_name), "response": response_object(text)}
                self._results[place] = result
                return result
        return None

    def results(self) -> list[GeminiPart]:
        """Return the parts of all results in the order of the calls, missing ones made up."""
        return [
            {
                "functionResponse": self._results.get(place)
                or {**self._head(upstream_id, name), "response": _NO_RESULT}
            }
            for place, (_, upstream_id, name) in enumerate(self._calls)
        ]

    def _head(self, upstream_id: str, name: str) -> dict[str, Any]:
        head = {"id": upstream_id} if self._sends_ids else {}
        return {**head, "name": self._names.upstream(name)}


def arguments_object(arguments: str) -> dict[str, Any]:
    """Return a call's arguments as Gemini wants them; what is no JSON object is kept as text."""
    if not arguments.strip():
        return {}
    parsed = _parsed(arguments)
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {"_raw": arguments}


def response_object(text: str) -> dict[str, Any]:
    """Return a tool's result as the object Gemini wants.

    An object with a `$ref` anywhere goes in as text: Gemini reads it as a pointer to a part
    (BerriAI/litellm#38223). So does a number that a parser would change.
    """
    parsed = _parsed(text)
    if parsed is None and text.strip() != "null":
        return {"output": text}
    if isinstance(parsed, dict | list):
        if _has_ref(cast("object", parsed), text):
            return {"output": text}
        is_object = isinstance(parsed, dict)
        return cast("dict[str, Any]", parsed) if is_object else {"output": parsed}
    if isinstance(parsed, int | float) and orjson.dumps(parsed).decode() != text.strip():
        return {"output": text}
    return {"output": parsed}


def _parsed(text: str) -> object:
    """Return JSON, None where it is none or too deep to be sent as such."""
    try:
        parsed: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if text.count("{") + text.count("[") > _MAX_JSON_DEPTH and _is_deep(parsed, _MAX_JSON_DEPTH):
        return None
    return parsed


def _is_deep(value: object, levels: int) -> bool:
    if isinstance(value, dict):
        value = list(cast("dict[str, object]", value).values())
    if not isinstance(value, list):
        return False
    return levels == 0 or any(_is_deep(v, levels - 1) for v in cast("list[object]", value))


def _has_ref(parsed: object, text: str) -> bool:
    """Whether a key is `$ref`, also where its letters are escaped."""
    if "$ref" not in text and "\\u" not in text:
        return False
    if isinstance(parsed, list):
        return any(_has_ref(member, text) for member in cast("list[object]", parsed))
    if not isinstance(parsed, dict):
        return False
    members = cast("dict[str, object]", parsed)
    return "$ref" in members or any(_has_ref(member, text) for member in members.values())
