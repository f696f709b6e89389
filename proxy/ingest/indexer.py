"""Chunks to an edition: embeds what has no vector yet, in batches, and stores all of it.

A round of batches is embedded while the one before it is stored and the next is read: the model is
what an ingest waits for. Nobody waits for an ingest as for an answer, so it sits out a minute's
quota and the upstream's bad moments, one batch at a time. Every batch that was embedded is noted at
once: what fails or is killed later is continued without paying for it again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import numpy as np

from proxy.corpus import Chunk
from proxy.deadline import Deadline
from proxy.ingest.batches import Batches
from proxy.ingest.patience import PATIENCE_S, patiently
from proxy.ports import EditionDraft, Embedder, Embeddings, VectorJournal
from proxy.queries import FloatVector

BATCH_TEXTS = 100
"""As many as Gemini's batchEmbedContents takes."""
CONCURRENT_BATCHES = 4
_ROUND_TEXTS = BATCH_TEXTS * CONCURRENT_BATCHES
_ROUNDS_UNDER_WAY = 2
"""One is embedded, the one before it stored."""
ATTEMPT_TIMEOUT_S = 120.0
"""For embedding one batch once."""


@dataclass(slots=True)
class Indexer:
    """Fills one draft; a context in which rounds are under way, and left with none.

    The first failure of a round cancels whoever is in the context, and leaves it as it is. Memory
    is bounded by two rounds under way and one that is read.
    """

    book_id: str
    draft: EditionDraft
    embedder: Embedder
    journal: VectorJournal
    advance: Callable[[int], None]
    """Called with the number of documents of which all chunks are stored now."""
    reuses_vectors: bool
    """Whether the live edition's vectors are of the same model."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    batches: Batches | None = None
    """Embed in the place of `embedder`, later and at a lower price."""
    embedded_tokens: int = 0
    chunks: int = 0
    _waiting: list[Chunk] = field(default_factory=list[Chunk])
    _last_ids: set[str] = field(default_factory=set[str])
    """Ids of the chunks that end a document, of all that are not stored."""
    _rounds: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    _newest: asyncio.Task[None] | None = None
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_ROUNDS_UNDER_WAY))
    # Locks are given in the order in which they are asked for: rounds keep theirs.
    _embedding: asyncio.Lock = field(default_factory=asyncio.Lock)
    _storing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __aenter__(self) -> Self:
        """Return the indexer."""
        await self._rounds.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Cancel what is under way if there was a failure, and wait for it.

        Raises:
            ProxyError: the embedder or the store failed.
        """
        try:
            await self._rounds.__aexit__(kind, exc, traceback)
        except ExceptionGroup as failed:  # the first cancelled the others: it is the reason
            raise failed.exceptions[0] from failed.exceptions[0].__cause__

    async def known_texts(self, document_ids: Collection[str]) -> Collection[str]:
        """Return the hashes of texts that need not be embedded again.

        Of the live edition they are those in these documents: the others stay as they are.
        """
        known = set(await self.journal.known_texts(self.book_id))
        if self.reuses_vectors:
            known.update(await self.draft.known_texts(document_ids))
        return frozenset(known)

    async def add(
        self, chunks: Sequence[Chunk], vectors: Mapping[str, FloatVector] | None = None
    ) -> None:
        """Take one document's chunks; returns when there is room for the next document's.

        `vectors` are those of its texts that workers have embedded, by `Chunk.text_hash`; noted
        at once like those that are embedded here.

        Raises:
            ProxyError: the journal failed.
        """
        if not chunks:
            self.advance(1)
            return
        if vectors:
            await self.journal.add(self.book_id, vectors)
        self._waiting += chunks
        self._last_ids.add(chunks[-1].chunk_id)
        while len(self._waiting) >= (size := self._round_size()):
            ready = self._waiting[:size]
            del self._waiting[:size]
            await self._begin(ready)

    async def finish(self) -> None:
        """Return when all that was taken is stored."""
        if self._waiting:
            await self._begin(self._waiting)
            self._waiting = []
        if self._newest:
            await self._newest

    def _round_size(self) -> int:
        """Return how many chunks the next round has; the first is small, so that it begins soon."""
        if self.batches:
            return self.batches.round_texts
        return _ROUND_TEXTS if self._newest else BATCH_TEXTS

    async def _begin(self, chunks: Sequence[Chunk]) -> None:
        await self._places.acquire()
        self._newest = self._rounds.create_task(self._round(chunks))

    async def _round(self, chunks: Sequence[Chunk]) -> None:
        names = [chunk.text_hash for chunk in chunks]
        texts = {name: chunk.indexed_text for name, chunk in zip(names, chunks, strict=True)}
        async with self._embedding:
            known = await self._embedded(texts)
        vectors = np.stack([known[name] for name in names]).astype(np.float32)
        async with self._storing:
            await self.draft.add(chunks, vectors)
        self._places.release()
        self.chunks += len(chunks)
        ended = self._last_ids.intersection(chunk.chunk_id for chunk in chunks)
        self._last_ids -= ended
        self.advance(len(ended))

    async def _embedded(self, texts: Mapping[str, str]) -> Mapping[str, FloatVector]:
        """Return the vectors of texts, both by `Chunk.text_hash`; only new ones are embedded."""
        known = dict(await self.draft.known_vectors(texts.keys())) if self.reuses_vectors else {}
        known.update(await self.journal.known(self.book_id, texts.keys() - known.keys()))
        new = [(name, text) for name, text in texts.items() if name not in known]
        if self.batches is None:
            known.update(await self._embed_all(new))
        else:
            made, tokens = await self.batches.embed(self.book_id, dict(new))
            known.update(made)
            self.embedded_tokens += tokens
        return known

    async def _embed_all(self, texts: Sequence[tuple[str, str]]) -> dict[str, FloatVector]:
        batches = [texts[i : i + BATCH_TEXTS] for i in range(0, len(texts), BATCH_TEXTS)]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._embed(batch)) for batch in batches]
        except ExceptionGroup as failed:  # the first cancelled the others: it is the reason
            raise failed.exceptions[0] from failed.exceptions[0].__cause__
        return {name: vector for task in tasks for name, vector in task.result().items()}

    async def _embed(self, batch: Sequence[tuple[str, str]]) -> dict[str, FloatVector]:
        patience = Deadline.after(PATIENCE_S)

        async def once() -> Embeddings:
            return await self.embedder.embed(
                [text for _, text in batch],
                role="document",
                deadline=Deadline.after(patience.within(ATTEMPT_TIMEOUT_S)),
            )

        embeddings = await patiently(once, self.sleep, event="embedding_waits")
        self.embedded_tokens += embeddings.tokens
        made = dict(zip((name for name, _ in batch), embeddings.vectors, strict=True))
        await self.journal.add(self.book_id, made)
        return made
