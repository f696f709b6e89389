"""Contexts of chunks: written once, told the price of before, found by and never shown."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from proxy.adapters.context_store import SqliteContextStore
from proxy.corpus import Chunk
from proxy.deadline import Deadline
from proxy.errors import (
    InvalidRequest,
    ProxyError,
    QuotaExhausted,
    UpstreamAuthError,
    UpstreamOverloaded,
)
from proxy.ingest.report import ContextCost
from proxy.ingest.situating import CONCURRENT_CALLS, CONTEXT_TOKENS, Situating
from proxy.lexical.bm25 import chunk_terms
from proxy.lexical.words import terms_of
from tests.support.workplace import Workplace

PAGE = "# Valves\n\n## Lower valve\n\nIt must be open.\n\n## Upper valve\n\nIt must be shut.\n"


@dataclass
class Author:
    """Implements `ContextAuthor`; says where a passage stands by its first word."""

    failing: dict[str, ProxyError] = field(default_factory=dict[str, ProxyError])
    """What passages with this text raise, for ever."""
    failures: list[ProxyError] = field(default_factory=list[ProxyError])
    """What the next calls raise, one each."""
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    words: int = 6
    open_calls: int = 0
    most_open_calls: int = 0

    async def write(self, page: str, passage: str, *, deadline: Deadline) -> str:
        """See `ContextAuthor.write`."""
        assert 0 < deadline.remaining_s() <= 30
        self.asked.append((page, passage))
        self.open_calls += 1
        self.most_open_calls = max(self.most_open_calls, self.open_calls)
        await asyncio.sleep(0)
        self.open_calls -= 1
        if self.failures:
            raise self.failures.pop(0)
        for text, error in self.failing.items():
            if text in passage:
                raise error
        return " ".join(["zanzibar", *["gauge"] * (self.words - 1)])


@dataclass
class Desk:
    """A workplace whose book has contexts."""

    place: Workplace
    folder: Path
    author: Author = field(default_factory=Author)
    told: list[ContextCost] = field(default_factory=list[ContextCost])
    waits: list[float] = field(default_factory=list[float])
    opened: int = 0

    def situating(self) -> Situating:
        """Return who writes, as a new process would have it."""

        async def open_author() -> Author:
            self.opened += 1
            return self.author

        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        store = SqliteContextStore(self.folder)
        count = self.place.embedder.count_tokens
        return Situating("bk", store, open_author, count, self.told.append, sleep)

    def chunks(self) -> list[Chunk]:
        """Return the live edition's, in reading order."""
        live = self.place.writer.live("bk")
        found = [chunk for chunk, _ in live.chunks.values()] if live else []
        return sorted(found, key=lambda chunk: (chunk.document_id, chunk.position))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A book of one page, not ingested yet."""
    place = Workplace(tmp_path)
    place.write(valves=PAGE)
    return Desk(place, tmp_path / "contexts")


async def test_a_context_is_embedded_and_indexed_and_stands_in_no_text(desk: Desk) -> None:
    await desk.place.ingest(context="llm", situating=desk.situating())
    lower, upper = desk.chunks()
    assert (lower.text, upper.text) == ("It must be open.", "It must be shut.")
    assert lower.context == "zanzibar gauge gauge gauge gauge gauge"
    assert desk.place.embedder.embedded == [lower.indexed_text, upper.indexed_text]
    assert lower.indexed_text == f"{lower.header}\n\n{lower.context}\n\nIt must be open."
    assert chunk_terms(lower, terms_of("en"))["zanzibar"] == 1


async def test_the_model_sees_the_page_and_the_passage(desk: Desk) -> None:
    await desk.place.ingest(context="llm", situating=desk.situating())
    assert [passage for _, passage in desk.author.asked] == ["It must be open.", "It must be shut."]
    for page, _ in desk.author.asked:
        assert "It must be open." in page
        assert "Valves › Upper valve" in page


async def test_off_by_default(desk: Desk) -> None:
    report = await desk.place.ingest(situating=desk.situating())
    assert report.context is None
    assert desk.author.asked == []
    assert desk.opened == 0
    assert {chunk.context for chunk in desk.chunks()} == {""}


async def test_the_cost_is_told_before_anything_is_written(desk: Desk) -> None:
    seen: list[int] = []
    situating = desk.situating()
    situating.announce = lambda cost: seen.append(len(desk.author.asked) + 100 * cost.chunks)
    report = await desk.place.ingest(context="llm", situating=situating)
    assert seen == [200]
    assert report.context is not None
    assert report.context.output_tokens == 2 * CONTEXT_TOKENS
    assert report.context.input_tokens > 2 * len(PAGE) / 6
    assert report.summary()["context"]["chunks"] == 2


async def test_a_dry_run_tells_the_cost_and_writes_nothing(desk: Desk) -> None:
    report = await desk.place.ingest(context="llm", situating=desk.situating(), dry_run=True)
    (cost,) = desk.told
    assert report.context == cost
    assert cost.chunks == 2
    assert report.embedded_tokens >= 2 * CONTEXT_TOKENS
    assert desk.author.asked == []
    assert not desk.folder.exists()


async def test_what_did_not_change_is_not_written_again(desk: Desk) -> None:
    await desk.place.ingest(context="llm", situating=desk.situating())
    desk.place.write(valves=PAGE.replace("shut", "closed"), other="# Other\n\nOther text.")
    desk.author.asked.clear()
    report = await desk.place.ingest(situating=desk.situating())  # as the book has it
    assert {passage for _, passage in desk.author.asked} == {"It must be closed.", "Other text."}
    assert len(desk.author.asked) == 2
    assert report.context is not None
    assert (report.context.chunks, report.context.known) == (2, 1)
    assert all(chunk.context for chunk in desk.chunks())


async def test_an_ingest_that_failed_is_continued_not_repeated(desk: Desk) -> None:
    desk.author.failing["shut"] = UpstreamAuthError("no")
    with pytest.raises(UpstreamAuthError):
        await desk.place.ingest(context="llm", situating=desk.situating())
    assert desk.chunks() == []
    desk.author.failing.clear()
    desk.author.asked.clear()
    await desk.place.ingest(context="llm", situating=desk.situating())
    assert [passage for _, passage in desk.author.asked] == ["It must be shut."]


async def test_a_document_without_contexts_fails_and_its_last_version_stays(desk: Desk) -> None:
    desk.place.write(other="# Other\n\nOther text.")
    await desk.place.ingest(context="llm", situating=desk.situating())
    desk.author.failing["broken"] = UpstreamOverloaded("Try later.")
    desk.place.write(other="# Other\n\nNow broken.", third="# Third\n\nThird text.")
    report = await desk.place.ingest(situating=desk.situating())
    assert [reason for _, reason in report.failed] == [
        "no context could be written for it: Try later."
    ]
    assert desk.place.texts()["other.md"] == ["Other text."]
    assert desk.place.texts()["third.md"] == ["Third text."]
    assert len(desk.waits) == 4


async def test_a_call_that_failed_is_made_again(desk: Desk) -> None:
    desk.author.failures = [UpstreamOverloaded("Try later."), UpstreamOverloaded("Try later.")]
    report = await desk.place.ingest(context="llm", situating=desk.situating())
    assert (report.added, report.failed) == (1, [])
    assert len(desk.author.asked) == 4
    assert desk.waits == [1.0, 1.0]


async def test_a_quota_that_is_used_up_ends_the_ingest(desk: Desk) -> None:
    desk.author.failing["open"] = QuotaExhausted("Come back tomorrow.")
    with pytest.raises(QuotaExhausted):
        await desk.place.ingest(context="llm", situating=desk.situating())


async def test_going_without_makes_the_book_anew(desk: Desk) -> None:
    await desk.place.ingest(context="llm", situating=desk.situating())
    report = await desk.place.ingest(context="none", situating=desk.situating())
    assert report.updated == 1
    assert {chunk.context for chunk in desk.chunks()} == {""}
    assert (await desk.place.ingest(situating=desk.situating())).unchanged == 1


async def test_without_a_model_a_book_with_contexts_is_not_changed_silently(desk: Desk) -> None:
    with pytest.raises(InvalidRequest, match="--context none"):
        await desk.place.ingest(context="llm")
    await desk.place.ingest(context="llm", situating=desk.situating())
    with pytest.raises(InvalidRequest, match="--context none"):
        await desk.place.ingest()
    assert (await desk.place.ingest(context="none")).updated == 1


async def test_a_long_context_is_cut_so_that_the_text_is_embedded_too(desk: Desk) -> None:
    desk.author.words = 500
    await desk.place.ingest(context="llm", situating=desk.situating())
    for chunk in desk.chunks():
        assert 1 < desk.place.embedder.count_tokens(chunk.context) <= CONTEXT_TOKENS


async def test_calls_are_bounded(desk: Desk) -> None:
    for page in range(6):
        desk.place.write(**{f"page{page}": PAGE})
    await desk.place.ingest(context="llm", situating=desk.situating())
    assert 1 < desk.author.most_open_calls <= CONCURRENT_CALLS
    assert desk.opened == 1


async def test_of_a_long_page_the_headings_and_what_is_near_are_shown(desk: Desk) -> None:
    sections = (f"## Part {n}\n\n" + f"word{n} " * 150 for n in range(30))
    desk.place.write(valves="# Valves\n\n" + "\n\n".join(sections))
    await desk.place.ingest(context="llm", situating=desk.situating())
    page, passage = next((p, t) for p, t in desk.author.asked if "word15" in t)
    assert len(page) < 12_100
    assert passage in page
    assert "Valves › Part 29" in page
    assert "word29" not in page
