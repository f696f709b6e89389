"""How long retrieval takes, from a question's text to the passages for the prompt.

    python -m bench.retrieval [--chunks 10000] [--questions 400]

The bundled model embeds the question, the index is searched by meaning and by words, neighbours are
read, passages packed; embedded in this process, then on a Qdrant server. The book is made of words
that are as unevenly frequent as those of a language; its vectors are random, because embedding
10,000 chunks is not what is measured. Wanted at 10,000 chunks: p50 12 ms and p99 40 ms embedded,
p50 10 ms on a server.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from bench.embedded_index import make_vectors
from proxy.adapters.local.embedder import LocalEmbedder
from proxy.adapters.qdrant.embedded_index import EmbeddedIndex
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.server_index import ServerIndex
from proxy.adapters.qdrant.server_writer import ServerIndexWriter
from proxy.corpus import Chunk, DocumentRecord, Manifest, chunk_id_for
from proxy.deadline import Deadline
from proxy.ingest.terms import index_terms
from proxy.ports import BookIndex, IndexWriter
from proxy.protocol.rag_options import RagOptions
from proxy.rag.retrieve import Retriever
from proxy.settings import EmbeddingSettings, RagSettings
from tests.support.qdrant_server import running_qdrant

_BOOK = "bench"
_WORDS = 20_000
_WORDS_PER_CHUNK = 140
_WARM_UP = 20


def make_chunks(count: int) -> list[Chunk]:
    """Return chunks of 140 words, four to a section and twelve to a page."""
    drawn = np.random.default_rng(3).zipf(1.2, size=(count, _WORDS_PER_CHUNK)) % _WORDS
    return [_chunk(n, " ".join(f"word{w}" for w in row)) for n, row in enumerate(drawn.tolist())]


def make_questions(count: int) -> list[str]:
    """Return questions of nine words, common and rare ones."""
    drawn = np.random.default_rng(4).zipf(1.2, size=(count, 9)) % _WORDS
    return ["How does " + " ".join(f"word{w}" for w in row) + " work?" for row in drawn.tolist()]


def _chunk(number: int, text: str) -> Chunk:
    page, place = divmod(number, 12)
    section, ordinal = divmod(place, 4)
    document_id, anchor = f"part-{page // 20}/page-{page}.md", f"section-{section}"
    return Chunk(
        chunk_id=chunk_id_for(_BOOK, document_id, anchor, ordinal),
        book=_BOOK,
        document_id=document_id,
        title=f"Page {page}",
        heading_path=(f"Page {page}", f"Section {section}"),
        anchor=anchor,
        url=None,
        position=place,
        text=text,
        ordinal=ordinal,
        section_chunks=4,
    )


async def fill(writer: IndexWriter, chunks: Sequence[Chunk], dimensions: int) -> None:
    """Publish the book."""
    vectors = make_vectors(len(chunks), dimensions)
    pages = {chunk.document_id: DocumentRecord("", 12) for chunk in chunks}
    async with writer.draft(_BOOK, title="Bench", base_url=None, edition=None) as draft:
        await draft.add(chunks, vectors)
        lexicon = await index_terms(draft, "en")
        await draft.publish(Manifest("bench", pages), language="en", lexicon=lexicon)


@asynccontextmanager
async def embedded(
    folder: Path, identity: IndexIdentity, chunks: Sequence[Chunk]
) -> AsyncGenerator[BookIndex]:
    """Give an embedded index that holds the book."""
    await fill(EmbeddedIndexWriter(folder, identity), chunks, identity.dimensions)
    async with EmbeddedIndex(folder, identity) as index:
        yield index


@asynccontextmanager
async def served(identity: IndexIdentity, chunks: Sequence[Chunk]) -> AsyncGenerator[BookIndex]:
    """Give an index on a Qdrant server that holds the book."""
    with running_qdrant() as url:
        name = identity.collection("bench")
        place: dict[str, Any] = {
            "url": url,
            "api_key": None,
            "collection": name,
            "identity": identity,
        }
        async with ServerIndexWriter(**place) as writer, aiohttp.ClientSession() as session:
            await fill(writer, chunks, identity.dimensions)
            index = ServerIndex(session, **place)
            await index.open()
            yield index


async def measure(index: BookIndex, embedder: LocalEmbedder, questions: Sequence[str]) -> None:
    """Print the percentiles of one kind of index, and what its stages take."""
    retriever = Retriever(
        embedder, index, RagSettings.model_validate({}), EmbeddingSettings.model_validate({})
    )
    options = RagOptions(explain=True, min_score=-1.0)
    took_ms: list[float] = []
    stages: dict[str, list[float]] = {}
    for question in questions:
        began_s = time.perf_counter()
        found = await retriever.retrieve(question, options, Deadline.after(60))
        took_ms.append((time.perf_counter() - began_s) * 1e3)
        for stage, ms in (found.explain or {})["timings_ms"].items():
            stages.setdefault(stage, []).append(ms)
    p50, p90, p99 = np.percentile(took_ms[_WARM_UP:], [50, 90, 99])
    print(f"  p50 {p50:6.2f} ms   p90 {p90:6.2f} ms   p99 {p99:6.2f} ms")
    medians = (f"{stage} {np.median(ms[_WARM_UP:]):.2f}" for stage, ms in stages.items())
    print(f"  of it, at the median: {', '.join(medians)} ms")


async def run(count: int, asked: int) -> None:
    """Measure both kinds."""
    embedder = LocalEmbedder()
    identity = IndexIdentity("bench", embedder.dimensions)
    chunks, questions = make_chunks(count), make_questions(asked + _WARM_UP)
    with tempfile.TemporaryDirectory(prefix="bench-retrieval-") as folder:
        print(f"embedded, {count:,} chunks")
        async with embedded(Path(folder), identity, chunks) as index:
            await measure(index, embedder, questions)
    print(f"Qdrant server, {count:,} chunks")
    async with served(identity, chunks) as index:
        await measure(index, embedder, questions)
    embedder.close()


def main() -> None:
    """Measure in folders that are removed afterwards."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--chunks", type=int, default=10_000)
    arguments.add_argument("--questions", type=int, default=400)
    given = arguments.parse_args()
    asyncio.run(run(given.chunks, given.questions))


if __name__ == "__main__":
    main()
