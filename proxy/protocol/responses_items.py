"""The items of a `/v1/responses` input: messages, calls, their results, reasoning.

Nothing is stored here, so an item that only refers to another one is refused; items that record
what OpenAI's hosted tools did mean nothing to another model and are read over.

Source: `openai.types.responses.response_input_item_param` (3.51).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from proxy.protocol.content import MAX_PARTS, AudioPart, RefusalPart
from proxy.protocol.tags import type_tag
from proxy.protocol.wire import CallId, Data, Name, Text, Wire, one_or_list


class InputText(Wire):
    """Text, of the person or of the model."""

    type: Literal["input_text", "output_text"]
    text: Text


class InputImage(Wire):
    """An image by URL, data URLs among them."""

    type: Literal["input_image"]
    image_url: Annotated[Data, Field(min_length=1)] | None = None
    detail: Literal["auto", "low", "high", "original"] | None = None
    file_id: Annotated[str, Field(max_length=512)] | None = None

    @model_validator(mode="after")
    def _is_here(self) -> Self:
        if self.image_url is None:
            raise _not_kept("image_url", self.file_id)
        return self


class InputFile(Wire):
    """A file as base64 or as a data URL."""

    type: Literal["input_file"]
    file_data: Data | None = None
    file_url: Data | None = None
    filename: Annotated[str, Field(max_length=512)] | None = None
    file_id: Annotated[str, Field(max_length=512)] | None = None

    @model_validator(mode="after")
    def _is_here(self) -> Self:
        if self.file_data is None and self.file_url is None:
            raise _not_kept("file_data", self.file_id)
        if self.file_data is None and not (self.file_url or "").startswith("data:"):
            raise PydanticCustomError(
                "unsupported_parameter",
                "Files are not fetched: send the file itself as 'file_data'",
                {"param": "file_url"},
            )
        return self

    @property
    def data(self) -> str:
        """Return the file, as the client wrote it."""
        return self.file_data or self.file_url or ""


def _not_kept(wanted: str, file_id: str | None) -> PydanticCustomError:
    if file_id is None:
        return PydanticCustomError("missing", "Field required", {"param": wanted})
    return PydanticCustomError(
        "unsupported_parameter",
        "A kept file is for a book, not for a message: send the data",
        {"param": "file_id"},
    )


ItemPart = Annotated[
    Annotated[InputText, Tag("<input_text>")]
    | Annotated[InputText, Tag("<output_text>")]
    | Annotated[RefusalPart, Tag("<refusal>")]
    | Annotated[InputImage, Tag("<input_image>")]
    | Annotated[InputFile, Tag("<input_file>")]
    | Annotated[AudioPart, Tag("<input_audio>")],
    Discriminator(
        type_tag,
        custom_error_type="unknown_part",
        custom_error_message="No part of this type is understood here",
    ),
]
ItemContent = Annotated[
    Annotated[Text, Tag("<one>")]
    | Annotated[list[ItemPart], Field(max_length=MAX_PARTS, fail_fast=True), Tag("<list>")],
    Discriminator(one_or_list),
]


class MessageItem(Wire):
    """A message, with or without its `type`."""

    type: Literal["message"] = "message"
    role: Literal["user", "assistant", "system", "developer"]
    content: ItemContent


class FunctionCallItem(Wire):
    """A call the model made."""

    type: Literal["function_call"]
    call_id: CallId
    name: Name
    arguments: Text = ""


class CustomToolCallItem(Wire):
    """A call of a custom tool."""

    type: Literal["custom_tool_call"]
    call_id: CallId
    name: Name
    input: Text = ""


class CallOutputItem(Wire):
    """The result of a call of either kind."""

    type: Literal["function_call_output", "custom_tool_call_output"]
    call_id: CallId
    output: ItemContent


class ReasoningItem(Wire):
    """What the model thought; only `encrypted_content` goes back to it."""

    type: Literal["reasoning"]
    encrypted_content: Text | None = None


class HostedCallItem(Wire):
    """What a hosted tool did: of no use to this model."""

    type: Literal["file_search_call", "image_generation_call"]


class ItemReference(Wire):
    """A stored item by its id: there are none."""

    @model_validator(mode="before")
    @classmethod
    def _is_not_here(cls, _value: object) -> object:
        raise PydanticCustomError(
            "unsupported_parameter",
            "Nothing is stored here that could be referred to: send the item itself, "
            "as clients do with 'store' set to false",
            {"param": "id"},
        )


def _item_tag(value: object) -> str:
    item: Any = value
    if isinstance(value, dict) and item.get("type") is None:
        return "<item_reference>" if "id" in item and "role" not in item else "<message>"
    return type_tag(item)


Item = Annotated[
    Annotated[MessageItem, Tag("<message>")]
    | Annotated[FunctionCallItem, Tag("<function_call>")]
    | Annotated[CustomToolCallItem, Tag("<custom_tool_call>")]
    | Annotated[CallOutputItem, Tag("<function_call_output>")]
    | Annotated[CallOutputItem, Tag("<custom_tool_call_output>")]
    | Annotated[ReasoningItem, Tag("<reasoning>")]
    | Annotated[HostedCallItem, Tag("<file_search_call>")]
    | Annotated[HostedCallItem, Tag("<image_generation_call>")]
    | Annotated[ItemReference, Tag("<item_reference>")],
    Discriminator(
        _item_tag,
        custom_error_type="unknown_item",
        custom_error_message="No item of this type is understood here",
    ),
]
