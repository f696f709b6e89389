"""`response_format`: text, JSON, or JSON of a schema."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from proxy.protocol.tags import type_tag
from proxy.protocol.wire import Text, Wire


class TextFormat(Wire):
    """Plain text: the default."""

    type: Literal["text"]


class JsonObjectFormat(Wire):
    """Some JSON object."""

    type: Literal["json_object"]


class JsonSchema(Wire):
    """What the JSON must look like."""

    name: Annotated[str, Field(min_length=1, max_length=128)] = "response"
    schema_: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None
    description: Text | None = None


class JsonSchemaFormat(Wire):
    """JSON that a schema describes."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


ResponseFormat = Annotated[
    Annotated[TextFormat, Tag("<text>")]
    | Annotated[JsonObjectFormat, Tag("<json_object>")]
    | Annotated[JsonSchemaFormat, Tag("<json_schema>")],
    Discriminator(
        type_tag,
        custom_error_type="unknown_format",
        custom_error_message="A response format is text, json_object or json_schema",
    ),
]
