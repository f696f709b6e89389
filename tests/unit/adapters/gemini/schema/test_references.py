"""References: put in place where they can be, kept where they are recursive."""

import pytest

from proxy.adapters.gemini.schema.whole import cleaned_parameters
from proxy.errors import InvalidRequest
from tests.support.gemini_schemas import INTEGER, STRING, WHERE, JsonSchema, cleaned_property


def test_those_that_are_not_recursive_are_put_in_place() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"type": "string", "title": "A"}, "Unused": {"$ref": "file:x"}},
    }
    assert cleaned_parameters(schema, WHERE) == {
        "type": "object",
        "properties": {"a": STRING, "b": STRING},
    }


@pytest.mark.parametrize(
    "reference",
    [
        "#/definitions/A",
        "#/$defs/A",
        "#/properties/other",
        "#/properties/list/anyOf/0",
        "#anchor",
        "https://x.example/s#/definitions/A",
        "#/definitions/B%20~1~0c",
        "#/definitions/Chain",
    ],
)
def test_every_way_to_point_into_the_schema(reference: str) -> None:
    schema = {
        "$id": "https://x.example/s",
        "type": "object",
        "properties": {
            "p": {"$ref": reference},
            "other": INTEGER,
            "list": {"anyOf": [INTEGER]},
        },
        "definitions": {
            "A": INTEGER,
            "B /~c": INTEGER,
            "C": {"$anchor": "anchor", "type": "integer"},
            "Chain": {"$ref": "#/definitions/A"},
        },
    }
    found = cleaned_parameters(schema, WHERE)
    assert found is not None
    assert found["properties"]["p"] == INTEGER
    assert "$defs" not in found
    assert "definitions" not in found


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("https://x.example/other.json", "cannot be followed"),
        ("other.json#/A", "cannot be followed"),
        ("#/$defs/Missing", "refers to nothing"),
        ("#missing", "refers to nothing"),
        ("#/properties/p/anyOf/7", "refers to nothing"),
        ("#/type", "refers to nothing"),
        ("#/$defs/Loop", "nothing but itself"),
    ],
)
def test_those_that_lead_nowhere_are_refused(reference: str, reason: str) -> None:
    schema = {
        "type": "object",
        "properties": {"p": {"anyOf": [{"$ref": reference}]}},
        "$defs": {"Loop": {"$ref": "#/$defs/Back"}, "Back": {"$ref": "#/$defs/Loop"}},
    }
    with pytest.raises(InvalidRequest, match=reason) as refused:
        cleaned_parameters(schema, WHERE)
    assert refused.value.code == "invalid_json_schema"
    assert refused.value.param == WHERE


def test_what_stands_beside_one_is_kept() -> None:
    """Nothing may stand beside `$ref` upstream; a description is worth keeping."""
    schema = {"$ref": "#/$defs/A", "description": "Mine.", "maximum": 5}
    definitions = {"A": {"type": "integer", "description": "Theirs.", "maximum": 9}}
    assert cleaned_property(schema, **{"$defs": definitions}) == {
        "description": "Mine.",
        "type": "integer",
        "maximum": 5,
    }


def test_boolean_definitions() -> None:
    definitions = {"Any": True, "None": False}
    assert cleaned_property({"$ref": "#/$defs/Any"}, **{"$defs": definitions}) == {}
    assert cleaned_property({"$ref": "#/$defs/None"}, **{"$defs": definitions}) == {
        "description": "Does not match {}."
    }


def test_recursive_ones_stay_and_are_optional() -> None:
    """Gemini takes a cycle only inside optional properties."""
    tree = {
        "type": "object",
        "properties": {
            "value": STRING,
            "children": {"type": "array", "items": {"$ref": "#/definitions/Tree"}},
            "parent": {"$ref": "#/definitions/Tree", "description": "Up.", "nullable": True},
        },
        "required": ["value", "children"],
    }
    expected = {
        "description": "Always given: children.",
        "type": "object",
        "properties": {
            "value": STRING,
            "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
            "parent": {
                "description": "Up.",
                "anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}],
            },
        },
        "required": ["value"],
    }
    whole = {
        "type": "object",
        "properties": {"tree": {"$ref": "#/definitions/Tree"}},
        "required": ["tree"],
        "definitions": {"Tree": tree},
    }
    assert cleaned_parameters(whole, WHERE) == {
        "type": "object",
        "properties": {"tree": {"$ref": "#/$defs/Tree"}},
        "required": ["tree"],
        "$defs": {"Tree": expected},
    }
    root = {"$ref": "#/definitions/Tree", "definitions": {"Tree": tree}}
    assert cleaned_parameters(root, WHERE) == {**expected, "$defs": {"Tree": expected}}


def test_a_root_that_contains_itself_gets_a_name() -> None:
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}, "v": STRING}}
    body = {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/root"}, "v": STRING},
    }
    assert cleaned_parameters(schema, WHERE) == {**body, "$defs": {"root": body}}


def test_names_that_would_clash_do_not() -> None:
    def endless(name: str) -> JsonSchema:
        return {"type": "object", "properties": {"again": {"$ref": f"#/$defs/{name}"}}}

    definitions = {name: endless(name) for name in ("A[b]", "A b ", "A_b_")}
    found = cleaned_parameters(
        {
            "type": "object",
            "properties": {f"p{i}": {"$ref": f"#/$defs/{n}"} for i, n in enumerate(definitions)},
            "$defs": definitions,
        },
        WHERE,
    )
    assert found is not None
    assert list(found["$defs"]) == ["A_b_", "A_b__2", "A_b__3"]


def test_recursion_within_all_of_ends() -> None:
    node = {
        "allOf": [
            {"$ref": "#/$defs/Base"},
            {"properties": {"next": {"allOf": [{"$ref": "#/$defs/Node"}, {"required": ["id"]}]}}},
        ]
    }
    definitions = {"Node": node, "Base": {"type": "object", "properties": {"id": STRING}}}
    found = cleaned_parameters({"$ref": "#/$defs/Node", "$defs": definitions}, WHERE)
    assert found is not None
    assert found["properties"]["id"] == STRING
    assert found["properties"]["next"] == {
        "description": 'Also matches {"required": ["id"]}.',
        "anyOf": [{"$ref": "#/$defs/Node"}],
    }


def test_pydantics_all_of_around_one_reference_is_that_reference() -> None:
    tree = {"properties": {"up": {"allOf": [{"$ref": "#/definitions/T"}], "title": "Up"}}}
    found = cleaned_parameters({"$ref": "#/definitions/T", "definitions": {"T": tree}}, WHERE)
    assert found is not None
    assert found["properties"] == {"up": {"$ref": "#/$defs/T"}}


@pytest.mark.parametrize("doublings", [9, 30])
def test_where_copies_would_be_too_many_references_stay(doublings: int) -> None:
    """Thirty doublings would be a billion schemas."""
    definitions: JsonSchema = {
        f"D{i}": {
            "type": "object",
            "properties": {side: {"$ref": f"#/$defs/D{i + 1}"} for side in ("l", "r")},
            "required": ["l"],
        }
        for i in range(doublings)
    } | {f"D{doublings}": {"type": "string", "title": "End"}}
    schema = {
        "type": "object",
        "properties": {"top": {"$ref": "#/$defs/D0", "description": "Here."}},
        "$defs": definitions,
    }
    found = cleaned_parameters(schema, WHERE)
    assert found is not None
    assert found["properties"]["top"]["anyOf"] == [{"$ref": "#/$defs/D0"}]
    assert found["$defs"]["D7"] == definitions["D7"]
    assert found["$defs"][f"D{doublings}"] == STRING
    assert cleaned_parameters(found, WHERE) == found
