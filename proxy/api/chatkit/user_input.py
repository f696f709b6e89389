"""What the reader sends from the composer: words, tags, a quotation, what was chosen."""

from typing import Annotated, Any, Literal

from pydantic import Field

from proxy.protocol.wire import Wire

MAX_TEXT_CHARS = 32_000


class InputText(Wire):
    """Words of the reader."""

    type: Literal["input_text"]
    text: Annotated[str, Field(max_length=MAX_TEXT_CHARS)]


class InputTag(Wire):
    """Something of the site that the reader named: a page, a section."""

    type: Literal["input_tag"]
    id: Annotated[str, Field(max_length=512)]
    text: Annotated[str, Field(max_length=1_024)]
    data: dict[str, Any] = Field(default_factory=dict[str, Any])
    group: Annotated[str, Field(max_length=256)] | None = None
    interactive: bool = False


InputPart = Annotated[InputText | InputTag, Field(discriminator="type")]


class ComposerTool(Wire):
    """The tool that the reader chose in the composer."""

    id: Annotated[str, Field(min_length=1, max_length=128)]


class InferenceOptions(Wire):
    """What the reader chose in the composer."""

    tool_choice: ComposerTool | None = None
    model: Annotated[str, Field(min_length=1, max_length=512)] | None = None


class UserInput(Wire):
    """What the reader sends."""

    content: Annotated[list[InputPart], Field(min_length=1, max_length=200, fail_fast=True)]
    attachments: Annotated[list[Any], Field(max_length=0)] = Field(default_factory=list[Any])
    """None: attachments are not offered here."""
    quoted_text: Annotated[str, Field(max_length=100_000)] | None = None
    inference_options: InferenceOptions = InferenceOptions()

    @property
    def text(self) -> str:
        """Return the question as words, tags included."""
        return "".join([part.text for part in self.content]).strip()
