"""Chunks into a draft."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from proxy.corpus import Book, Chunk, Manifest
from proxy.errors import (
    ProxyError,
    QuotaExhausted,
    RateLimited,
    RetrievalUnavailable,
    UpstreamAuthError,
    UpstreamFailed,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from proxy.ingest.indexer import BATCH_TEXTS, CONCURRENT_BATCHES, Indexer
from proxy.ingest.patience import MAX_FAILURES
from proxy.ports import FloatMatrix
from tests.support.hash_embedder import HashEmbedder
from tests.support.journals import MemoryJournal
from tests.support.memory_index import MemoryDraft, MemoryIndexWriter
from tests.support.waiting import LONG_ENOUGH_S, ample_time

FIRST, ROUND = BATCH_TEXTS, BATCH_TEXTS * CONCURRENT_BATCHES


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
    async with (
        writer.draft("bk", title="T", base_url=None, edition=None) as draft,
        Indexer("bk", draft, embedder, MemoryJournal(), done.append, reuses_vectors) as indexer,
    ):
        for chunks in documents:
            await indexer.add(chunks)
        await indexer.finish()
        await draft.publish(Manifest("r"), language="en", lexicon=None)
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
        batch = await alone.embed([chunk.indexed_text], role="document", deadline=ample_time())
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
    with pytest.raises(UpstreamAuthError, match="away"):
        await _index(writer, embedder, [chunks])
    assert writer.live("bk") is None


class Patience:
    """An indexer whose embedder fails at first; waiting takes no time and is written down."""

    def __init__(self, *failures: ProxyError) -> None:
        self.embedder = HashEmbedder()
        self.embedder.failures = list(failures)
        self.writer = MemoryIndexWriter()
        self.journal = MemoryJournal()
        self.waits_s: list[float] = []

    async def _sleep(self, seconds: float) -> None:
        self.waits_s.append(seconds)

    async def index(self, texts: list[str]) -> Indexer:
        """Index one document of these texts."""
        async with (
            self.writer.draft("bk", title="T", base_url=None, edition=None) as draft,
            Indexer(
                "bk", draft, self.embedder, self.journal, lambda _: None, True, self._sleep
            ) as indexer,
        ):
            await indexer.add(_chunks("a", texts))
            await indexer.finish()
            await draft.publish(Manifest("r"), language="en", lexicon=None)
        return indexer

    async def fail(self) -> ProxyError:
        """Index one text in vain."""
        with pytest.raises(ProxyError) as failure:
            await self.index(["x"])
        assert self.writer.live("bk") is None
        return failure.value


async def test_limit_per_minute_is_sat_out_for_as_long_as_the_upstream_asks() -> None:
    limits = [RateLimited("slow down", retry_after_s=wait_s) for wait_s in (5.5, 60, 0, 31) * 2]
    patience = Patience(*limits)
    await patience.index(["x"])
    assert patience.waits_s == [5.5, 60, 4, 31, 16, 60, 32, 32]


async def test_batches_that_were_embedded_are_kept_while_another_waits() -> None:
    patience = Patience(RateLimited("slow down", retry_after_s=30))
    indexer = await patience.index([f"word{n}" for n in range(3 * BATCH_TEXTS)])
    assert patience.waits_s == [30]
    asked = Counter(patience.embedder.embedded)
    assert Counter(asked.values()) == {1: 2 * BATCH_TEXTS, 2: BATCH_TEXTS}
    assert indexer.embedded_tokens == sum(map(patience.embedder.count_tokens, asked))


async def test_limit_that_says_no_time_is_tried_ever_more_slowly() -> None:
    patience = Patience(*(RateLimited("slow down") for _ in range(7)))
    await patience.index(["x"])
    assert patience.waits_s == [1, 2, 4, 8, 16, 32, 32]


@pytest.mark.parametrize(
    "kind", [UpstreamUnreachable, UpstreamFailed, UpstreamOverloaded, UpstreamTimeout]
)
async def test_failing_upstream_is_tried_a_few_times(kind: type[ProxyError]) -> None:
    patience = Patience(*(kind(str(n)) for n in range(MAX_FAILURES - 1)))
    await patience.index(["x"])
    assert patience.waits_s == [1, 2, 4, 8]
    patience = Patience(*(kind(str(n)) for n in range(MAX_FAILURES)))
    assert (await patience.fail()).message == str(MAX_FAILURES - 1)


async def test_limits_do_not_count_as_failures() -> None:
    failures = [UpstreamOverloaded("busy") for _ in range(MAX_FAILURES - 1)]
    patience = Patience(*(RateLimited("slow down", retry_after_s=1) for _ in range(6)), *failures)
    await patience.index(["x"])
    assert len(patience.waits_s) == MAX_FAILURES + 5


@pytest.mark.parametrize(
    "failure",
    [
        QuotaExhausted("none left today", retry_after_s=5),
        UpstreamAuthError("wrong key"),
        RateLimited("come back tomorrow", retry_after_s=3_600),
    ],
)
async def test_what_waiting_does_not_mend_is_raised_at_once(failure: ProxyError) -> None:
    patience = Patience(failure)
    assert await patience.fail() is failure
    assert patience.waits_s == []


class SlowStore:
    """An indexer whose draft stores a round once it is let."""

    def __init__(self, failure: ProxyError | None = None) -> None:
        self.may_store = asyncio.Semaphore(0)
        self.asked_to_store = asyncio.Event()
        self.embedder = HashEmbedder()
        self.stored: list[str] = []
        self.done: list[int] = []
        store = self

        class Draft(MemoryDraft):
            async def add(self, chunks: Sequence[Chunk], vectors: FloatMatrix) -> None:
                store.asked_to_store.set()
                await store.may_store.acquire()
                if failure:
                    raise failure
                await super().add(chunks, vectors)
                store.stored += [chunk.text for chunk in chunks]

        book = Book("bk", "T", "1", None, "hashed-words", 64, 0)
        draft = Draft(MemoryIndexWriter(), book)
        self.indexer = Indexer(
            "bk", draft, self.embedder, MemoryJournal(), self.done.append, reuses_vectors=False
        )

    async def index(self, *documents: list[Chunk]) -> None:
        """Index documents, and finish."""
        async with self.indexer:
            for chunks in documents:
                await self.indexer.add(chunks)
            await self.indexer.finish()

    async def index_until_nothing_moves(self, *documents: list[Chunk]) -> None:
        """Index documents for as long as the clock stands still."""
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(LONG_ENOUGH_S):
                await self.index(*documents)
        assert asyncio.all_tasks() == {asyncio.current_task()}


def _texts(count: int) -> list[str]:
    return [f"word{n}" for n in range(count)]


@pytest.mark.virtual_time
async def test_a_round_is_embedded_while_the_one_before_it_is_stored() -> None:
    store = SlowStore()
    await store.index_until_nothing_moves(_chunks("a", _texts(FIRST + ROUND)))
    assert len(store.embedder.embedded) == FIRST + ROUND
    assert store.stored == []


@pytest.mark.virtual_time
async def test_a_third_round_waits_until_one_is_stored() -> None:
    store = SlowStore()
    await store.index_until_nothing_moves(_chunks("a", _texts(4 * ROUND)))
    assert len(store.embedder.embedded) == FIRST + ROUND
    store = SlowStore()
    store.may_store.release()
    await store.index_until_nothing_moves(_chunks("a", _texts(4 * ROUND)))
    assert len(store.embedder.embedded) == FIRST + 2 * ROUND


@pytest.mark.virtual_time
async def test_a_document_is_done_when_the_last_of_its_rounds_is_stored() -> None:
    texts = _texts(FIRST + 1)
    store = SlowStore()
    store.may_store.release()
    await store.index_until_nothing_moves(_chunks("a", texts), _chunks("b", ["x"]))
    assert store.stored == texts[:FIRST]
    assert sum(store.done) == 0
    store = SlowStore()
    for _ in range(2):
        store.may_store.release()
    await store.index(_chunks("a", texts), _chunks("b", ["x"]))
    assert store.stored == [*texts, "x"]
    assert sum(store.done) == 2


async def test_a_text_of_two_rounds_is_embedded_once() -> None:
    writer, embedder = MemoryIndexWriter(), HashEmbedder()
    await _index(writer, embedder, [_chunks("a", _texts(ROUND)), _chunks("b", _texts(ROUND))])
    assert len(embedder.embedded) == ROUND


@pytest.mark.parametrize("rounds", [1, 3])
async def test_failure_to_store_is_raised_as_it_is_and_ends_what_is_under_way(rounds: int) -> None:
    failure = RetrievalUnavailable("the disk is full")
    store = SlowStore(failure)
    store.may_store.release()
    with pytest.raises(RetrievalUnavailable) as raised:
        await store.index(_chunks("a", _texts(rounds * ROUND)))
    assert raised.value is failure
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_failure_of_whoever_reads_is_raised_as_it_is_and_ends_what_is_under_way() -> None:
    store = SlowStore()
    failure = UpstreamFailed("the workers are gone")

    async def read() -> None:
        async with store.indexer as indexer:
            await indexer.add(_chunks("a", _texts(2 * ROUND)))
            await store.asked_to_store.wait()
            raise failure

    with pytest.raises(UpstreamFailed) as raised:
        await read()
    assert raised.value is failure
    assert store.stored == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_ingest_that_is_cancelled_ends_what_is_under_way() -> None:
    store = SlowStore()
    indexing = asyncio.create_task(store.index(_chunks("a", _texts(3 * ROUND))))
    await store.asked_to_store.wait()
    indexing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await indexing
    assert asyncio.all_tasks() == {asyncio.current_task()}
