"""The terms of an edition: counted over all its chunks, then weighed, chunk by chunk.

Two walks over what the draft holds, because what a term weighs depends on all chunks, those that
were taken over from the live edition among them. Called by `pipeline.py`.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing

from proxy.corpus import Chunk
from proxy.lexical.bm25 import Lexicon, LexiconCounter, TermWeights, chunk_terms, chunk_weights
from proxy.lexical.languages import language_of
from proxy.lexical.words import Terms, terms_of
from proxy.ports import EditionDraft

_SAMPLE_CHUNKS = 40
"""Chunks whose text decides on the language."""


async def detected_language(draft: EditionDraft) -> str:
    """Return the language of the draft's text, two letters."""
    sample: list[str] = []
    async with aclosing(draft.chunks()) as pages:
        async for page in pages:
            sample += [chunk.text for chunk in page]
            if len(sample) >= _SAMPLE_CHUNKS:
                break
    return await asyncio.to_thread(language_of, "\n".join(sample[:_SAMPLE_CHUNKS]))


async def index_terms(
    draft: EditionDraft, language: str, advance: Callable[[int], object] = lambda _chunks: None
) -> Lexicon:
    """Store what the terms of every chunk weigh; return the statistics this rests on.

    `advance` is told how many chunks are done.

    Raises:
        ProxyError: the store failed.
    """
    terms = terms_of(language)
    counter = LexiconCounter()
    async for page in draft.chunks():
        await asyncio.to_thread(_count, counter, page, terms)
    lexicon = counter.lexicon()
    async for page in draft.chunks():
        await draft.add_weights(await asyncio.to_thread(_weights, page, terms, lexicon))
        advance(len(page))
    return lexicon


def _count(counter: LexiconCounter, chunks: Sequence[Chunk], terms: Terms) -> None:
    for chunk in chunks:
        counter.add(chunk_terms(chunk, terms))


def _weights(chunks: Sequence[Chunk], terms: Terms, lexicon: Lexicon) -> dict[str, TermWeights]:
    return {chunk.chunk_id: chunk_weights(chunk_terms(chunk, terms), lexicon) for chunk in chunks}
