"""JSON Schemas for tests of the Gemini adapter, and short ways to clean them."""

from typing import Any

from proxy.adapters.gemini.schema.whole import cleaned_parameters, cleaned_response_schema

JsonSchema = dict[str, Any]

WHERE = "tools[0].function.parameters"
STRING: JsonSchema = {"type": "string"}
INTEGER: JsonSchema = {"type": "integer"}


def parameters_of(schema: JsonSchema) -> JsonSchema:
    """Return the cleaned schema of a tool that takes something."""
    found = cleaned_parameters(schema, WHERE)
    assert found is not None
    return found


def cleaned_property(schema: Any, **root: Any) -> JsonSchema:
    """Return the cleaned schema of the one property of a tool; `root` stands beside it."""
    return parameters_of({"type": "object", "properties": {"p": schema}, **root})["properties"]["p"]


def answer_schema(schema: JsonSchema) -> JsonSchema:
    """Return the cleaned schema of a response format."""
    return cleaned_response_schema(schema, "response_format.json_schema.schema")
