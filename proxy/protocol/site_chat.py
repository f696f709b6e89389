"""The book site's own REST API: what `/api/chat` is asked, how it answers, whole and as a stream.

The first documents of such sites named the same things differently; those names are read, too.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import AliasChoices, Field, field_validator
from pydantic_core import PydanticCustomError

from proxy.caller import Level
from proxy.errors import InvalidRequest, ProxyError
from proxy.protocol.rag_options import MAX_SELECTED_CHARS, Scope
from proxy.protocol.sse import error_object
from proxy.protocol.wire import Wire

MAX_MESSAGE_CHARS = 8_000
Id = Annotated[str, Field(min_length=1, max_length=128)]

_OWN_NAMES = {"page_url": "page_context", "books": "book", "selected_text": "selected_text"}
"""Retrieval options that are called otherwise here, or stand elsewhere."""


class SiteChatRequest(Wire):
    """A question of a reader, within a conversation or beginning one."""

    message: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_MESSAGE_CHARS,
            validation_alias=AliasChoices("message", "query"),
        ),
    ]
    conversation_id: Id | None = None
    session_id: Id | None = None
    """A name that the client made up for a conversation; one that is new begins one."""
    selected_text: Annotated[
        str | None,
        Field(
            max_length=MAX_SELECTED_CHARS,
            validation_alias=AliasChoices("selected_text", "document_content"),
        ),
    ] = None
    page_context: Annotated[str, Field(max_length=2_048)] | None = None
    """The page the reader is on: its URL or path."""
    book: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    model: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    scope: Scope | None = None
    """How much of the book may answer."""
    replaces: Id | None = None
    """A question of the conversation that this one stands in for; what came after is forgotten."""

    @field_validator("message")
    @classmethod
    def _not_blank(cls, message: str) -> str:
        if not message.strip():
            raise PydanticCustomError("string_too_short", "the message is blank")
        return message

    @property
    def rag(self) -> dict[str, Any]:
        """Return what it says of retrieval, by the names of the retrieval options."""
        said = {
            "selected_text": (self.selected_text or "").strip() or None,
            "page_url": (self.page_context or "").strip() or None,
            "books": None if self.book is None else [self.book],
            "scope": self.scope,
        }
        return {name: value for name, value in said.items() if value is not None}

    @property
    def ignored_params(self) -> list[str]:
        """Names of the fields nobody here knows, sorted."""
        return sorted(self.model_extra or ())

    def in_own_words(self, error: InvalidRequest) -> None:
        """Change what is said of retrieval options into this request's names of them."""
        option = (error.param or "").removeprefix("rag.")
        is_from_header = option == "books" and self.book is None
        if option != error.param and option in _OWN_NAMES and not is_from_header:
            error.param = _OWN_NAMES[option]
            error.message = error.message.replace(f"'{option}'", f"'{error.param}'")


class FeedbackRequest(Wire):
    """What a reader thinks of an answer."""

    rating: Literal["positive", "negative"]
    message_id: Id | None = None
    """Of the answer; None: the last one."""
    comment: Annotated[str, Field(max_length=4_000)] | None = None


class ProfileRequest(Wire):
    """What a reader says of itself; what is left out stays as it is, null takes it back."""

    software_background: Level | None = None
    hardware_background: Level | None = None


def event(kind: str, fields: Mapping[str, Any]) -> bytes:
    """Return one event of the stream."""
    return b"data: " + orjson.dumps({"type": kind, **fields}) + b"\n\n"


def error_event(error: ProxyError) -> bytes:
    """Return the event that ends a stream which cannot go on."""
    return event("error", error_object(error))


def timestamp(moment: datetime) -> str:
    """Return a moment in UTC as JSON has it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
