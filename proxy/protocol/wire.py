"""The base of everything read from a client, and what its fields have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_TEXT_CHARS = 4_000_000
MAX_DATA_CHARS = 28_000_000
"""Of one part's base64: what fits into the body limit of a chat."""

Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
Data = Annotated[str, Field(max_length=MAX_DATA_CHARS)]
Name = Annotated[str, Field(min_length=1, max_length=128)]
CallId = Annotated[str, Field(min_length=1, max_length=8_192)]
"""Other gateways hide thought signatures in call ids: four thousand characters were seen."""


class Wire(BaseModel):
    """Base of everything read from a client: frozen, no NaN, unknown keys kept for a report."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="allow")


def one_or_list(value: object) -> str:
    """Return the tag of what a client may give alone or as a list; tags keep `param` readable."""
    return "<list>" if isinstance(value, list) else "<one>"
