"""What the `openai` package says of a body: every field it requires is there, which others are.

Its own parsing is lenient (`construct`); here a body is validated strictly.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

DOCUMENTED_EXTRAS = {
    # Of a choice: OpenRouter's word for the upstream's own reason, Azure's for a filter.
    "native_finish_reason",
    "content_filter",
    # Of a message or a delta: annotations, which are typed in messages only; the passages (Azure);
    # thoughts (DeepSeek, vLLM); images (OpenRouter).
    "annotations",
    "context",
    "reasoning_content",
    "images",
    # Of a call or a message: Google's place for the thought signature.
    "extra_content",
}
"""The fields we send that the `openai` package does not know; docs/reference names them."""


def extras_of(model: type[BaseModel], body: Any) -> set[str]:
    """Return the fields of `body` that neither the package knows nor we have documented.

    Raises:
        pydantic.ValidationError: a field that the package requires is missing or of another type.
    """
    return set(_extras_in(model.model_validate(body, strict=True))) - DOCUMENTED_EXTRAS


def _extras_in(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from value.model_extra or {}
        for name in type(value).model_fields:
            yield from _extras_in(getattr(value, name))
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType] - of any model
            yield from _extras_in(item)
