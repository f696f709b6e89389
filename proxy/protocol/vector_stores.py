"""What OpenAI's vector store endpoints are asked, as far as a book can do it."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from proxy.errors import UnsupportedParameter
from proxy.protocol.wire import Wire

MAX_RESULTS = 50
MAX_QUERIES = 8
MAX_FILES_AT_ONCE = 500
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]
Attributes = Annotated[
    dict[
        Annotated[str, Field(max_length=64)],
        Annotated[str, Field(max_length=512)] | bool | float,
    ],
    Field(max_length=16),
]
Query = Annotated[str, Field(min_length=1, max_length=8_000)]
FileId = Annotated[str, Field(min_length=1, max_length=64)]
_NO_BOOK_CHARACTERS = re.compile(r"[^a-z0-9]+")
_MAX_SLUG_CHARS = 48


class ChunkingStrategy(Wire):
    """How files are cut; the proxy's own way is the only one."""

    type: Literal["auto"]


class VectorStoreRequest(Wire):
    """A book to make room for, with its first files if there are any."""

    name: Annotated[str, Field(max_length=256)] | None = None
    metadata: Metadata | None = None
    file_ids: Annotated[tuple[FileId, ...], Field(max_length=MAX_FILES_AT_ONCE)] = ()
    chunking_strategy: ChunkingStrategy | None = None
    expires_after: Any = None

    @model_validator(mode="after")
    def _refuse(self) -> Self:
        if self.expires_after is not None:
            raise UnsupportedParameter("Books do not expire.", param="expires_after")
        return self

    @property
    def slug(self) -> str:
        """Return a book id made of the name, "" where that has nothing to make it of."""
        plain = _NO_BOOK_CHARACTERS.sub("-", (self.name or "").lower())
        return plain.strip("-")[:_MAX_SLUG_CHARS].strip("-")


class VectorStoreFileRequest(Wire):
    """An upload to put into a book."""

    file_id: FileId
    attributes: Attributes | None = None
    chunking_strategy: ChunkingStrategy | None = None


class RankingOptions(Wire):
    """What is good enough."""

    ranker: str | None = None
    score_threshold: Annotated[float, Field(ge=-1, le=1)] | None = None


class VectorStoreSearchRequest(Wire):
    """One or several questions to a book."""

    query: Query | Annotated[list[Query], Field(min_length=1, max_length=MAX_QUERIES)]
    max_num_results: Annotated[int, Field(ge=1, le=MAX_RESULTS)] = 10
    ranking_options: RankingOptions | None = None
    rewrite_query: bool = False
    filters: Any = None

    @model_validator(mode="after")
    def _refuse(self) -> Self:
        if self.filters is not None:
            raise UnsupportedParameter("Books are not filtered by attributes.", param="filters")
        return self

    @property
    def queries(self) -> list[str]:
        """Return the questions, one or several."""
        return [self.query] if isinstance(self.query, str) else self.query
