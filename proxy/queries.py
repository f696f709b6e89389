"""What an index is asked, and what it finds: plain data."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from proxy.lexical.bm25 import TermWeights

FloatVector = NDArray[np.float32]
"""Shape (dimensions,), unit length."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which chunks of the live editions are searched; what is None does not matter."""

    books: Collection[str] | None = None
    routes: Collection[str] | None = None
    """Of the pages, as `Chunk.route` has them."""
    document_ids: Collection[str] | None = None
    folders: Collection[str] | None = None
    """Of the documents, as `Chunk.folder` has them."""
    anchors: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """One search: by meaning where `by` is a vector, by terms where it is their weights."""

    by: FloatVector | TermWeights
    where: Where
    limit: int


class Hit(NamedTuple):
    """A chunk that a search found, not yet read."""

    chunk_id: str
    book: str
    document_id: str
    score: float
    """Cosine similarity (−1 … 1) by meaning, BM25 (above 0) by terms; higher is better."""
