"""Who does what in an ingest: the only place that tells what leaves the process that publishes.

Workers, which an engine has, read files, parse and cut them, and embed with a model they can hold.
The process that ingests compares with the live edition, asks a remote model (its key and its quota
are one), keeps the journal, and alone writes the edition.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from proxy.deadline import Deadline
from proxy.ingest.chunker import CountTokens
from proxy.ingest.loaders.base import SourceFile
from proxy.ingest.one_machine import OneMachine
from proxy.ingest.reading import Cutting, Failure, Omission, Page, cut_files, in_groups
from proxy.ports import Embedder, Engine

_PART_CHUNKS: Final = 50
"""What a worker embeds in one go: a page of a thousand keeps twenty workers busy."""
_PART_TIMEOUT_S: Final = 600.0
"""For embedding a part; a core reads it in a second."""


@dataclass(frozen=True, slots=True)
class Part:
    """A page, or some of its chunks, in order."""

    page: Page
    is_last: bool


@dataclass(frozen=True, slots=True)
class Workers:
    """Reads, cuts and, where it can, embeds; by default threads of this process that only cut."""

    engine: Engine = field(default_factory=OneMachine)
    count_tokens: CountTokens | None = None
    """Counts as the model does and can be pickled; None: as the caller does."""
    make_embedder: Callable[[], Embedder] | None = None
    """Makes the model of a worker, and can be pickled; None: the caller embeds."""

    @property
    def embed(self) -> bool:
        """Whether they do: it pays to tell them which texts have vectors."""
        return self.make_embedder is not None

    async def pages(
        self, files: Sequence[SourceFile], cutting: Cutting, known: Collection[str] | None
    ) -> AsyncGenerator[Page | Omission | Failure]:
        """Yield what the files are, in order.

        `known` are hashes of texts that need no vector; None: none does.

        Raises:
            ProxyError: the engine failed.
        """
        if self.count_tokens is not None:
            cutting = replace(cutting, count_tokens=self.count_tokens)
        make_next = None
        if self.make_embedder is not None and known is not None:
            make_next = partial(_PartEmbedder, self.make_embedder, known)
        parts: list[Page] = []
        results = self.engine.run(list(in_groups(files)), partial(cut_parts, cutting), make_next)
        async with aclosing(results):
            async for result in results:
                if not isinstance(result, Part):
                    yield result
                    continue
                parts.append(result.page)
                if result.is_last:
                    yield _whole(parts)
                    parts = []


def cut_parts(cutting: Cutting, files: Sequence[SourceFile]) -> list[Part | Omission | Failure]:
    """Return the pages of the files, in order and in parts."""
    found: list[Part | Omission | Failure] = []
    for result in cut_files(files, cutting):
        found += _parts_of(result) if isinstance(result, Page) else [result]
    return found


def _parts_of(page: Page) -> list[Part]:
    chunks = page.chunks
    if len(chunks) <= _PART_CHUNKS:
        return [Part(page, is_last=True)]
    starts = range(0, len(chunks), _PART_CHUNKS)
    return [
        Part(replace(page, chunks=chunks[at : at + _PART_CHUNKS]), is_last=at == starts[-1])
        for at in starts
    ]


def _whole(parts: Sequence[Page]) -> Page:
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        chunks=[chunk for part in parts for chunk in part.chunks],
        vectors={name: vector for part in parts for name, vector in part.vectors.items()},
        embedded_tokens=sum(part.embedded_tokens for part in parts),
    )


class _PartEmbedder:
    """Embeds what is new in a part, with a model of its own."""

    def __init__(self, make_embedder: Callable[[], Embedder], known: Collection[str]) -> None:
        self._embedder = make_embedder()
        self._known = known

    def __call__(self, result: Part | Omission | Failure) -> Part | Omission | Failure:
        """Return the result, a part with its vectors."""
        if not isinstance(result, Part):
            return result
        texts = {chunk.text_hash: chunk.indexed_text for chunk in result.page.chunks}
        new = {name: text for name, text in texts.items() if name not in self._known}
        if not new:
            return result
        embeddings = asyncio.run(
            self._embedder.embed(
                list(new.values()), role="document", deadline=Deadline.after(_PART_TIMEOUT_S)
            )
        )
        vectors = dict(zip(new, embeddings.vectors, strict=True))
        page = replace(result.page, vectors=vectors, embedded_tokens=embeddings.tokens)
        return replace(result, page=page)
