"""Annotations, arrays, objects and alternatives, row by row of the cleaning table."""

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.adapters.gemini.schema.whole import (
    cleaned_parameters,
    cleaned_response_schema,
    simplified,
)
from proxy.errors import InvalidRequest
from tests.support.gemini_schemas import (
    INTEGER,
    STRING,
    WHERE,
    JsonSchema,
    answer_schema,
    cleaned_property,
)

ROWS: list[tuple[str, Any, JsonSchema]] = [
    *(
        (f"{keyword} goes", {"type": "string", keyword: value}, STRING)
        for keyword, value in {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$comment": "c",
            "$vocabulary": {},
            "$id": "https://x.example/p",
            "examples": ["a"],
            "default": "a",
            "deprecated": True,
            "readOnly": True,
            "writeOnly": True,
            "contentEncoding": "base64",
            "contentMediaType": "text/plain",
            "title": "P",
            "x-order": 3,
            "discriminator": {"propertyName": "kind"},
        }.items()
    ),
    ("items that are not given", {"type": "array"}, {"type": "array", "items": STRING}),
    ("items of any kind", {"type": "array", "items": {}}, {"type": "array", "items": STRING}),
    (
        "a tuple of old",
        {"type": "array", "items": [STRING, INTEGER]},
        {"type": "array", "prefixItems": [STRING, INTEGER]},
    ),
    (
        "a closed tuple",
        {"type": "array", "items": [STRING], "additionalItems": False, "minItems": 1},
        {"type": "array", "prefixItems": [STRING], "minItems": 1, "maxItems": 1},
    ),
    (
        "a tuple that goes on",
        {"prefixItems": [STRING], "items": INTEGER},
        {"type": "array", "prefixItems": [STRING], "items": INTEGER},
    ),
    (
        "how many",
        {"type": "array", "items": STRING, "minItems": 1, "maxItems": -4},
        {"type": "array", "items": STRING, "minItems": 1},
    ),
    (
        "an object of anything",
        {"type": "object", "properties": {}},
        {"type": "object", "additionalProperties": True},
    ),
    (
        "an object of nothing",
        {"type": "object", "additionalProperties": False},
        {"type": "object", "additionalProperties": False},
    ),
    (
        "a map",
        {"type": "object", "additionalProperties": {"type": "integer", "title": "V"}},
        {"type": "object", "additionalProperties": INTEGER},
    ),
    (
        "a map of anything",
        {"type": "object", "additionalProperties": {"title": "V"}},
        {"type": "object", "additionalProperties": True},
    ),
    (
        "required names that are not there",
        {"properties": {"a": STRING}, "required": ["a", "b", "a", 3]},
        {"type": "object", "properties": {"a": STRING}, "required": ["a"]},
    ),
    (
        "required as in draft 3",
        {"properties": {"a": {"type": "string", "required": True}}},
        {"type": "object", "properties": {"a": STRING}},
    ),
    (
        "a property that cannot be",
        {"properties": {"a": STRING, "b": False}, "required": ["b"]},
        {"type": "object", "properties": {"a": STRING}},
    ),
    (
        "a map by pattern",
        {"type": "object", "patternProperties": {"^(.*)$": STRING}},
        {
            "description": "Names of other properties match ^(.*)$.",
            "type": "object",
            "additionalProperties": STRING,
        },
    ),
    (
        "several patterns",
        {
            "type": "object",
            "patternProperties": {"^a": STRING, "^b": INTEGER},
            "additionalProperties": False,
        },
        {
            "description": "Names of other properties match ^a or ^b.",
            "type": "object",
            "additionalProperties": True,
        },
    ),
    ("oneOf is anyOf", {"oneOf": [STRING, INTEGER]}, {"anyOf": [STRING, INTEGER]}),
    ("anyOf stays", {"anyOf": [STRING, {"type": "null"}]}, {"anyOf": [STRING, {"type": "null"}]}),
    (
        "equal alternatives",
        {"anyOf": [STRING, {"type": "string", "title": "T"}, False]},
        {"anyOf": [STRING]},
    ),
    ("no alternatives", {"type": "string", "anyOf": []}, STRING),
    ("impossible ones", {"anyOf": [False]}, {}),
    (
        "anyOf and oneOf",
        {"anyOf": [STRING], "oneOf": [INTEGER]},
        {"description": 'Also holds: oneOf [{"type": "integer"}].', "anyOf": [STRING]},
    ),
    (
        "what stands beside alternatives holds in each",
        {
            "type": "object",
            "description": "D",
            "properties": {"a": STRING, "b": STRING},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
        {
            "description": "D",
            "anyOf": [
                {"type": "object", "properties": {"a": STRING, "b": STRING}, "required": ["a"]},
                {"type": "object", "properties": {"a": STRING, "b": STRING}, "required": ["b"]},
            ],
        },
    ),
]


@pytest.mark.parametrize(
    ("schema", "expected"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_annotations_arrays_objects_and_alternatives(schema: Any, expected: JsonSchema) -> None:
    assert cleaned_property(schema) == expected
    assert cleaned_property(expected) == expected, "cleaning what is clean changes nothing"


@pytest.mark.parametrize(
    "name", ["title", "default", "$ref", "const", "enum", "definitions", "$defs", "format", "not"]
)
def test_names_of_properties_are_never_keywords(name: str) -> None:
    schema = {"type": "object", "properties": {name: STRING}, "required": [name]}
    assert cleaned_parameters(schema, WHERE) == schema
    assert answer_schema(schema) == {**schema, "propertyOrdering": [name]}


def test_values_are_never_schemas() -> None:
    external = {"$ref": "https://x.example/", "default": 1}
    assert cleaned_property({"const": external, "default": external, "examples": [external]}) == {
        "description": 'One of: {"$ref": "https://x.example/", "default": 1}.',
        "type": "object",
        "additionalProperties": True,
    }


NAMES = st.sampled_from(["a", "b", "title", "default", "$ref", "const", "properties", "c d"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["", "a", "b", "1", float("nan"), 10**30]),
)
POINTERS = st.sampled_from(
    ["#", "#/$defs/A", "#/definitions/B", "#/$defs/C%20d", "#/properties/a", "#/properties/b/items"]
)
TYPES = st.sampled_from(["string", "integer", "number", "object", "array", "null", "STRING", 5])
GARBAGE = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(NAMES, SCALARS))
WRONG = st.dictionaries(
    st.sampled_from(
        [
            "type",
            "properties",
            "items",
            "anyOf",
            "allOf",
            "enum",
            "required",
            "description",
            "format",
            "pattern",
            "$ref",
        ]
    ),
    GARBAGE,
    max_size=2,
)
LISTS = ("items", "prefixItems", "anyOf", "oneOf", "allOf")
SINGLES = ("items", "additionalProperties", "not", "if")
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems")


def nodes(children: st.SearchStrategy[Any]) -> st.SearchStrategy[JsonSchema]:
    """Return schemas made of others, with all that Gemini takes and does not take."""
    child = st.one_of(children, children, st.booleans())
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": st.one_of(TYPES, st.lists(TYPES, max_size=2)),
        "required": st.lists(NAMES, max_size=2),
        "propertyOrdering": st.lists(NAMES, max_size=2),
        "enum": st.lists(SCALARS, max_size=3),
        "const": SCALARS,
        "$ref": POINTERS,
        "format": st.sampled_from(["date", "email"]),
        "pattern": st.just("^a$"),
        "description": st.sampled_from(["d", "e"]),
        "title": st.just("T"),
        "nullable": st.booleans(),
        "default": GARBAGE,
        "x-y": GARBAGE,
        **dict.fromkeys(BOUNDS, SCALARS),
        **dict.fromkeys(LISTS, st.lists(child, max_size=2)),
        **dict.fromkeys(SINGLES, child),
        **dict.fromkeys(
            ("properties", "patternProperties"), st.dictionaries(NAMES, child, max_size=2)
        ),
    }
    return st.fixed_dictionaries({}, optional=keywords)


NOTHING: JsonSchema = {}
SCHEMAS: st.SearchStrategy[JsonSchema] = st.recursive(
    st.one_of(st.just(NOTHING), st.just(STRING), WRONG, POINTERS.map(lambda ref: {"$ref": ref})),
    nodes,
    max_leaves=6,
)


def document(root: JsonSchema, *definitions: JsonSchema) -> JsonSchema:
    a, b, c = definitions
    return {**root, "$defs": {"A": a, "C d": c}, "definitions": {"B": b}}


DOCUMENTS = st.builds(document, nodes(SCHEMAS), SCHEMAS, SCHEMAS, SCHEMAS)
DOCUMENTED = {
    *("type", "format", "title", "description", "enum", "items", "prefixItems", "minItems"),
    *("maxItems", "minimum", "maximum", "anyOf", "properties", "additionalProperties"),
    *("required", "propertyOrdering", "$defs", "$ref"),
}
"""Google's list, without what this proxy never sends."""


def schemas_within(node: Any) -> Iterator[JsonSchema]:
    if node is None or isinstance(node, bool):  # `additionalProperties: true`
        return
    yield node
    children = [*node.get("properties", {}).values(), *node.get("$defs", {}).values()]
    children += [*node.get("anyOf", ()), *node.get("prefixItems", ())]
    for child in (*children, node.get("items"), node.get("additionalProperties")):
        yield from schemas_within(child)


def check_is_documented(cleaned: JsonSchema) -> None:
    """Assert that Gemini's documentation allows every schema in a cleaned one."""
    orjson.dumps(cleaned)
    for node in schemas_within(cleaned):
        assert node.keys() <= DOCUMENTED
        assert "$ref" not in node or node.keys() <= {"$ref", "$defs"}
        assert set(node.get("required", ())) <= set(node.get("properties", ()))
        assert node.get("enum", ["x"])
        assert "" not in node.get("enum", ())
        assert node.get("properties", {"x"})


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(DOCUMENTS)
def test_cleaning_is_pure_idempotent_and_leaves_what_is_documented(schema: JsonSchema) -> None:
    before = copy.deepcopy(schema)
    for clean in (cleaned_parameters, cleaned_response_schema):
        try:
            cleaned = clean(schema, WHERE)
        except InvalidRequest:  # a reference to nothing, or to itself
            cleaned = None
        assert repr(schema) == repr(before)
        if cleaned is not None:
            check_is_documented(cleaned)
            assert clean(cleaned, WHERE) == cleaned
            check_is_documented(simplified(cleaned))
            assert simplified(simplified(cleaned)) == simplified(cleaned)
