"""Kept records as ChatKit shows them: conversations are threads, messages are items."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from proxy.api.chatkit.asking_back import asks_back, structured_input
from proxy.api.chatkit.user_input import InferenceOptions, InputText, UserInput
from proxy.dialogue.calls import CALL, arguments_of
from proxy.protocol.site_chat import timestamp
from proxy.store import Conversation, Message

Object = dict[str, Any]
_DETAILS = "chatkit"
"""Where a question's details keep what the reader sent."""
_DESCRIPTION_CHARS = 240
_MAX_BMP = 0xFFFF


def thread_object(conversation: Conversation, items: Object | None = None) -> Object:
    """Return a thread; without items unless they are given."""
    return {
        "id": conversation.conversation_id,
        "title": conversation.title,
        "created_at": timestamp(conversation.created),
        "status": {"type": "active"},
        "metadata": {},
        "items": items or page_object([], has_more=False, last_id=None),
    }


def page_object(data: list[Object], *, has_more: bool, last_id: str | None) -> Object:
    """Return a page; there is an `after` only where more follows."""
    page: Object = {"data": data, "has_more": has_more}
    if has_more and last_id is not None:
        page["after"] = last_id
    return page


def items_of(messages: Iterable[Message], thread_id: str) -> list[Object]:
    """Return messages as items; an answer that failed before it said anything is none."""
    return [item for message in messages if (item := item_object(message, thread_id)) is not None]


def item_object(message: Message, thread_id: str) -> Object | None:
    """Return a message as an item, None where there is nothing to show."""
    head: Object = {
        "id": message.message_id,
        "thread_id": thread_id,
        "created_at": timestamp(message.created),
    }
    if message.kind == "user":
        return head | user_message(input_of(message))
    if message.kind == CALL:
        return head | (structured_input(message) if asks_back(message) else _client_call(message))
    if message.kind != "assistant" or not message.text:
        return None
    content = output_text(message.text, annotations(message.text, message.citations))
    return head | {"type": "assistant_message", "content": [content]}


def user_message(said: UserInput) -> Object:
    """Return the part of a user's item that the reader made."""
    options = said.inference_options.model_dump(mode="json", exclude_none=True)
    item: Object = {
        "type": "user_message",
        "content": [part.model_dump(mode="json", exclude_none=True) for part in said.content],
        "attachments": [],
        "inference_options": options,
    }
    if said.quoted_text:
        item["quoted_text"] = said.quoted_text
    return item


def details_of(said: UserInput, options: Mapping[str, Any], frame: str | None) -> Object:
    """Return what is kept with a question; `options` are those of the retrieval."""
    kept = said.model_dump(mode="json", exclude_none=True, exclude={"attachments"})
    return {**options, _DETAILS: {**kept, "frame": frame}}


def input_of(question: Message) -> UserInput:
    """Return what the reader sent, also where it came by another way than ChatKit."""
    kept = question.details.get(_DETAILS)
    if kept is not None:
        return UserInput.model_validate(kept)
    return UserInput(
        content=[InputText(type="input_text", text=question.text)],
        quoted_text=question.details.get("selected_text"),
        inference_options=InferenceOptions(),
    )


def frame_of(question: Message) -> str | None:
    """Return which frame of ChatKit.js asked a question."""
    return question.details.get(_DETAILS, {}).get("frame")


def output_text(text: str, marks: Sequence[Object]) -> Object:
    """Return the one content part of an answer."""
    return {"type": "output_text", "text": text, "annotations": list(marks)}


def annotations(text: str, citations: Sequence[Mapping[str, Any]]) -> list[Object]:
    """Return one annotation per marker, in the order of the text.

    `index` counts UTF-16 units, as JavaScript does; `ends` counts code points, as we do.
    """
    placed = [(end, citation) for citation in citations for end in citation.get("ends", ())]
    return [
        {"type": "annotation", "index": _utf16_index(text, end), "source": _source(citation)}
        for end, citation in sorted(placed, key=lambda one: one[0])
    ]


def _source(citation: Mapping[str, Any]) -> Object:
    text = " ".join(citation["text"].split())
    short = text if len(text) <= _DESCRIPTION_CHARS else f"{text[: _DESCRIPTION_CHARS - 1]}…"
    url: str = citation["page_url"]
    source: Object = {
        "type": "url",
        "title": citation["title"],
        "url": url,
        "description": short,
        "group": citation["title"].partition(" › ")[0],
    }
    if host := urlsplit(url).hostname:
        source["attribution"] = host
    return source


def _utf16_index(text: str, code_points: int) -> int:
    return code_points + sum(ord(char) > _MAX_BMP for char in text[:code_points])


def _client_call(call: Message) -> Object:
    item: Object = {
        "type": "client_tool_call",
        "status": "pending" if call.status == "pending" else "completed",
        "call_id": call.details["call_id"],
        "name": call.details["name"],
        "arguments": arguments_of(call),
    }
    if item["status"] == "completed":
        item["output"] = call.details["result"]
    return item
