"""The scripted model fills in any form that a client sends."""

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from clients.instances import NoInstance, instance


class _Valve(BaseModel):
    number: int
    is_open: bool
    share: float | None = None


class _Pump(BaseModel):
    name: str
    valves: list[_Valve]
    spare: _Valve | None
    codes: dict[str, int]


def test_what_pydantic_describes_pydantic_accepts() -> None:
    valves = TypeAdapter(list[_Valve])
    assert len(valves.validate_python(instance(valves.json_schema()))) == 1
    assert _Pump.model_validate(instance(_Pump.model_json_schema())).spare is not None


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 7}, 7),
        ({"enum": ["open", "shut"]}, "open"),
        ({"type": ["null", "boolean"]}, True),
        ({"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991}, 3),
        ({"type": "integer", "minimum": 40}, 40),
        ({"type": "integer", "maximum": 1}, 1),
        ({"type": "string", "format": "date"}, "2026-11-20"),
        ({"type": "null"}, None),
        ({"type": "array", "items": {"const": 1}, "minItems": 2}, [1, 1]),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, "a"),
    ],
)
def test_a_small_schema_has_the_value_one_expects(schema: dict[str, Any], value: object) -> None:
    assert instance(schema) == value


def test_a_reference_that_leads_nowhere_is_told() -> None:
    with pytest.raises(NoInstance, match="nowhere"):
        instance({"$ref": "#/$defs/Missing", "$defs": {}})


def test_a_schema_that_must_contain_itself_is_told() -> None:
    endless = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    with pytest.raises(NoInstance, match="no end"):
        instance(endless)
