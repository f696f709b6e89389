"""Structured output and tools with the schemas that pydantic and agents write.

The SDK is given the schema as its user has it; where ours is written otherwise the difference says
so, and the constraint has to be the same.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from google.genai import types
from pydantic import BaseModel, ConfigDict, Field

from tests.oracle.case import MODEL, Case, ask
from tests.oracle.tool_requests import calling, declared, function

_JSON = "application/json"
_ORDER = "the order of properties is said"
_IN_PLACE = "definitions stand where they are used"
_UNTITLED = "arguments have no titles"
_CONSTANT = "a constant is an enumeration of one"
_NO_DEFAULT = "defaults are left out"
_TAG = "a union needs no discriminator"
_BOUNDS = ("other bounds are said", "an exclusive bound of integers is the next integer")


class Colour(StrEnum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    """Where somebody lives."""

    street: str
    city: str = Field(description="In English")


class Person(BaseModel):
    """Somebody."""

    name: str
    age: Annotated[int, Field(ge=0, le=150)]
    home: Address
    others: list[Address]


class Car(BaseModel):
    """Something to drive."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["car"]
    colour: Colour
    seats: int | None
    notes: str | None = None


class Boat(BaseModel):
    """Something to sail."""

    kind: Literal["boat"]
    metres: float


class Fleet(BaseModel):
    """Many of them."""

    vehicles: list[Annotated[Car | Boat, Field(discriminator="kind")]]


class Node(BaseModel):
    """A tree."""

    value: str
    children: list["Node"] = []


class Bounded(BaseModel):
    """Something with bounds of every kind."""

    code: Annotated[str, Field(pattern="^[a-z]+$", min_length=2, max_length=9)]
    count: Annotated[int, Field(gt=0, lt=10)]
    unique: Annotated[set[str], Field(min_length=1)]
    by_name: dict[str, int]


def _answers(
    name: str,
    schema: dict[str, Any],
    *differs: str,
    same: dict[str, Any] | None = None,
    **fields: Any,
) -> Case:
    asked = {"name": "answer", "strict": True, "schema": schema, **fields}
    return Case(
        name,
        ask(response_format={"type": "json_schema", "json_schema": asked}),
        "Why?",
        types.GenerateContentConfig(response_mime_type=_JSON, response_json_schema=same or schema),
        differs=differs,
    )


def _takes(name: str, schema: dict[str, Any], *differs: str) -> Case:
    declaration = types.FunctionDeclaration(
        name="save", description="Saves it.", parameters_json_schema=schema
    )
    tool = {"name": "save", "description": "Saves it.", "parameters": schema}
    return Case(
        name,
        ask(tools=[{"type": "function", "function": tool}]),
        "Why?",
        types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declaration])]),
        differs=("the usual mode is said", *differs),
    )


_FLAT = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "warm": {"type": "boolean"}},
    "required": ["city", "warm"],
    "additionalProperties": False,
}
_DATED = {
    "type": "object",
    "properties": {
        "when": {"type": "string", "format": "date-time"},
        "what": {"enum": ["a", "b"], "type": "string"},
        "how_many": {"type": "integer", "minimum": 1, "maximum": 9},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
        "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["when"],
}

SCHEMAS = (
    Case(
        "text as the format",
        ask(response_format={"type": "text"}),
        "Why?",
    ),
    Case(
        "any JSON",
        ask(response_format={"type": "json_object"}),
        "Why?",
        types.GenerateContentConfig(response_mime_type=_JSON),
    ),
    _answers("a flat schema", _FLAT, _ORDER),
    _answers("a schema of every keyword that both have", _DATED, _ORDER),
    _answers(
        "a described schema",
        _FLAT,
        _ORDER,
        description="The weather",
        same={**_FLAT, "description": "The weather"},
    ),
    _answers("nested models", Person.model_json_schema(), _ORDER, _IN_PLACE),
    _answers(
        "a union of models",
        Fleet.model_json_schema(),
        _ORDER,
        _IN_PLACE,
        _CONSTANT,
        _NO_DEFAULT,
        _TAG,
    ),
    _answers("a tree", Node.model_json_schema(), _ORDER, _NO_DEFAULT, "a root is no reference"),
    _answers("an order of the client's own", {**_FLAT, "propertyOrdering": ["warm", "city"]}),
    _answers("bounds", Bounded.model_json_schema(), _ORDER, *_BOUNDS),
    Case(
        "a schema and functions",
        ask(
            response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": _FLAT}},
            tools=[function()],
            tool_choice="auto",
        ),
        "Why?",
        types.GenerateContentConfig(
            response_mime_type=_JSON,
            response_json_schema=_FLAT,
            tools=[declared()],
            tool_config=calling(types.FunctionCallingConfigMode.AUTO),
        ),
        MODEL,
        (_ORDER,),
    ),
    Case(
        "any JSON and functions, of a model that cannot have both",
        ask(response_format={"type": "json_object"}, tools=[function()], tool_choice="auto"),
        "Why?",
        types.GenerateContentConfig(
            response_mime_type=_JSON,
            tools=[declared()],
            tool_config=calling(types.FunctionCallingConfigMode.AUTO),
        ),
        "gemini-2.5-flash",
        ("JSON is asked for in words",),
    ),
    Case(
        "a schema and functions, of a model that cannot have both",
        ask(
            response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": _FLAT}},
            tools=[function()],
            tool_choice="auto",
        ),
        "Why?",
        types.GenerateContentConfig(
            response_mime_type=_JSON,
            response_json_schema=_FLAT,
            tools=[declared()],
            tool_config=calling(types.FunctionCallingConfigMode.AUTO),
        ),
        "gemini-2.5-flash",
        ("JSON is asked for in words", _ORDER),
    ),
    _takes("arguments of every keyword that both have", _DATED),
    _takes("arguments with bounds", Bounded.model_json_schema(), _UNTITLED, *_BOUNDS),
    _takes("arguments that are a model", Person.model_json_schema(), _IN_PLACE, _UNTITLED),
    _takes(
        "arguments with a union",
        Fleet.model_json_schema(),
        _IN_PLACE,
        _UNTITLED,
        _CONSTANT,
        _NO_DEFAULT,
        _TAG,
    ),
    Case(
        "everything at once",
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Why?"},
            ],
            "temperature": 0.5,
            "top_p": 0.9,
            "seed": 7,
            "stop": ["END"],
            "max_completion_tokens": 4_000,
            "reasoning_effort": "medium",
            "service_tier": "flex",
            "tools": [function("weather"), function("time", strict=True)],
            "parallel_tool_calls": True,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "a", "schema": _FLAT},
            },
        },
        "Why?",
        types.GenerateContentConfig(
            system_instruction="Be brief.",
            temperature=0.5,
            top_p=0.9,
            seed=7,
            stop_sequences=["END"],
            max_output_tokens=4_000,
            thinking_config=types.ThinkingConfig(
                thinking_level=types.ThinkingLevel.MEDIUM, include_thoughts=True
            ),
            service_tier=types.ServiceTier.FLEX,
            tools=[declared("weather", "time")],
            tool_config=calling(types.FunctionCallingConfigMode.VALIDATED),
            response_mime_type=_JSON,
            response_json_schema=_FLAT,
        ),
        differs=("instructions have no role", _ORDER),
    ),
)
