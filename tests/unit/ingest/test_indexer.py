"""Chunks into a draft."""

import pytest

from proxy.corpus import Chunk, Manifest
from proxy.deadline import Deadline
from proxy.errors import UpstreamUnreachable
from proxy.ingest.indexer import BATCH_TEXTS, Indexer
from tests.support.hash_embedder import HashEmbedder
from tests.support.memory_index import MemoryIndexWriter


def _chunks(document: str, texts: list[str]) -> list[Chunk]:
    return [
        Chunk(f"{document}-{n}", "bk", document, "T", ("T",), "", None, n, text)
        for n, text in enumerate(texts)
    ]


async def _index(
    writer: MemoryIndexWriter,
    embedder: HashEmbedder,
    documents: list[list[Chunk]],
    *,
    reuses_vectors: bool = True,
) -> tuple[Indexer, list[int]]:
    done: list[int] = []
    async with writer.draft("bk", title="T", base_url=None, edition=None) as draft:
        indexer = Indexer(draft, embedder, done.append, reuses_vectors)
        for chunks in documents:
            await indexer.add(chunks)
        await indexer.finish()
        await draft.publish(Manifest("r"))
    return indexer, done


async def test_chunks_are_embedded_in_bounded_batches_and_stored_with_their_vectors() -> None:
    writer, embedder = MemoryIndexWriter(), HashEmbedder()
    chunks = _chunks("a", [f"word{n}" for n in range(1_050)])
    indexer, done = await _index(writer, embedder, [chunks, _chunks("b", ["x"]), []])
    assert max(map(len, embedder.calls)) == BATCH_TEXTS
    assert sorted(embedder.embedded) == sorted([c.indexed_text for c in chunks] + ["T\n\nx"])
    assert indexer.chunks == 1_051
    assert indexer.embedded_tokens == sum(map(embedder.count_tokens, embedder.embedded))
    assert sum(done) == 3
    live = writer.live("bk")
    assert live is not None
    alone = HashEmbedder()
    for chunk in chunks[::100]:
        stored, vector = live.chunks[chunk.chunk_id]
        batch = await alone.embed([chunk.indexed_text], role="document", deadline=Deadline.after(5))
        assert stored == chunk
        assert vector.tolist() == batch.vectors[0].tolist()


async def test_equal_texts_and_known_texts_are_not_embedded_again() -> None:
    writer, embedder = MemoryIndexWriter(), HashEmbedder()
    await _index(writer, embedder, [_chunks("a", ["same", "same", "old"])])
    assert embedder.calls == [["T\n\nsame", "T\n\nold"]]
    await _index(writer, embedder, [_chunks("b", ["new", "old"])])
    assert embedder.calls[1:] == [["T\n\nnew"]]


async def test_vectors_of_another_model_are_not_reused() -> None:
    writer, embedder = MemoryIndexWriter(), HashEmbedder()
    await _index(writer, embedder, [_chunks("a", ["old"])])
    await _index(writer, embedder, [_chunks("a", ["old"])], reuses_vectors=False)
    assert len(embedder.calls) == 2


async def test_failure_of_one_batch_is_raised_as_it_is() -> None:
    writer, embedder = MemoryIndexWriter(), HashEmbedder(failing="word333")
    chunks = _chunks("a", [f"word{n}" for n in range(400)])
    with pytest.raises(UpstreamUnreachable, match="away"):
        await _index(writer, embedder, [chunks])
    assert writer.live("bk") is None
