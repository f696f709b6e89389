"""What an ingest does that names less than its author may have meant."""

from pathlib import Path

import pytest

from tests.support.workplace import Workplace

SITE = "https://book.example"


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    place.write(a="# A\n\none\n", b="# B\n\ntwo\n", c="# C\n\nthree\n")
    return place


async def test_a_book_keeps_its_base_url_until_it_gets_another(place: Workplace) -> None:
    await place.ingest(base_url=SITE)
    again = await place.ingest()
    assert (again.unchanged, again.updated, again.base_url) == (3, 0, SITE)
    moved = await place.ingest(base_url="https://new.example")
    assert (moved.updated, moved.base_url) == (3, "https://new.example")


async def test_a_blank_base_url_takes_it_away(place: Workplace) -> None:
    await place.ingest(base_url=SITE)
    report = await place.ingest(base_url="none")
    live = place.writer.live("bk")
    assert live
    assert (report.base_url, live.book.base_url) == (None, None)


@pytest.mark.parametrize("dry_run", [True, False])
async def test_before_most_of_a_book_goes_its_author_is_told(
    place: Workplace, *, dry_run: bool
) -> None:
    await place.ingest()
    report = await place.ingest(place.folder / "a.md", dry_run=dry_run)
    assert report.deleted == 2
    (notice,) = report.notices
    assert notice.startswith("2 of the 3 documents of 'bk' are not among the sources")
    assert "book-proxy books rollback bk" in notice
    assert place.progress.notices == [notice]
    assert report.summary()["notices"] == [notice]


async def test_a_page_that_goes_is_nothing_to_speak_of(place: Workplace) -> None:
    await place.ingest()
    (place.folder / "c.md").unlink()
    report = await place.ingest()
    assert (report.deleted, report.notices) == (1, [])


async def test_where_nothing_can_be_read_nothing_goes_and_nothing_is_told(
    place: Workplace, tmp_path: Path
) -> None:
    await place.ingest()
    empty = tmp_path / "empty"
    empty.mkdir()
    report = await place.ingest(empty)
    assert (report.deleted, report.notices) == (0, [])


async def test_taking_pages_out_by_their_names_is_meant(place: Workplace, tmp_path: Path) -> None:
    await place.ingest()
    empty = tmp_path / "empty"
    empty.mkdir()
    report = await place.ingest(empty, within=["a.md", "b.md"])
    assert (report.deleted, report.notices) == (2, [])
