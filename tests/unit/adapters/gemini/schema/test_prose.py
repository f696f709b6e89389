"""What Gemini has no keyword for is said in the description, row by row."""

from typing import Any

import pytest

from tests.support.gemini_schemas import STRING, JsonSchema, cleaned_property

ROWS: list[tuple[str, Any, JsonSchema]] = [
    *(
        (f"{keyword} is said", {"type": "string", keyword: value}, {"description": text} | STRING)
        for keyword, value, text in (
            ("pattern", "^a{2}$", "Matches the regular expression ^a{2}$."),
            ("minLength", 2, "Length: at least 2."),
            ("maxLength", 9, "Length: at most 9."),
            ("multipleOf", 5, "A multiple of 5."),
            ("not", {"const": "b"}, 'Does not match {"const": "b"}.'),
            ("format", "email", "Format: email."),
            ("if", {"const": "b"}, 'If it matches {"const": "b"}.'),
        )
    ),
    (
        "a condition",
        {"if": {}, "then": {"a": 1}, "else": {"b": 2}},
        {
            "description": (
                'If it matches {}, it also matches {"a": 1}, otherwise it matches {"b": 2}.'
            )
        },
    ),
    (
        "behind the description there is",
        {"type": "string", "minLength": 1, "description": "A name."},
        {"description": "A name. Length: at least 1.", "type": "string"},
    ),
    (
        "of objects",
        {"type": "object", "minProperties": 1, "maxProperties": 3, "propertyNames": {"a": 1}},
        {
            "description": (
                "Number of properties: at least 1. Number of properties: at most 3. "
                'Names of properties match {"a": 1}.'
            ),
            "type": "object",
            "additionalProperties": True,
        },
    ),
    (
        "of arrays",
        {"type": "array", "items": STRING, "uniqueItems": True, "contains": {"const": "a"}},
        {
            "description": 'No item twice. Contains an item that matches {"const": "a"}.',
            "type": "array",
            "items": STRING,
        },
    ),
    (
        "what forbids nothing",
        {"type": "array", "items": STRING, "uniqueItems": False},
        {"type": "array", "items": STRING},
    ),
    (
        "of other properties",
        {"unevaluatedProperties": False, "dependentRequired": {"a": ["b"]}},
        {"description": 'Properties that need others: {"a": ["b"]}. No other properties.'},
    ),
    *(
        (f"format {name} stays", {"type": "string", "format": name}, STRING | {"format": name})
        for name in ("date-time", "date", "time")
    ),
    *(
        (
            f"format {name} stays",
            {"type": "number", "format": name},
            {"type": "number", "format": name},
        )
        for name in ("int32", "int64", "float", "double")
    ),
]


@pytest.mark.parametrize(
    ("schema", "expected"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_what_has_no_keyword_is_said(schema: Any, expected: JsonSchema) -> None:
    assert cleaned_property(schema) == expected
    assert cleaned_property(expected) == expected, "cleaning what is clean changes nothing"
