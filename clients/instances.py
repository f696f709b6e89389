"""Makes the smallest value that a JSON Schema describes: how the scripted model fills in forms.

Pure. Called by `clients/upstream.py`; knows the part of JSON Schema that clients send.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

Schema = Mapping[str, Any]

_BY_FORMAT: Final = {
    "date-time": "2026-11-20T08:00:00Z",
    "date": "2026-11-20",
    "time": "08:00:00Z",
    "email": "pump@quillon.example",
    "uri": "https://pumps.example/docs",
    "uuid": "6f1c1f2e-8a53-4f5e-9c7d-2b1d7f0a9e11",
}
_WORD: Final = "brass lever"
_NUMBER: Final = 3
_MAX_DEPTH: Final = 12


class NoInstance(Exception):
    """The schema has no instance that this module can find; the message says why."""


def instance(schema: Schema) -> Any:
    """Return a value of `schema`: every property, one item per list, the first of what may vary.

    Raises:
        NoInstance: a reference leads nowhere or in a circle without end.
    """
    return _of(schema, schema, 0)


def _of(schema: Schema, root: Schema, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise NoInstance("the schema has no end")
    if "$ref" in schema:
        return _of(_resolved(str(schema["$ref"]), root), root, depth + 1)
    for fixed in ("const", "enum"):
        if fixed in schema:
            return schema[fixed] if fixed == "const" else schema[fixed][0]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _of(schema[choice][0], root, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((one for one in cast("list[str]", kind) if one != "null"), "null")
    return _of_type(kind, schema, root, depth)


def _of_type(kind: str, schema: Schema, root: Schema, depth: int) -> Any:
    match kind:
        case "object":
            properties: dict[str, Schema] = schema.get("properties", {})
            return {name: _of(one, root, depth + 1) for name, one in properties.items()}
        case "array":
            items: Schema = schema.get("items", {})
            return [_of(items, root, depth + 1) for _ in range(max(1, schema.get("minItems", 1)))]
        case "integer" | "number":
            least: float = max(_NUMBER, schema.get("minimum", _NUMBER))
            return min(least, schema.get("maximum", least))
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _BY_FORMAT.get(schema.get("format", ""), _WORD)


def _resolved(reference: str, root: Schema) -> Schema:
    found: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        if step not in found:
            raise NoInstance(f"{reference} leads nowhere")
        found = found[step]
    return found
