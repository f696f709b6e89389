"""How fast the embedded index is, and how long it keeps the event loop from anything else.

    python -m bench.embedded_index [--chunks 10000] [--dimensions 384]

Two books of the given size; searches are filtered to one of them. Wanted at 10,000 chunks: p50
under 5 ms, and no stall over 20 ms while searching, opening an edition or publishing one.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

import numpy as np

from proxy.adapters.qdrant.embedded_index import EmbeddedIndex
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.corpus import Chunk, DocumentRecord, Manifest, chunk_id_for
from proxy.deadline import Deadline
from proxy.ports import FloatMatrix
from proxy.queries import IndexQuery, Where

_SEARCHES = 500
_AT_ONCE = 40
_TEXT = "A passage of about the length that chunks have. " * 24


def make_chunks(book: str, count: int) -> list[Chunk]:
    """Return chunks of 1,200 characters, ten to a document."""
    return [
        Chunk(
            chunk_id=chunk_id_for(book, f"{n // 10}.md", "", n % 10),
            book=book,
            document_id=f"{n // 10}.md",
            title="Page",
            heading_path=("Page", "Section"),
            anchor="section",
            url=None,
            position=n % 10,
            text=f"{n} {_TEXT}",
        )
        for n in range(count)
    ]


def make_vectors(count: int, dimensions: int) -> FloatMatrix:
    """Return unit vectors, the same in every run."""
    vectors = np.random.default_rng(1).normal(size=(count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


async def report(what: str, work: Awaitable[object]) -> None:
    """Print how long `work` took and the longest time in which the loop did nothing else."""
    task = asyncio.ensure_future(work)
    worst_s = 0.0
    began_s = before_s = time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.0005)
        now_s = time.perf_counter()
        worst_s, before_s = max(worst_s, now_s - before_s), now_s
    await task
    took_ms = (time.perf_counter() - began_s) * 1e3
    print(f"{what:<44} {took_ms:9.1f} ms   longest stall {worst_s * 1e3:6.1f} ms")


async def publish(
    writer: EmbeddedIndexWriter, book: str, chunks: list[Chunk], vectors: FloatMatrix | None
) -> None:
    """Publish an edition of all chunks; without vectors it is carried over from the live one."""
    names = {chunk.document_id for chunk in chunks}
    manifest = Manifest("bench", {name: DocumentRecord("", 10) for name in names})
    async with writer.draft(book, title=book, base_url=None, edition=None) as draft:
        if vectors is None:
            await draft.carry_over(names)
        else:
            await draft.add(chunks, vectors)
        await draft.publish(manifest, language="en", lexicon=None)


async def search(index: EmbeddedIndex, vectors: FloatMatrix) -> list[float]:
    """Search one after the other; returns the durations in milliseconds."""
    durations_ms: list[float] = []
    for vector in vectors:
        began_s = time.perf_counter()
        query = IndexQuery(vector, Where(books=["one"]), 8)
        await index.find([query], deadline=Deadline.after(60))
        durations_ms.append((time.perf_counter() - began_s) * 1e3)
    return durations_ms


async def measure(root: Path, count: int, dimensions: int) -> None:
    """Print the table."""
    identity = IndexIdentity("bench", dimensions)
    vectors = make_vectors(count, dimensions)
    asked = vectors[:_SEARCHES]
    print(f"two books of {count:,} chunks x {dimensions}")
    async with EmbeddedIndex(root, identity) as index:
        writer = EmbeddedIndexWriter(root, identity, on_change=index.refresh, optimize_above=None)
        for book in ("one", "two"):
            chunks = make_chunks(book, count)
            await report(f"publish {book!r}", publish(writer, book, chunks, vectors))
        await report("first search, which opens the edition", search(index, asked[:1]))
        await report(f"{len(asked)} searches in turn", search(index, asked))
        together = asyncio.gather(*(search(index, asked[:1]) for _ in range(_AT_ONCE)))
        await report(f"{_AT_ONCE} searches at once", together)
        carried = publish(writer, "one", make_chunks("one", count), None)
        await report("publish again, all carried over", carried)
        await report("first search of the new edition", search(index, asked[:1]))
        p50, p99 = np.percentile(await search(index, asked), [50, 99])
        print(f"search with a book filter: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


def main() -> None:
    """Measure in a folder that is removed afterwards."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--chunks", type=int, default=10_000)
    arguments.add_argument("--dimensions", type=int, default=384)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-index-") as folder:
        asyncio.run(measure(Path(folder), given.chunks, given.dimensions))


if __name__ == "__main__":
    main()
