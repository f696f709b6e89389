"""The parts of a message's content: text, images, audio, files.

Source: `openai.types.chat.chat_completion_content_part_param` (3.51); `video_url` is an extension
that several vendors share.
"""

from typing import Annotated, Literal, cast

from pydantic import Discriminator, Field, Tag

from proxy.protocol.wire import Data, Text, Wire, one_or_list

MAX_PARTS = 1_024


class TextPart(Wire):
    """Text."""

    type: Literal["text"]
    text: Text


class RefusalPart(Wire):
    """What a model said instead of an answer; only in assistant messages."""

    type: Literal["refusal"]
    refusal: Text


class ImageUrl(Wire):
    """Where an image is: a data URL, an https URL, a URI the upstream knows."""

    url: Annotated[Data, Field(min_length=1)]
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(Wire):
    """An image."""

    type: Literal["image_url"]
    image_url: ImageUrl


class VideoPart(Wire):
    """A video; `detail` means nothing."""

    type: Literal["video_url"]
    video_url: ImageUrl


class InputAudio(Wire):
    """Audio as base64."""

    data: Annotated[Data, Field(min_length=1)]
    format: Annotated[str, Field(min_length=1, max_length=32)]


class AudioPart(Wire):
    """A recording."""

    type: Literal["input_audio"]
    input_audio: InputAudio


class FileData(Wire):
    """A file as a data URL (or bare base64); files by id are not kept here."""

    file_data: Data | None = None
    filename: Annotated[str, Field(max_length=512)] | None = None
    file_id: Annotated[str, Field(max_length=512)] | None = None


class FilePart(Wire):
    """A file, PDF above all."""

    type: Literal["file"]
    file: FileData


def _part_tag(part: object) -> str:
    if isinstance(part, dict):
        kind = cast("dict[str, object]", part).get("type")
    else:  # a part already, or nothing like one: a text's own validation says so
        kind = getattr(part, "type", "text")
    return f"<{kind}>"


_BY_TYPE = Discriminator(
    _part_tag,
    custom_error_type="unknown_part",
    custom_error_message="No part of this type is understood here",
)

TextOnlyPart = Annotated[
    Annotated[TextPart, Tag("<text>")] | Annotated[RefusalPart, Tag("<refusal>")], _BY_TYPE
]
Part = Annotated[
    Annotated[TextPart, Tag("<text>")]
    | Annotated[ImagePart, Tag("<image_url>")]
    | Annotated[AudioPart, Tag("<input_audio>")]
    | Annotated[FilePart, Tag("<file>")]
    | Annotated[VideoPart, Tag("<video_url>")],
    _BY_TYPE,
]

TextContent = Annotated[
    Annotated[Text, Tag("<one>")]
    | Annotated[
        list[TextOnlyPart], Field(min_length=1, max_length=MAX_PARTS, fail_fast=True), Tag("<list>")
    ],
    Discriminator(one_or_list),
]
Content = Annotated[
    Annotated[Text, Tag("<one>")]
    | Annotated[
        list[Part], Field(min_length=1, max_length=MAX_PARTS, fail_fast=True), Tag("<list>")
    ],
    Discriminator(one_or_list),
]


def text_of(content: TextContent | Content | None) -> str:
    """Return the text of a message's content, parts joined by line breaks; media say nothing."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "\n".join(
        part.text if isinstance(part, TextPart) else part.refusal
        for part in content
        if isinstance(part, TextPart | RefusalPart)
    )
