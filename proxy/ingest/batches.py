"""Embeds by batches that come back hours later, and takes up those of an ingest that was killed.

A batch is noted as soon as it has a name, and its vectors are kept before it is forgotten: whatever
is killed, nothing is paid for twice but the one batch whose name had not arrived yet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from proxy.errors import UpstreamFailed
from proxy.ingest.patience import patiently, was_refused
from proxy.ports import BatchAnswer, BatchEmbedder, BatchLedger, BatchLost, VectorJournal
from proxy.queries import FloatVector
from proxy.telemetry.logs import log

CONCURRENT_BATCHES = 10
"""Of one round; what waits for them is held in memory. Google lets a project have a hundred."""
MAX_ATTEMPTS = 3
"""How often a text may be part of a batch that brings no vector for it."""


@dataclass(frozen=True, slots=True)
class Batches:
    """Embeds texts by batches."""

    embedder: BatchEmbedder
    ledger: BatchLedger
    journal: VectorJournal
    poll_s: float
    """Between two looks at the batches under way."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def round_texts(self) -> int:
        """How many texts are best embedded in one go."""
        return CONCURRENT_BATCHES * self.embedder.max_texts

    async def embed(
        self, book_id: str, texts: Mapping[str, str]
    ) -> tuple[Mapping[str, FloatVector], int]:
        """Return the vectors of `texts`, both by `Chunk.text_hash`, and the tokens read.

        Batches that another ingest of the book began are waited for, not begun again.

        Raises:
            UpstreamFailed: texts brought no vector, however often they were sent.
            ProxyError: the upstream or the journal failed.
        """
        made: dict[str, FloatVector] = {}
        tokens = 0
        for _ in range(MAX_ATTEMPTS):
            missing = {name: text for name, text in texts.items() if name not in made}
            if not missing:
                return made, tokens
            found, read = await self._round(book_id, missing)
            made.update((name, found[name]) for name in missing.keys() & found.keys())
            tokens += read
        if left := texts.keys() - made.keys():
            raise UpstreamFailed(f"{len(left)} texts brought no vector in {MAX_ATTEMPTS} batches.")
        return made, tokens

    async def _round(
        self, book_id: str, texts: Mapping[str, str]
    ) -> tuple[Mapping[str, FloatVector], int]:
        """Send what is not on its way yet, wait for all; return what came back."""
        noted = await self.ledger.open_batches(book_id)
        waiting = {name: sent for name, sent in noted.items() if not texts.keys().isdisjoint(sent)}
        on_the_way = {text for sent in waiting.values() for text in sent}
        names = [name for name in texts if name not in on_the_way]
        for portion in self.embedder.portions([texts[name] for name in names]):
            sent, names = names[: len(portion)], names[len(portion) :]
            waiting[await self._submit(book_id, portion, sent)] = sent
        made: dict[str, FloatVector] = {}
        tokens = 0
        while waiting:
            for name, sent in list(waiting.items()):
                answer = await self._answer(name, len(sent))
                if answer is None:
                    continue
                pairs = zip(sent, answer.vectors, strict=False)
                came = {text: vector for text, vector in pairs if vector is not None}
                await self.journal.add(book_id, came)
                await self.ledger.forget(book_id, name)
                made.update(came)
                tokens += answer.tokens
                del waiting[name]
            if waiting:
                await self.sleep(self.poll_s)
        return made, tokens

    async def _submit(self, book_id: str, portion: Sequence[str], sent: Sequence[str]) -> str:
        # Anything but a plain refusal may have begun a batch that we would pay for twice.
        name = await patiently(
            lambda: self.embedder.submit(portion),
            self.sleep,
            event="batch_waits",
            repeats=was_refused,
        )
        await self.ledger.note(book_id, name, sent)
        log.info("embedding_batch_begins", batch=name, texts=len(sent))
        return name

    async def _answer(self, name: str, texts: int) -> BatchAnswer | None:
        """Return what became of a batch, without vectors where it is lost; None: not over."""
        try:
            answer = await patiently(
                lambda: self.embedder.answer(name, texts), self.sleep, event="batch_waits"
            )
        except BatchLost as exc:
            log.warning("embedding_batch_lost", batch=name, reason=exc.message)
            return BatchAnswer((), 0)
        if answer is not None:
            log.info("embedding_batch_ends", batch=name, texts=texts)
        return answer
