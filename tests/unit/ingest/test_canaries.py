"""Editions that are worse than the live one are not published."""

from pathlib import Path

import pytest

from proxy.corpus import DocumentRecord, Manifest
from proxy.ingest.canaries import Canaries, Canary, EditionRejected
from tests.support.hash_embedder import HashEmbedder
from tests.support.memory_index import MemoryIndexWriter
from tests.support.workplace import Workplace


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """An empty one."""
    return Workplace(tmp_path)


async def test_an_edition_of_another_recipe_is_asked_for_the_headings_of_the_live_one(
    place: Workplace,
) -> None:
    place.write(a="# Pumps\n\nprime\n", b="# Gauges\n\nread\n")
    await place.ingest(title="Old")
    assert place.embedder.questions == []
    await place.ingest(title="New")
    assert [sorted(asked) for asked in place.embedder.questions] == [["Gauges", "Pumps"]]


async def test_an_edition_that_finds_less_is_not_published(place: Workplace) -> None:
    pages = {f"page{n}": f"# Page {n}\n\nword{n}\n" for n in range(30)}
    place.write(**pages)
    await place.ingest()
    before = place.texts()
    place.write(**dict.fromkeys(pages, "# Same\n\nsame\n"))
    asked = [Canary(f"word{n}", f"page{n}.md") for n in range(30)]
    with pytest.raises(EditionRejected, match="it was not published"):
        await place.ingest(canaries=Canaries(asked))
    assert place.texts() == before
    report = await place.ingest(canaries=Canaries(asked, margin=1.0))
    assert report.updated == 30


async def test_questions_whose_page_is_in_one_edition_only_decide_nothing(
    place: Workplace,
) -> None:
    place.write(a="# A\n\none\n", b="# B\n\ntwo\n")
    await place.ingest(canaries=Canaries([Canary("one", "a.md")]))
    (place.folder / "a.md").unlink()
    report = await place.ingest(canaries=Canaries([Canary("one", "a.md"), Canary("?", "z.md")]))
    assert report.deleted == 1
    assert place.embedder.questions == []


async def test_an_edition_that_lost_chunks_is_not_published() -> None:
    writer = MemoryIndexWriter()
    async with writer.draft("bk", title="T", base_url=None, edition=None) as draft:
        manifest = Manifest("r", {"a.md": DocumentRecord("h", 2)})
        with pytest.raises(EditionRejected, match="0 of 2 chunks"):
            await Canaries().inspect(draft, manifest, None, HashEmbedder())
