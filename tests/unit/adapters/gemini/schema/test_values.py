"""Types, enumerations and bounds, row by row of the cleaning table."""

from typing import Any

import pytest

from tests.support.gemini_schemas import INTEGER, STRING, JsonSchema, cleaned_property

ROWS: list[tuple[str, Any, JsonSchema]] = [
    ("const is an enumeration", {"const": "a"}, {"type": "string", "enum": ["a"]}),
    ("const of a number", {"const": 2, "type": "number"}, {"type": "number", "enum": [2]}),
    ("enum gets its type", {"enum": [1, 2]}, {"type": "integer", "enum": [1, 2]}),
    ("numbers stay", {"enum": [1, 2.5]}, {"type": "number", "enum": [1, 2.5]}),
    (
        "of several types",
        {"enum": ["a", 1]},
        {"type": ["string", "integer"], "enum": ["a", 1]},
    ),
    (
        "values are right where the type is wrong",
        {"type": "string", "enum": [1]},
        {"type": "integer", "enum": [1]},
    ),
    (
        "booleans cannot be enumerated",
        {"const": True},
        {"description": "One of: true.", "type": "boolean"},
    ),
    (
        "nor can objects",
        {"enum": [{"a": 1}, [2]], "description": "D."},
        {"description": 'D. One of: {"a": 1}, [2].', "type": ["object", "array"]}
        | {"additionalProperties": True, "items": STRING},
    ),
    (
        "null among values is an alternative",
        {"enum": ["a", None]},
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
    ),
    (
        "a nullable enumeration means null too",
        {"type": ["string", "null"], "enum": ["a"]},
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
    ),
    ("only null", {"enum": [None]}, {"type": "null"}),
    (
        "the empty string cannot be enumerated",
        {"enum": ["", "a"]},
        {
            "description": 'The empty string "" stands for none of them.',
            "type": "string",
            "enum": ["a"],
        },
    ),
    (
        "nothing but the empty string",
        {"const": ""},
        {"description": 'Always the empty string "".', "type": "string"},
    ),
    ("an empty enumeration says nothing", {"type": "string", "enum": []}, STRING),
    ("a list of types stays", {"type": ["string", "null"]}, {"type": ["string", "null"]}),
    ("a list of one", {"type": ["string"]}, STRING),
    ("upper case of Gemini's own clients", {"type": "STRING"}, STRING),
    ("a word of Python's", {"type": "int"}, INTEGER),
    ("an unknown type", {"type": "any", "description": "D"}, {"description": "D"}),
    ("nullable of OpenAPI", {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ("not nullable", {"type": "string", "nullable": False}, STRING),
    (
        "nullable alternatives",
        {"anyOf": [STRING, INTEGER], "nullable": True},
        {"anyOf": [STRING, INTEGER, {"type": "null"}]},
    ),
    ("true allows anything", True, {}),
    ("what is no schema allows anything", "string", {}),
    (
        "bounds stay",
        {"type": "number", "minimum": 0.5, "maximum": 2},
        {"type": "number", "minimum": 0.5, "maximum": 2},
    ),
    ("above, integers", {"type": "integer", "exclusiveMinimum": 0}, INTEGER | {"minimum": 1}),
    ("below, integers", {"type": "integer", "exclusiveMaximum": 2.5}, INTEGER | {"maximum": 2}),
    (
        "above, numbers",
        {"type": "number", "exclusiveMinimum": 0},
        {"description": "Greater than 0.", "type": "number", "minimum": 0},
    ),
    (
        "below, as in draft 4",
        {"type": "number", "maximum": 9, "exclusiveMaximum": True},
        {"description": "Less than 9.", "type": "number", "maximum": 9},
    ),
    (
        "the narrower bound counts",
        {"type": "integer", "minimum": 5, "exclusiveMinimum": 0, "exclusiveMaximum": 9},
        {"type": "integer", "minimum": 5, "maximum": 8},
    ),
    (
        "bounds that no number has",
        {"type": "number", "minimum": float("-inf"), "maximum": 10**400, "exclusiveMinimum": "1"},
        {"type": "number"},
    ),
    ("beyond 64 bits", {"type": "integer", "maximum": 10**30}, INTEGER | {"maximum": 1e30}),
    ("of a string", {"type": "string", "minimum": 1}, STRING),
]


@pytest.mark.parametrize(
    ("schema", "expected"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_types_enumerations_and_bounds(schema: Any, expected: JsonSchema) -> None:
    assert cleaned_property(schema) == expected
    assert cleaned_property(expected) == expected, "cleaning what is clean changes nothing"
