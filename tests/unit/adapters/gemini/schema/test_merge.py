"""Schemas that hold at once become one."""

from typing import Any

import pytest

from tests.support.gemini_schemas import INTEGER, STRING, JsonSchema, cleaned_property

ROWS: list[tuple[str, Any, JsonSchema]] = [
    (
        "objects are merged",
        {
            "description": "Mine.",
            "allOf": [
                {"type": "object", "properties": {"a": STRING}, "required": ["a"]},
                {"properties": {"b": INTEGER}, "required": ["a", "b"], "description": "Theirs."},
            ],
        },
        {
            "description": "Mine.",
            "type": "object",
            "properties": {"a": STRING, "b": INTEGER},
            "required": ["a", "b"],
        },
    ),
    (
        "a property in both",
        {"allOf": [{"properties": {"a": STRING}}, {"properties": {"a": {"maxLength": 3}}}]},
        {
            "type": "object",
            "properties": {"a": {"description": "Length: at most 3.", "type": "string"}},
        },
    ),
    (
        "types and bounds in common",
        {
            "type": "number",
            "minimum": 1,
            "maximum": 5,
            "enum": [1, 2, 3],
            "allOf": [{"type": "integer", "minimum": 2, "maximum": 9, "enum": [3, 2]}],
        },
        {"type": "integer", "enum": [2, 3]},
    ),
    (
        "the narrower bounds",
        {
            "type": ["integer", "null"],
            "minimum": 1,
            "allOf": [{"type": "integer", "minimum": 2, "maximum": 9}, {"maximum": 8}],
        },
        {"type": "integer", "minimum": 2, "maximum": 8},
    ),
    (
        "items, others, patterns",
        {
            "allOf": [
                {"items": STRING, "additionalProperties": True, "pattern": "a"},
                {"items": {"minLength": 1}, "additionalProperties": False, "pattern": "b"},
            ],
            "type": ["array", "object"],
        },
        {
            "description": 'Also holds: pattern "b". Matches the regular expression a.',
            "type": ["array", "object"],
            "additionalProperties": False,
            "items": {"description": "Length: at least 1.", "type": "string"},
        },
    ),
    ("contradictions: the first", {"allOf": [STRING, INTEGER]}, STRING),
    (
        "contradicting values",
        {"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
        {"type": "string", "enum": ["a"]},
    ),
]


@pytest.mark.parametrize(
    ("schema", "expected"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_what_holds_at_once_is_one_schema(schema: Any, expected: JsonSchema) -> None:
    assert cleaned_property(schema) == expected
    assert cleaned_property(expected) == expected, "cleaning what is clean changes nothing"
