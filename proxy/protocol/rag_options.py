"""Retrieval options of a request, from the five places a client can put them.

Precedence: `rag` in the body (also `extra_body.rag`), `x-rag-*` headers, `metadata` strings
`rag_*`, the model's suffix (`:no-rag`, `:book=ID`), the default. A wrong value is a 400 with
`param: "rag.top_k"`, wherever it stood.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from proxy.caller import Background, Level
from proxy.errors import InvalidRequest
from proxy.protocol.parsing import validate

MAX_TOP_K = 50
_REMEMBERED = 256
_HEADER_PREFIX = "x-rag-"
RAG_HEADERS = _HEADER_PREFIX.encode()
"""What the names of headers with options begin with."""
_METADATA_PREFIX = "rag_"


def _split_commas(value: object) -> object:
    return [p.strip() for p in value.split(",") if p.strip()] if isinstance(value, str) else value


BookList = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64)]],
    BeforeValidator(_split_commas),
    Field(min_length=1, max_length=64),
]


MAX_SELECTED_CHARS = 20_000
Scope = Literal["selection", "section", "page", "chapter", "book"]


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _split_pairs(value: object) -> object:
    """Read `software=beginner,hardware=expert`, which is all that a header or metadata can hold."""
    if not isinstance(value, str):
        return value
    pairs = (pair.partition("=") for pair in value.split(",") if pair.strip())
    return {name.strip(): level.strip() for name, _, level in pairs}


class ReaderLevels(BaseModel):
    """What the reader knows already; it changes wording, never evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    software: Level | None = None
    hardware: Level | None = None


Names = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=512)]],
    BeforeValidator(_split_commas),
    Field(min_length=1, max_length=64),
]


class RagFilters(BaseModel):
    """Which part of the books is searched; each a name or a list of names, any of which will do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: Names | None = None
    """Paths of source files, such as `guides/setup.md`."""
    page: Names | None = None
    """Routes of pages, such as `/guides/setup`."""
    chapter: Names | None = None
    """Folders of source files, such as `guides`."""
    section: Names | None = None
    """Anchors of headings, such as `ports`."""
    language: Names | None = None
    """Two-letter codes of books."""
    edition: Names | None = None
    """Names of live editions."""


class RagOptions(BaseModel):
    """How the book is consulted for one request; None where the client said nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    enabled: bool = True
    books: BookList | None = None
    """Ids of the books to search; None: all."""
    top_k: Annotated[int, Field(ge=1, le=MAX_TOP_K)] | None = None
    min_score: Annotated[float, Field(ge=-1.0, le=1.0)] | None = None
    scope: Scope | None = None
    """How much of the book may answer; None: what was selected, else the book."""
    page_url: Annotated[str, Field(min_length=1, max_length=2_048)] | None = None
    """The page that the reader has open: a URL, or a path on the book's site."""
    selected_text: Annotated[
        Annotated[str, Field(max_length=MAX_SELECTED_CHARS)] | None, BeforeValidator(_blank_is_none)
    ] = None
    """What the reader selected; alone it is all that the answer may rest on."""
    reader: Annotated[ReaderLevels | None, BeforeValidator(_split_pairs)] = None
    filters: Annotated[RagFilters | None, BeforeValidator(_split_pairs)] = None
    explain: bool = False
    """Say in `context.explain` what the search did."""
    append_sources: bool = False
    """Add a list of the sources used to the text, for clients that show nothing else."""

    def for_reader(self, background: Background) -> "RagOptions":
        """Return the options for a reader of this background, unless the request names one."""
        if self.reader is not None or background == _NO_BACKGROUND:
            return self
        levels = ReaderLevels(software=background.software, hardware=background.hardware)
        return self.model_copy(update={"reader": levels})


_NO_BACKGROUND = Background()


def read_rag_options(
    *,
    body: Mapping[str, Any] | None,
    headers: Mapping[str, str],
    metadata: Mapping[str, str] | None,
    suffix: Mapping[str, Any],
) -> RagOptions:
    """Merge the channels, the earlier named the stronger.

    Raises:
        InvalidRequest: an option is unknown or its value wrong; `param` is `rag.<name>`.
    """
    merged: dict[str, Any] = dict(suffix)
    for key, value in (metadata or {}).items():
        if key.startswith(_METADATA_PREFIX):
            merged[key.removeprefix(_METADATA_PREFIX)] = value
    for key, value in headers.items():
        if key.startswith(_HEADER_PREFIX):
            merged[key.removeprefix(_HEADER_PREFIX).replace("-", "_")] = value
    if body:
        merged.update({k: v for k, v in body.items() if v is not None})
    if body or "selected_text" in merged:  # what a reader selects is not kept
        return validate(RagOptions, merged, prefix="rag.")
    return _remembered(tuple(merged.items()))


@lru_cache(maxsize=_REMEMBERED)
def _remembered(options: tuple[tuple[str, str | bool], ...]) -> RagOptions:
    """Return the options; the same few headers and suffixes come with request after request."""
    return validate(RagOptions, dict(options), prefix="rag.")


def rag_object(rag: Any, extra_body: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the body's `rag` object, from where SDKs that nest `extra_body` put it too.

    Raises:
        InvalidRequest: it is not an object.
    """
    value = rag if rag is not None else (extra_body or {}).get("rag")
    if value is not None and not isinstance(value, Mapping):
        raise InvalidRequest("'rag' is an object of options.", param="rag", code="invalid_type")
    return value  # pyright: ignore[reportUnknownVariableType] - a JSON object's keys are strings
