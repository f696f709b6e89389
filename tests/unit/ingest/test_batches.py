"""Texts embedded by batches, with the fake's Batch API and a ledger in files."""

import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest

from proxy.adapters.batch_ledger import FileBatchLedger
from proxy.adapters.gemini.batch_embedder import GeminiBatchEmbedder
from proxy.adapters.gemini.transport import GeminiTransport
from proxy.errors import UpstreamAuthError, UpstreamFailed, UpstreamUnreachable
from proxy.ingest.batches import MAX_ATTEMPTS, Batches
from tests.support import gemini_errors as errors
from tests.support.gemini_batches import GeminiBatches
from tests.support.gemini_client import open_transport
from tests.support.gemini_replies import Reset
from tests.support.gemini_server import FakeGemini
from tests.support.journals import MemoryJournal

MODEL = "gemini-embedding-001"


class SmallBatches(GeminiBatchEmbedder):
    """Takes three texts at once."""

    def __init__(self, transport: GeminiTransport) -> None:
        super().__init__(transport, model=MODEL, dimensions=128)
        self.max_texts = 3


class Killed(BaseException):
    """An ingest ends here, whatever it was about to do."""


def _kill() -> None:
    raise Killed


class Clock:
    """Counts the waits instead of waiting."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.at: dict[int, Callable[[], None]] = {}
        """What happens during which wait, the first being 1."""

    async def sleep(self, seconds: float) -> None:
        """Note it."""
        self.waits.append(seconds)
        self.at.get(len(self.waits), lambda: None)()


def _texts(*texts: str) -> dict[str, str]:
    return {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}


@pytest.fixture
def upstream(fake_gemini: FakeGemini) -> GeminiBatches:
    """What the fake makes of batches."""
    made = GeminiBatches()
    fake_gemini.reply_by(made.reply)
    return made


class Ingest:
    """The means of one ingest after another: what is on disk stays."""

    def __init__(self, transport: GeminiTransport, folder: Path) -> None:
        self.ledger = FileBatchLedger(folder)
        self.journal = MemoryJournal()
        self.clock = Clock()
        self._embedder = SmallBatches(transport)

    @property
    def batches(self) -> Batches:
        """Those of a process that has just begun."""
        return Batches(self._embedder, self.ledger, self.journal, 30.0, self.clock.sleep)


@pytest.fixture
async def ingest(fake_gemini: FakeGemini, tmp_path: Path) -> AsyncGenerator[Ingest]:
    async with open_transport(fake_gemini) as transport:
        yield Ingest(transport, tmp_path)


def _sent(upstream: GeminiBatches) -> list[Sequence[str]]:
    return [batch.texts for batch in upstream.batches.values()]


async def test_texts_go_in_full_batches_that_are_looked_at_until_they_are_over(
    ingest: Ingest, upstream: GeminiBatches
) -> None:
    upstream.looks = 2
    texts = _texts("a", "b", "c", "d")
    made, tokens = await ingest.batches.embed("book", texts)
    assert made.keys() == texts.keys()
    assert tokens > 0
    assert _sent(upstream) == [["a", "b", "c"], ["d"]]
    assert ingest.clock.waits == [30.0, 30.0]
    assert ingest.journal.vectors["book"].keys() == texts.keys()
    assert await ingest.ledger.open_batches("book") == {}


async def test_batches_of_an_ingest_that_was_killed_are_waited_for_and_not_sent_again(
    ingest: Ingest, upstream: GeminiBatches
) -> None:
    upstream.is_held = True
    texts = _texts("a", "b", "c", "d")
    ingest.clock.at = {3: _kill}
    with pytest.raises(Killed):
        await ingest.batches.embed("book", texts)
    upstream.is_held = False
    made, _ = await ingest.batches.embed("book", {**texts, **_texts("new")})
    assert made.keys() == {*texts, *_texts("new")}
    assert _sent(upstream) == [["a", "b", "c"], ["d"], ["new"]]


async def test_texts_that_failed_and_batches_that_are_lost_are_sent_again(
    ingest: Ingest, upstream: GeminiBatches
) -> None:
    await ingest.ledger.note("book", "batches/unknown", list(_texts("a", "b")))
    upstream.refused_texts, upstream.looks = {"c"}, 1
    ingest.clock.at = {2: upstream.refused_texts.clear}
    texts = _texts("a", "b", "c")
    made, _ = await ingest.batches.embed("book", texts)
    assert made.keys() == texts.keys()
    assert _sent(upstream) == [["c"], ["a", "b", "c"]]
    assert await ingest.ledger.open_batches("book") == {}


async def test_what_never_brings_a_vector_ends_the_ingest(
    ingest: Ingest, upstream: GeminiBatches
) -> None:
    upstream.refused_texts = {"c"}
    with pytest.raises(UpstreamFailed, match="1 texts brought no vector"):
        await ingest.batches.embed("book", _texts("a", "c"))
    assert _sent(upstream) == [["a", "c"], *[["c"]] * (MAX_ATTEMPTS - 1)]
    assert ingest.journal.vectors["book"].keys() == _texts("a").keys()


async def test_a_refusal_is_sat_out_and_a_broken_call_is_not_repeated(
    fake_gemini: FakeGemini, ingest: Ingest, upstream: GeminiBatches
) -> None:
    refusals = [errors.Status(429, retry_delay="7s"), errors.Status(503)]
    fake_gemini.reply_by(lambda request: refusals.pop(0) if refusals else upstream.reply(request))
    await ingest.batches.embed("book", _texts("a"))
    assert ingest.clock.waits == [7.0, 2.0]
    assert _sent(upstream) == [["a"]]
    fake_gemini.reply_by(lambda _request: Reset())
    seen = len(fake_gemini.requests)
    with pytest.raises(UpstreamUnreachable):
        await ingest.batches.embed("book", _texts("b"))
    assert len(fake_gemini.requests) == seen + 1


async def test_a_key_that_is_refused_ends_the_ingest_and_keeps_its_batches(
    fake_gemini: FakeGemini, ingest: Ingest, upstream: GeminiBatches
) -> None:
    fake_gemini.reply_by(
        lambda request: errors.Status(403) if request.method == "GET" else upstream.reply(request)
    )
    with pytest.raises(UpstreamAuthError):
        await ingest.batches.embed("book", _texts("a"))
    assert list(await ingest.ledger.open_batches("book")) == ["batches/fake-1"]


def test_a_round_is_several_full_batches(ingest: Ingest) -> None:
    assert ingest.batches.round_texts == 30
