"""Constraints that Gemini's schemas have no keyword for, said in a description instead.

The model reads descriptions; a keyword it does not know is refused with the whole request.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

_MAX_REMARK_CHARS = 300
KEPT_FORMATS = frozenset({"date-time", "date", "time", "int32", "int64", "float", "double", "enum"})


def compact(value: object) -> str:
    """Return a value as JSON, cut where it is long."""
    text = json.dumps(_beginning(value, [_MAX_REMARK_CHARS]), ensure_ascii=False, default=str)
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_REMARK_CHARS else f"{text[:_MAX_REMARK_CHARS]}…"


def _beginning(value: Any, room: list[int]) -> Any:
    """Return as much of a value as is going to be shown; `room[0]` is what is left of it."""
    room[0] -= 1
    if isinstance(value, str):
        room[0] -= len(value)
        return value[: _MAX_REMARK_CHARS + 1]
    if isinstance(value, list):
        several = cast("list[Any]", value)
        return [_beginning(v, room) for v in several if room[0] >= 0]
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {_beginning(k, room): _beginning(v, room) for k, v in pairs if room[0] >= 0}
    return value


def described(description: object, remarks: Iterable[str]) -> str:
    """Return a description with remarks behind it; remarks it has already are not repeated."""
    text = description if isinstance(description, str) else ""
    for remark in remarks:
        if remark not in text:
            text = f"{text} {remark}" if text else remark
    return text


def remarks_of(schema: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each constraint of `schema` that has to be left out."""
    remarks = [say(schema[keyword]) for keyword, say in _SENTENCES.items() if keyword in schema]
    if "if" in schema:
        remarks.append(_condition(schema))
    return [remark for remark in remarks if remark]


def _condition(schema: Mapping[str, Any]) -> str:
    said = f"If it matches {compact(schema['if'])}"
    if "then" in schema:
        said += f", it also matches {compact(schema['then'])}"
    if "else" in schema:
        said += f", otherwise it matches {compact(schema['else'])}"
    return f"{said}."


def _template(sentence: str) -> Callable[[Any], str]:
    def say(value: Any) -> str:
        return sentence.format(_cut(value) if isinstance(value, str) else compact(value))

    return say


def _flag(sentence: str, wanted: object) -> Callable[[Any], str]:
    def say(value: Any) -> str:
        return sentence if value is wanted else ""

    return say


def _format(value: Any) -> str:
    return "" if not isinstance(value, str) or value in KEPT_FORMATS else f"Format: {_cut(value)}."


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "format": _format,
    "pattern": _template("Matches the regular expression {}."),
    "minLength": _template("Length: at least {}."),
    "maxLength": _template("Length: at most {}."),
    "multipleOf": _template("A multiple of {}."),
    "uniqueItems": _flag("No item twice.", wanted=True),
    "minProperties": _template("Number of properties: at least {}."),
    "maxProperties": _template("Number of properties: at most {}."),
    "propertyNames": _template("Names of properties match {}."),
    "contains": _template("Contains an item that matches {}."),
    "minContains": _template("Number of such items: at least {}."),
    "maxContains": _template("Number of such items: at most {}."),
    "not": _template("Does not match {}."),
    "dependentRequired": _template("Properties that need others: {}."),
    "dependentSchemas": _template("Where a property is given, also holds: {}."),
    "dependencies": _template("Where a property is given, also holds: {}."),
    "unevaluatedProperties": _flag("No other properties.", wanted=False),
    "unevaluatedItems": _flag("No other items.", wanted=False),
}
SAID = frozenset({*_SENTENCES, "if", "then", "else"})
"""The keywords that end up in a description."""
