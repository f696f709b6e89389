"""What workers do of an ingest comes to the same as when one process does it all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.ingest.chunker import TokenBudget
from proxy.ingest.loaders.base import SourceFile
from proxy.ingest.one_machine import OneMachine
from proxy.ingest.reading import Cutting, Failure, Omission, Page
from proxy.ingest.workers import Part, Workers, cut_parts
from proxy.ports import Embeddings, TextRole
from tests.support.hash_embedder import HashEmbedder
from tests.support.workplace import Workplace


@dataclass
class Site:
    """Where workers embed; remembers what."""

    failing: str | None = None
    made: list[HashEmbedder] = field(default_factory=list[HashEmbedder])

    def workers(self) -> Workers:
        """Return workers that embed."""
        return Workers(OneMachine(), HashEmbedder().count_tokens, self._make)

    @property
    def embedded(self) -> list[str]:
        """All texts so far."""
        return [text for embedder in self.made for text in embedder.embedded]

    def _make(self) -> HashEmbedder:
        self.made.append(HashEmbedder(failing=self.failing))
        return self.made[-1]


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A book of two pages, one of them long."""
    place = Workplace(tmp_path)
    sections = "".join(f"\n## Part {n}\n\nword{n} is the word\n" for n in range(120))
    place.write(long=f"# Long\n{sections}", short="# Short\n\nonly this\n")
    return place


def _cutting() -> Cutting:
    return Cutting("bk", None, HashEmbedder().count_tokens, TokenBudget())


def _files(place: Workplace) -> list[SourceFile]:
    return [SourceFile(path, path.name) for path in sorted(place.folder.iterdir())]


async def test_the_index_is_the_same_and_the_owner_embeds_nothing(
    place: Workplace, tmp_path: Path
) -> None:
    site = Site()
    report = await place.ingest(workers=site.workers())
    alone = Workplace(tmp_path / "..")
    alone.folder = place.folder
    plain = await alone.ingest()
    mine, theirs = place.writer.live("bk"), alone.writer.live("bk")
    assert mine is not None
    assert theirs is not None
    assert mine.manifest == theirs.manifest
    assert mine.weights == theirs.weights
    assert list(mine.chunks) == list(theirs.chunks)
    for name, (chunk, vector) in mine.chunks.items():
        assert (chunk, vector.tolist()) == (theirs.chunks[name][0], theirs.chunks[name][1].tolist())
    assert place.embedder.embedded == []
    assert sorted(site.embedded) == sorted(alone.embedder.embedded)
    assert report.embedded_tokens == plain.embedded_tokens > 0
    assert (report.added, report.chunks) == (plain.added, plain.chunks) == (2, 121)
    assert len(site.made) == 1


async def test_a_long_page_is_dealt_out_in_parts_and_comes_back_whole(place: Workplace) -> None:
    files = _files(place)
    parts = cut_parts(_cutting(), files)
    pages = [part.page for part in parts if isinstance(part, Part)]
    assert [len(page.chunks) for page in pages] == [50, 50, 20, 1]
    assert [part.is_last for part in parts if isinstance(part, Part)] == [False, False, True, True]
    whole = [page async for page in Site().workers().pages(files, _cutting(), frozenset())]
    assert [type(page) for page in whole] == [Page, Page]
    long = whole[0]
    assert isinstance(long, Page)
    assert [chunk.position for chunk in long.chunks] == list(range(120))
    assert long.record.chunks == 120
    assert long.vectors.keys() == {chunk.text_hash for chunk in long.chunks}


async def test_an_edit_costs_what_changed_and_a_page_that_moved_costs_nothing(
    place: Workplace,
) -> None:
    await place.ingest(workers=Site().workers())
    (place.folder / "short.md").rename(place.folder / "moved.md")
    long = place.folder / "long.md"
    long.write_text(long.read_text().replace("word7 is", "word7 was"))
    site = Site()
    report = await place.ingest(workers=site.workers())
    assert (report.added, report.updated, report.deleted) == (1, 1, 1)
    assert site.embedded == ["Long › Part 7\n\nword7 was the word"]
    assert place.texts()["moved.md"] == ["only this"]


async def test_an_unchanged_book_asks_for_no_worker(place: Workplace) -> None:
    await place.ingest(workers=Site().workers())
    site = Site()
    report = await place.ingest(workers=site.workers())
    assert (report.unchanged, report.book) == (2, None)
    assert site.made == []


async def test_what_workers_embedded_before_a_failure_is_not_embedded_again(
    place: Workplace,
) -> None:
    many = "".join(f"\n## More {n}\n\nmore{n}\n" for n in range(500))
    place.write(many=f"# Many\n{many}\n## End\n\nzebra\n")
    failing = Site(failing="zebra")
    with pytest.raises(ProxyError, match="the embedder is away"):
        await place.ingest(workers=failing.workers())
    assert place.writer.live("bk") is None
    noted = len(place.journal.vectors["bk"])
    assert noted == 120
    site = Site()
    await place.ingest(workers=site.workers())
    assert len(site.embedded) == 120 + 501 + 1 - noted


async def test_a_dry_run_embeds_nothing_anywhere(place: Workplace) -> None:
    site = Site()
    report = await place.ingest(workers=site.workers(), dry_run=True)
    assert site.made == []
    assert report.embedded_tokens > 120


async def test_files_that_are_no_pages_are_told_one_by_one(place: Workplace) -> None:
    place.write(draft="---\ndraft: true\n---\n# Draft\n\nnot yet\n")
    (place.folder / "broken.md").write_bytes(b"# Broken\n\n\0\n")
    results = [r async for r in Site().workers().pages(_files(place), _cutting(), frozenset())]
    assert [type(result) for result in results] == [Failure, Omission, Page, Page]
    report = await place.ingest(workers=Site().workers())
    assert [(Path(path).name, why) for path, why in report.failed] == [
        ("broken.md", "line 3 holds a NUL byte: this is no text file")
    ]
    assert [Path(path).name for path, _ in report.skipped] == ["draft.md"]
    assert report.added == 2


class Counting(HashEmbedder):
    """Counts the calls rather than the texts."""

    async def embed(
        self,
        texts: Sequence[str],
        *,
        role: TextRole,
        deadline: Deadline,
        dimensions: int | None = None,
        model: str | None = None,
    ) -> Embeddings:
        """Embed no empty list."""
        assert texts
        return await super().embed(
            texts, role=role, deadline=deadline, dimensions=dimensions, model=model
        )


async def test_a_part_of_known_texts_is_not_sent_to_the_model(place: Workplace) -> None:
    workers = Workers(OneMachine(), None, Counting)
    first = [page async for page in workers.pages(_files(place), _cutting(), frozenset())]
    known = {name for page in first if isinstance(page, Page) for name in page.vectors}
    again = [page async for page in workers.pages(_files(place), _cutting(), frozenset(known))]
    assert [page.vectors for page in again if isinstance(page, Page)] == [{}, {}]
