"""The items of a Responses input to the messages of a chat.

Items and messages are not one to one: all that the model thought, said and called between two turns
of the client is one assistant message. Called by `protocol/responses_to_chat.py`.
"""

from dataclasses import dataclass, field

from proxy.errors import InvalidRequest
from proxy.protocol.content import (
    AudioPart,
    FileData,
    FilePart,
    ImagePart,
    ImageUrl,
    Part,
    RefusalPart,
    TextOnlyPart,
    TextPart,
)
from proxy.protocol.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from proxy.protocol.responses_items import (
    CallOutputItem,
    CustomToolCallItem,
    FunctionCallItem,
    InputFile,
    InputImage,
    InputText,
    Item,
    ItemContent,
    ItemPart,
    MessageItem,
    ReasoningItem,
)
from proxy.protocol.tools import CustomCall, FunctionCall, ToolCall

_OPENAIS_OWN = "gAAAA"
"""How reasoning that OpenAI encrypted begins (a Fernet token): no signature of Gemini's."""


@dataclass(slots=True)
class Conversation:
    """Collects the messages; `add` every item with its path, then `end_turn`."""

    messages: list[Message] = field(default_factory=list[Message])
    places: list[str] = field(default_factory=list[str])
    """By message: the path of the field its content was in."""
    _parts: list[TextOnlyPart] = field(default_factory=list[TextOnlyPart])
    _calls: list[ToolCall] = field(default_factory=list[ToolCall])
    _signature: str | None = None
    """Of the reasoning that the next call follows."""
    _place: str = ""

    def add(self, item: Item, place: str) -> None:
        """Take an item.

        Raises:
            InvalidRequest: its role cannot hold one of its parts.
        """
        if isinstance(item, MessageItem) and item.role != "assistant":
            self._client(item, place)
        elif isinstance(item, CallOutputItem):
            content = _content(item.output, f"{place}.output")
            message = ToolMessage(role="tool", content=content, tool_call_id=item.call_id)
            self.say(message, f"{place}.output")
        else:
            self._model(item, place)

    def say(self, message: Message, place: str) -> None:
        """Take a message of the client's."""
        self.end_turn()
        self.messages.append(message)
        self.places.append(place)

    def end_turn(self) -> None:
        """Make one message of what the model has said and called, if anything."""
        parts, calls = self._parts, self._calls
        self._parts, self._calls, self._signature = [], [], None
        if parts or calls:
            only = parts[0].text if len(parts) == 1 and isinstance(parts[0], TextPart) else None
            self.messages.append(
                AssistantMessage(
                    role="assistant",
                    content=(parts or None) if only is None else only,
                    tool_calls=calls or None,
                )
            )
            self.places.append(f"{self._place}.content")

    def _client(self, item: MessageItem, place: str) -> None:
        place = f"{place}.content"
        if item.role == "user":
            self.say(UserMessage(role="user", content=_content(item.content, place)), place)
        else:
            text = _text_only(item.content, place)
            self.say(SystemMessage(role="system", content=text), place)

    def _model(self, item: Item, place: str) -> None:
        if not (self._parts or self._calls):
            self._place = place
        if isinstance(item, MessageItem):
            self._parts += _text_only(item.content, f"{place}.content")
        elif isinstance(item, FunctionCallItem):
            called = FunctionCall(name=item.name, arguments=item.arguments)
            self._call(ToolCall(id=item.call_id, type="function", function=called))
        elif isinstance(item, CustomToolCallItem):
            custom = CustomCall(name=item.name, input=item.input)
            self._call(ToolCall(id=item.call_id, type="custom", custom=custom))
        elif isinstance(item, ReasoningItem):
            kept = item.encrypted_content or ""
            self._signature = None if kept.startswith(_OPENAIS_OWN) else kept or None

    def _call(self, call: ToolCall) -> None:
        if self._signature:
            extra = {"google": {"thought_signature": self._signature}}
            call = call.model_copy(update={"extra_content": extra})
            self._signature = None
        self._calls.append(call)


def _content(content: ItemContent, place: str) -> str | list[Part]:
    if isinstance(content, str):
        return content
    return [_part(part, f"{place}[{j}]") for j, part in enumerate(content)] or ""


def _part(part: ItemPart, place: str) -> Part:
    if isinstance(part, InputText):
        return TextPart(type="text", text=part.text)
    if isinstance(part, InputImage):
        url = ImageUrl(url=part.image_url or "", detail=part.detail)
        return ImagePart(type="image_url", image_url=url)
    if isinstance(part, InputFile):
        file = FileData(file_data=part.data, filename=part.filename)
        return FilePart(type="file", file=file)
    if isinstance(part, AudioPart):
        return part
    raise _misplaced(place)


def _text_only(content: ItemContent, place: str) -> list[TextOnlyPart]:
    if isinstance(content, str):
        return [TextPart(type="text", text=content)]
    texts: list[TextOnlyPart] = []
    for j, part in enumerate(content):
        if isinstance(part, InputText):
            texts.append(TextPart(type="text", text=part.text))
        elif isinstance(part, RefusalPart):
            texts.append(part)
        else:
            raise _misplaced(f"{place}[{j}]")
    return texts


def _misplaced(place: str) -> InvalidRequest:
    return InvalidRequest(
        "A message of this role cannot hold a part of this type.", param=f"{place}.type"
    )
