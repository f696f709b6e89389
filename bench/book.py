"""The book of the retrieval row: 10,000 chunks of running text with 768-dimensional vectors.

It is searched by meaning and by words, as a book that was ingested is. Written through the
project's own writer, so that what is searched is what an ingest leaves behind. The vectors are made
here, from the same family as those of the fake upstream (`bench/replies.py`): embedding 10,000
chunks is not what is measured.
"""

import asyncio
import random
from collections.abc import Sequence
from typing import Final

from qdrant_client import AsyncQdrantClient, models

from bench import words
from bench.replies import DIMENSIONS, unit_vectors
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.server_writer import ServerIndexWriter
from proxy.corpus import Chunk, DocumentRecord, Manifest, chunk_id_for
from proxy.errors import ProxyError
from proxy.ingest.terms import index_terms
from proxy.settings.load import load_settings

CHUNKS: Final = 10_000
BOOK: Final = "bench"

_CHUNKS_PER_PAGE: Final = 10
_BATCH: Final = 500
_INDEXED_TIMEOUT_S: Final = 120.0


class CannotFill(Exception):
    """The book could not be written; the message says why."""


async def fill(url: str) -> None:
    """Write the book to the Qdrant server at `url` and return when it is indexed.

    Raises:
        CannotFill: the writer failed, or Qdrant did not finish indexing.
    """
    settings = load_settings({"GEMINI_API_KEY": "bench", "QDRANT_URL": url}, dotenv=None)
    identity = IndexIdentity(settings.gemini.embedding_model, DIMENSIONS)
    collection = identity.collection(settings.qdrant.collection)
    chunks = _chunks()
    vectors = unit_vectors(CHUNKS, seed=2)
    pages = {chunk.document_id: DocumentRecord("0" * 64, _CHUNKS_PER_PAGE) for chunk in chunks}
    try:
        async with (
            ServerIndexWriter(
                url=url, api_key=None, collection=collection, identity=identity
            ) as writer,
            writer.draft(BOOK, title="Bench", base_url=None, edition=None) as draft,
        ):
            for start in range(0, CHUNKS, _BATCH):
                await draft.add(chunks[start : start + _BATCH], vectors[start : start + _BATCH])
            lexicon = await index_terms(draft, "en")
            await draft.publish(
                Manifest(recipe="bench", documents=pages), language="en", lexicon=lexicon
            )
    except ProxyError as exc:
        raise CannotFill(f"writing the book failed: {exc.message}") from exc
    await _wait_until_indexed(url, collection)


async def _wait_until_indexed(url: str, collection: str) -> None:
    """Qdrant builds its graph in the background; measured is the state after that."""
    client = AsyncQdrantClient(url=url, check_compatibility=False)
    try:
        async with asyncio.timeout(_INDEXED_TIMEOUT_S):
            while True:
                info = await client.get_collection(collection)
                if info.status == models.CollectionStatus.GREEN:
                    return
                await asyncio.sleep(0.5)
    except TimeoutError as exc:
        raise CannotFill(f"Qdrant was not done indexing in {_INDEXED_TIMEOUT_S:.0f} s") from exc
    finally:
        await client.close()


def _chunks() -> Sequence[Chunk]:
    dice = random.Random(2)  # noqa: S311 - the same text in every run
    return [_chunk(number, dice) for number in range(CHUNKS)]


def _chunk(number: int, dice: random.Random) -> Chunk:
    page, position = divmod(number, _CHUNKS_PER_PAGE)
    document_id = f"part-{page:04d}.md"
    anchor = f"section-{position}"
    return Chunk(
        chunk_id=chunk_id_for(BOOK, document_id, anchor, 0),
        book=BOOK,
        document_id=document_id,
        title=f"Part {page}",
        heading_path=(f"Part {page}", f"Section {position}"),
        anchor=anchor,
        url=f"https://book.example/part-{page:04d}#{anchor}",
        position=position,
        text=words.text(dice),
        section_chunks=1,
    )
