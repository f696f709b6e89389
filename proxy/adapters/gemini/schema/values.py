"""Types, enumerations and bounds of one schema, as Gemini takes them.

Gemini's `enum` is for strings and numbers; exclusive bounds and `const` it does not have.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from proxy.adapters.gemini.schema.prose import compact

_TYPES = {
    "string": "string",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "object": "object",
    "array": "array",
    "null": "null",
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "object",
    "list": "array",
    "none": "null",
}
"""JSON Schema's types, and words that hand-written schemas use for them."""
_MAX_INT = 2**63 - 1
_MAX_COUNT = 2**31 - 1


@dataclass(slots=True)
class Values:
    """What the values of a schema are."""

    types: list[str]
    enum: list[str | int | float] | None = None
    remarks: list[str] = field(default_factory=list[str])


def types_in(value: object) -> list[str]:
    """Return the types that `type` names, each once, in their order; unknown ones are left out.

    Clients written for Gemini send upper case.
    """
    given = cast("list[object]", value) if isinstance(value, list) else [value]
    known = (_TYPES.get(word.lower()) for word in given if isinstance(word, str))
    return list(dict.fromkeys(word for word in known if word))


def type_of(types: list[str]) -> str | list[str]:
    """Return `type` as it is written: a word where there is one only."""
    return types[0] if len(types) == 1 else types


def number(value: object) -> int | float | None:
    """Return a finite number of at most 64 bits, None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int) and abs(value) <= _MAX_INT:
        return value
    try:
        as_float = float(value)
    except OverflowError:
        return None
    return as_float if math.isfinite(as_float) else None


def count(value: object) -> int | None:
    """Return a number of items, None where `value` is none."""
    found = number(value)
    return int(found) if found is not None and 0 <= found <= _MAX_COUNT else None


def values_of(schema: Mapping[str, Any]) -> Values:
    """Return the types and the enumeration of a schema; `const` is an enumeration of one."""
    types = types_in(schema.get("type"))
    if schema.get("nullable") is True and types and "null" not in types:
        types.append("null")
    given: list[Any] | None = None
    if "const" in schema:
        given = [schema["const"]]
    elif isinstance(schema.get("enum"), list):
        given = list(schema["enum"])
    if not given:
        return Values(types or _implied_types(schema))
    return _enumerated(given, types)


def _implied_types(schema: Mapping[str, Any]) -> list[str]:
    keywords = schema.keys()
    if keywords & {"properties", "patternProperties", "additionalProperties"}:
        return ["object"]
    return ["array"] if keywords & {"items", "prefixItems"} else []


def _enumerated(given: list[Any], types: list[str]) -> Values:
    kept: list[str | int | float] = []
    strange: list[Any] = []
    for value in given:
        if isinstance(value, str):
            kept.append(value)
        elif (as_number := number(value)) is not None:
            kept.append(as_number)
        elif value is not None:
            strange.append(value)
    is_nullable = "null" in types or None in given
    null = ["null"] if is_nullable else []
    if strange:  # one enumeration of them all cannot be sent, and half of it would be wrong
        return Values(
            _types_of([*kept, *strange], types) + null,
            remarks=[f"One of: {', '.join(map(compact, given))}."],
        )
    if not kept:
        return Values(["null"])
    filled = list(dict.fromkeys(value for value in kept if value != ""))
    inferred = _types_of(list(filled or kept), types) + null
    if len(filled) == len(set(kept)):
        return Values(inferred, filled)
    if not filled:
        return Values(inferred, remarks=['Always the empty string "".'])
    return Values(inferred, filled, ['The empty string "" stands for none of them.'])


def _types_of(values: list[Any], declared: list[str]) -> list[str]:
    """Return the types of enumerated values: the values are right where `type` says otherwise."""
    found = dict.fromkeys(_type_of_value(value) for value in values)
    if "integer" in found and ("number" in found or "number" in declared):
        found = dict.fromkeys("number" if name == "integer" else name for name in found)
    return list(found)


def _type_of_value(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    return "object" if isinstance(value, dict) else "array"


def bounds_of(schema: Mapping[str, Any], types: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return `minimum` and `maximum`, and what they cannot say."""
    if types and not {"integer", "number"} & set(types):
        return {}, []
    bounds: dict[str, Any] = {}
    remarks: list[str] = []
    is_integer = "number" not in types and "integer" in types
    for keyword, strict, sign, words in (
        ("minimum", "exclusiveMinimum", 1, "Greater than"),
        ("maximum", "exclusiveMaximum", -1, "Less than"),
    ):
        bound = number(schema.get(keyword))
        beyond = bound if schema.get(strict) is True else number(schema.get(strict))
        if beyond is not None:
            inner = _next_integer(beyond, sign) if is_integer else beyond
            if bound is None or sign * inner >= sign * bound:
                bound = inner
                if not is_integer:
                    remarks.append(f"{words} {compact(beyond)}.")
        if bound is not None:
            bounds[keyword] = bound
    return bounds, remarks


def _next_integer(beyond: float, sign: int) -> int | float:
    """Return the first integer above (`sign` 1) or below (-1) a number."""
    following = math.floor(beyond) + 1 if sign > 0 else math.ceil(beyond) - 1
    found = number(following)
    return beyond if found is None else found
