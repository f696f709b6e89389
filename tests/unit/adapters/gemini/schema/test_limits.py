"""How much is too much, and that hostile schemas end soon."""

import time
from collections.abc import Callable

import orjson
import pytest

from proxy.adapters.gemini.schema.limits import Budget
from proxy.adapters.gemini.schema.whole import cleaned_parameters, cleaned_response_schema
from proxy.errors import InvalidRequest
from tests.support.gemini_schemas import (
    STRING,
    WHERE,
    JsonSchema,
    cleaned_property,
)


def nested(levels: int, keyword: str = "items") -> JsonSchema:
    schema: JsonSchema = {"type": "string"}
    for _ in range(levels):
        schema = {keyword: [schema, schema]} if keyword == "allOf" else {keyword: schema}
    return {"type": "object", "properties": {"p": schema}}


def test_depth() -> None:
    assert cleaned_parameters(nested(31), WHERE) is not None
    with pytest.raises(InvalidRequest, match="more than 32 levels"):
        cleaned_parameters(nested(32), WHERE)


def test_properties_of_one_object() -> None:
    properties = {f"p{i}": STRING for i in range(100)}
    assert cleaned_parameters({"properties": properties}, WHERE) is not None
    with pytest.raises(InvalidRequest, match="more than 100 properties") as refused:
        cleaned_parameters({"properties": {**properties, "one more": STRING}}, WHERE)
    assert refused.value.param == WHERE
    assert refused.value.code == "invalid_json_schema"


def test_all_tools_of_a_request_together() -> None:
    budget = Budget(5)
    assert cleaned_parameters({"properties": {"a": STRING}}, WHERE, budget) is not None
    with pytest.raises(InvalidRequest, match="all schemas of the request"):
        cleaned_parameters({"properties": {"a": STRING, "b": STRING}}, WHERE, budget)


def test_long_remarks_are_cut() -> None:
    found = cleaned_property(
        {"not": {"enum": [["x" * 5_000, {"deep": [1, 2, {"a": "b" * 400}]}]] * 9}}
    )
    assert len(found["description"]) < 400
    assert len(cleaned_property({"type": "string", "pattern": "x" * 5_000})["description"]) < 400


def reference(name: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{name}"}


def with_definitions(**definitions: JsonSchema) -> JsonSchema:
    return {"type": "object", "properties": {"a": reference("D0")}, "$defs": definitions}


HOSTILE: dict[str, JsonSchema] = {
    "doubling allOf": with_definitions(
        **{f"D{i}": {"allOf": [reference(f"D{i + 1}")] * 2} for i in range(60)}, D60=STRING
    ),
    "doubling recursion": with_definitions(
        **{
            f"D{i}": {
                "properties": {s: reference(f"D{(i + k) % 40}") for s, k in (("x", 1), ("y", 7))}
            }
            for i in range(40)
        }
    ),
    "deep allOf": nested(150, "allOf"),
    "a long chain": with_definitions(
        **{f"D{i}": {"properties": {"x": reference(f"D{i + 1}")}} for i in range(2_000)},
        D2000=STRING,
    ),
    "a chain of bare references": with_definitions(
        **{f"D{i}": reference(f"D{i + 1}") for i in range(5_000)}, D5000=STRING
    ),
    "long texts, often": {
        "type": "object",
        "properties": {f"p{i}": reference("D0") for i in range(100)},
        "$defs": {"D0": {"description": "x" * 500_000, "not": {"const": "y" * 500_000}}},
    },
    "a large enumeration, often": {
        "type": "object",
        "properties": {f"p{i}": {"allOf": [reference("D0")] * 2} for i in range(100)},
        "$defs": {"D0": {"enum": [str(i) for i in range(50_000)]}},
    },
    "many alternatives beside many properties": {
        "type": "object",
        "properties": {
            "a": {
                "properties": {f"p{i}": {} for i in range(90)},
                "anyOf": [{"required": [f"p{i}"]} for i in range(3_000)],
            }
        },
    },
    "many alternatives at the root": {
        "anyOf": [
            {"properties": {"a": {"enum": [i, "x"]}}, "required": ["a"]} for i in range(3_000)
        ]
    },
    "too many of anything": {"anyOf": [{"type": "string"} for _ in range(20_000)]},
    "a union of itself": {"anyOf": [{"$ref": "#"}, {"type": "object", "properties": {"x": {}}}]},
}


def length_of(clean: Callable[[JsonSchema, str], JsonSchema | None], schema: JsonSchema) -> int:
    """Return the bytes of a cleaned schema, 0 where it is refused for what it is."""
    try:
        return len(orjson.dumps(clean(schema, WHERE)))
    except InvalidRequest as refusal:
        return 0 if refusal.code == "invalid_json_schema" else 1_000_000_000


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_schemas_end_soon_and_small(name: str) -> None:
    began_s = time.process_time()
    assert length_of(cleaned_parameters, HOSTILE[name]) < 3_000_000
    assert length_of(cleaned_response_schema, HOSTILE[name]) < 3_000_000
    assert time.process_time() - began_s < 60, "seconds, where it would be years"
