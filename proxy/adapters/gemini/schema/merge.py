"""Several schemas that hold at once (`allOf`) as one; their references are resolved already."""

from collections.abc import Callable, Iterable
from typing import Any

from proxy.adapters.gemini.schema.prose import compact, described
from proxy.adapters.gemini.schema.references import Schema, as_schema, listed, names_in
from proxy.adapters.gemini.schema.values import number, types_in

_SAID = frozenset({"anyOf", "oneOf", "pattern", "not", "if", "format"})
"""Keywords of which one schema has one only: the second goes into the description."""


def merged(parts: Iterable[Schema]) -> Schema:
    """Return one schema that says what all parts say; of annotations the first counts.

    Where two parts contradict each other the earlier one stays, and what cannot be put into one
    keyword is said in the description.
    """
    result: Schema = {}
    remarks: list[str] = []
    for part in parts:
        for keyword, value in part.items():
            if keyword not in result:
                result[keyword] = value
            elif keyword in _JOINS:
                result[keyword] = _JOINS[keyword](result[keyword], value)
            elif keyword in _SAID and result[keyword] != value:
                remarks.append(f"Also holds: {keyword} {compact(value)}.")
    if remarks:
        result["description"] = described(result.get("description"), remarks)
    return result


def _both(first: Any, second: Any) -> Any:
    """Return a schema of both; `False` allows nothing, so it wins, `True` anything."""
    if first is False or second is False:
        return False
    if first is True or first == {}:
        return second
    return first if second is True or second == {} else {"allOf": [first, second]}


def _properties(first: Any, second: Any) -> Schema:
    joined = dict(as_schema(first))
    for name, schema in as_schema(second).items():
        joined[name] = _both(joined[name], schema) if name in joined else schema
    return joined


def _required(first: Any, second: Any) -> list[str]:
    return list(dict.fromkeys([*names_in(first), *names_in(second)]))


def _types(first: Any, second: Any) -> Any:
    ours, theirs = types_in(first), types_in(second)
    if not ours or not theirs:
        return ours or theirs
    common = [name for name in ours if name in theirs]
    if {"integer", "number"} <= {*ours, *theirs} and not {"integer", "number"} & set(common):
        common.append("integer")
    return common or first


def _values(first: Any, second: Any) -> list[Any]:
    theirs = {_key(value) for value in listed(second)}
    return [value for value in listed(first) if _key(value) in theirs] or listed(first)


def _key(value: object) -> tuple[bool, str]:
    return (True, value) if isinstance(value, str) else (False, compact(value))


def _greater(first: Any, second: Any) -> Any:
    ours, theirs = number(first), number(second)
    return first if theirs is None or (ours is not None and ours >= theirs) else second


def _lesser(first: Any, second: Any) -> Any:
    ours, theirs = number(first), number(second)
    return first if theirs is None or (ours is not None and ours <= theirs) else second


_JOINS: dict[str, Callable[[Any, Any], Any]] = {
    "properties": _properties,
    "patternProperties": _properties,
    "required": _required,
    "type": _types,
    "enum": _values,
    "items": _both,
    "additionalProperties": _both,
    "nullable": lambda first, second: bool(first and second),
    **dict.fromkeys(
        ("minimum", "exclusiveMinimum", "minItems", "minLength", "minProperties"), _greater
    ),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxItems", "maxLength", "maxProperties"), _lesser
    ),
}
