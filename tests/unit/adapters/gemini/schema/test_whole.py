"""Whole schemas: tools' arguments and response formats, of pydantic, zod, MCP and recordings."""

import copy
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from proxy.adapters.gemini.schema.whole import cleaned_parameters, simplified
from tests.support.gemini_schemas import (
    INTEGER,
    STRING,
    WHERE,
    JsonSchema,
    answer_schema,
    parameters_of,
)
from tests.support.recordings import Recording, recordings


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {},
        {"type": "object"},
        {"type": "object", "properties": {}, "title": "None"},
        {"type": "object", "additionalProperties": False, "required": []},
        {"description": "nothing"},
        {"properties": {"a": False}},
    ],
)
def test_where_there_is_nothing_to_declare_nothing_is(schema: JsonSchema | None) -> None:
    assert cleaned_parameters(schema, WHERE) is None


def test_a_tool_of_free_arguments_keeps_them() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    assert cleaned_parameters(schema, WHERE) == schema


@pytest.mark.parametrize(
    "root", [STRING, {"type": "array", "items": STRING}, {"anyOf": [STRING, INTEGER]}]
)
def test_a_root_that_is_no_object_is_wrapped(root: JsonSchema) -> None:
    assert cleaned_parameters(root, WHERE) == {
        "type": "object",
        "properties": {"value": root},
        "required": ["value"],
    }


def test_a_nullable_object_is_an_object_at_the_root() -> None:
    schema = {"type": ["object", "null"], "properties": {"a": STRING}}
    assert cleaned_parameters(schema, WHERE) == {"type": "object", "properties": {"a": STRING}}


def test_alternatives_at_the_root_become_one_object() -> None:
    schema = {
        "description": "An animal.",
        "oneOf": [
            {"$ref": "#/$defs/Cat"},
            {
                "anyOf": [
                    {
                        "properties": {"kind": {"const": "dog"}, "name": {"type": "string"}},
                        "required": ["kind", "name"],
                    },
                    {"type": "null"},
                ]
            },
        ],
        "$defs": {
            "Cat": {
                "properties": {
                    "kind": {"const": "cat"},
                    "lives": {"type": "integer"},
                    "name": {"type": "integer"},
                },
                "required": ["kind", "lives"],
            }
        },
    }
    assert cleaned_parameters(schema, WHERE) == {
        "description": (
            'An animal. Give one of these groups: kind="cat", lives; or kind="dog", name.'
        ),
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": ["cat", "dog"]},
            "lives": INTEGER,
            "name": {"anyOf": [INTEGER, STRING]},
        },
        "required": ["kind"],
    }


def test_alternatives_beside_an_object_at_the_root_are_said() -> None:
    schema = {
        "type": "object",
        "properties": {"a": STRING, "b": STRING, "c": STRING},
        "required": ["c"],
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    assert cleaned_parameters(schema, WHERE) == {
        "description": "Give one of these groups: a; or b.",
        "type": "object",
        "properties": {"a": STRING, "b": STRING, "c": STRING},
        "required": ["c"],
    }


class Colour(Enum):
    """Two of them."""

    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    """A cat."""

    kind: Literal["cat"]
    lives: Annotated[int, Field(gt=0, le=9)] = 9


class Dog(BaseModel):
    """A dog."""

    kind: Literal["dog"]
    owner: str | None


class Person(BaseModel):
    """Somebody."""

    name: Annotated[str, Field(min_length=1, description="Full name")]
    friends: "list[Person]" = []
    boss: "Person | None" = None


class Order(BaseModel):
    """What was ordered."""

    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    colour: Colour = Field(description="Its colour")
    buyer: Person
    size: tuple[int, float]
    tags: dict[str, int]
    extra: Any = None
    mode: Literal["fast", "slow"] | None = None


def test_a_schema_of_pydantic() -> None:
    person = {
        "description": "Somebody.",
        "type": "object",
        "properties": {
            "name": {"description": "Full name Length: at least 1.", "type": "string"},
            "friends": {"type": "array", "items": {"$ref": "#/$defs/Person"}},
            "boss": {"anyOf": [{"$ref": "#/$defs/Person"}, {"type": "null"}]},
        },
        "required": ["name"],
    }
    assert cleaned_parameters(Order.model_json_schema(), WHERE) == {
        "description": "What was ordered.",
        "type": "object",
        "properties": {
            "pet": {
                "anyOf": [
                    {
                        "description": "A cat.",
                        "type": "object",
                        "properties": {
                            "kind": {"type": "string", "enum": ["cat"]},
                            "lives": {"type": "integer", "minimum": 1, "maximum": 9},
                        },
                        "required": ["kind"],
                    },
                    {
                        "description": "A dog.",
                        "type": "object",
                        "properties": {
                            "kind": {"type": "string", "enum": ["dog"]},
                            "owner": {"anyOf": [STRING, {"type": "null"}]},
                        },
                        "required": ["kind", "owner"],
                    },
                ]
            },
            "colour": {"description": "Its colour", "type": "string", "enum": ["red", "blue"]},
            "buyer": {"$ref": "#/$defs/Person"},
            "size": {
                "type": "array",
                "prefixItems": [INTEGER, {"type": "number"}],
                "minItems": 2,
                "maxItems": 2,
            },
            "tags": {"type": "object", "additionalProperties": INTEGER},
            "extra": {},
            "mode": {"anyOf": [{"type": "string", "enum": ["fast", "slow"]}, {"type": "null"}]},
        },
        "required": ["pet", "colour", "buyer", "size", "tags"],
        "$defs": {"Person": person},
    }


def test_a_schema_of_zod() -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "home": {
                "type": "object",
                "properties": {"zip": {"type": "string", "pattern": "^\\d{5}$"}},
                "required": ["zip"],
                "additionalProperties": False,
            },
            "work": {"$ref": "#/properties/home"},
            "age": {"type": "integer", "exclusiveMinimum": 0, "maximum": 9007199254740991},
            "mail": {"type": "string", "format": "email"},
            "role": {"type": ["string", "null"], "enum": ["a", "b", None]},
        },
        "required": ["home"],
        "additionalProperties": False,
    }
    home = {
        "type": "object",
        "properties": {
            "zip": {"description": "Matches the regular expression ^\\d{5}$.", "type": "string"}
        },
        "required": ["zip"],
        "additionalProperties": False,
    }
    assert cleaned_parameters(schema, WHERE) == {
        "type": "object",
        "properties": {
            "home": home,
            "work": home,
            "age": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
            "mail": {"description": "Format: email.", "type": "string"},
            "role": {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "null"}]},
        },
        "required": ["home"],
        "additionalProperties": False,
    }


def test_a_schema_of_an_mcp_server() -> None:
    schema: JsonSchema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "query": {"type": "string", "minLength": 1, "default": ""},
            "filter": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z]+$"},
                "additionalProperties": {"anyOf": [STRING, {"type": "array", "items": {}}]},
            },
            "sort": {"const": "asc"},
            "page": {"type": "number", "examples": [1], "x-ui": {"widget": "slider"}},
        },
        "required": ["query", "cursor"],
        "examples": [{"query": "x"}],
    }
    assert cleaned_parameters(schema, WHERE) == {
        "type": "object",
        "properties": {
            "query": {"description": "Length: at least 1.", "type": "string"},
            "filter": {
                "description": 'Names of properties match {"pattern": "^[a-z]+$"}.',
                "type": "object",
                "additionalProperties": {"anyOf": [STRING, {"type": "array", "items": STRING}]},
            },
            "sort": {"type": "string", "enum": ["asc"]},
            "page": {"type": "number"},
        },
        "required": ["query"],
    }


def test_response_formats_keep_titles_and_say_the_order() -> None:
    schema = {
        "title": "Answer",
        "type": "object",
        "properties": {"z": STRING, "a": {"type": "integer", "title": "A"}, "title": STRING},
    }
    found = answer_schema(schema)
    assert found == {**schema, "propertyOrdering": ["z", "a", "title"]}
    asked = {**schema, "propertyOrdering": ["a", "nothing", ["x"]]}
    assert answer_schema(asked)["propertyOrdering"] == ["a", "z", "title"]


@pytest.mark.parametrize("root", [{"type": "array", "items": STRING}, {"anyOf": [STRING, INTEGER]}])
def test_response_formats_may_be_no_object(root: JsonSchema) -> None:
    assert answer_schema(root) == root


def test_the_simple_form_says_what_it_leaves_out() -> None:
    schema = {
        "$defs": {
            "A": {"type": "array", "items": {"type": "string", "format": "date"}, "minItems": 1}
        },
        "type": "object",
        "properties": {
            "enum": {"type": "string", "enum": ["a", "b"], "description": "D."},
            "n": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 2}, {"type": "null"}]},
            "t": {
                "type": "array",
                "prefixItems": [{"type": "integer", "enum": [1]}],
                "maxItems": 1,
            },
            "m": {"type": "object", "additionalProperties": {"type": "number", "maximum": 1}},
            "f": {"type": "object", "additionalProperties": False},
        },
        "required": ["n"],
    }
    before = copy.deepcopy(schema)
    simple = simplified(schema)
    assert schema == before
    assert simple == {
        "$defs": {"A": {"type": "array", "items": STRING}},
        "type": "object",
        "properties": {
            "enum": {"type": "string", "description": 'D. One of: "a", "b".'},
            "n": {"anyOf": [INTEGER, {"type": "null"}]},
            "t": {
                "type": "array",
                "prefixItems": [{"type": "integer", "description": "One of: 1."}],
            },
            "m": {"type": "object", "additionalProperties": {"type": "number"}},
            "f": {"type": "object", "additionalProperties": False},
        },
        "required": ["n"],
    }
    assert simplified(simple) == simple


def schemas_of(request: dict[str, Any]) -> list[tuple[str, JsonSchema]]:
    """Return the schemas in a recorded request: tools' as `tool`, the answer's as `answer`."""
    declarations = [
        declaration
        for tool in request.get("tools", ())
        for declaration in tool.get("functionDeclarations", tool.get("function_declarations", ()))
    ]
    keys = ("parametersJsonSchema", "parameters_json_schema", "parameters")
    found = [("tool", d[key]) for d in declarations for key in keys if key in d]
    answer = request.get("generationConfig", {}).get("responseJsonSchema")
    return [*found, ("answer", answer)] if answer else found


def has_schemas(recording: Recording) -> bool:
    return bool(schemas_of(recording.request or {}))


def meaning(schema: Any, document: JsonSchema, inside: tuple[str, ...] = ()) -> Any:
    """Return a schema without what says nothing, references followed once, in one spelling."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in inside:
            return name
        return meaning(document["$defs"][name], document, (*inside, name))
    said = {k: v for k, v in schema.items() if k in {"enum", "description"}}
    said |= {"type": schema["type"].lower()} if "type" in schema else {}
    said |= {"required": sorted(schema["required"])} if schema.get("required") else {}
    for name, child in schema.get("properties", {}).items():
        said[f".{name}"] = meaning(child, document, inside)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            said[key] = meaning(schema[key], document, inside)
    for key in ("prefixItems", "anyOf", "oneOf"):
        if key in schema:
            several = [meaning(child, document, inside) for child in schema[key]]
            said["anyOf" if key == "oneOf" else key] = several
    return said


@pytest.mark.parametrize("recording", recordings(has_schemas))
def test_what_gemini_accepted_comes_through_with_its_meaning(recording: Recording) -> None:
    for kind, schema in schemas_of(recording.request):
        before = copy.deepcopy(schema)
        if kind == "tool" and not schema["properties"]:
            assert cleaned_parameters(schema, WHERE) is None
            continue
        # a reference at the root is put in place once, so one of the two is a level ahead
        found = parameters_of(schema) if kind == "tool" else answer_schema(schema)
        inside = tuple(found.get("$defs", ()))
        assert schema == before
        assert meaning(found, found, inside) == meaning(schema, schema)
