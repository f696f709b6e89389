"""A folder full of files that are bad: a line for each, and the good ones are in the book."""

import resource
import time
from pathlib import Path

import pytest

from tests.support.archives import archive, epub
from tests.support.pdf import Text, pdf
from tests.support.workplace import Workplace

_GOOD = "# Good\n\nThe good page.\n"
_PDF = pdf([[Text("A good page of a PDF.")]])


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


async def test_every_bad_file_gets_one_line_and_the_others_are_ingested(place: Workplace) -> None:
    bad: dict[str, tuple[bytes, str]] = {
        "binary.md": (b"text\0text", "line 1 holds a NUL byte"),
        "latin.md": ("caf\xe9".encode("latin-1"), "line 1 is not UTF-8"),
        "latin.html": (b"<p>caf\xe9", "is not UTF-8"),
        "deep.html": (b"<div>" * 500_000, "more than 1000 deep"),
        "matter.md": (b"---\na: [\n---\n", "front matter is not valid YAML"),
        "broken.pdf": (_PDF[:100], "is damaged"),
        "no.pdf": (b"\x89PNG", "is damaged"),
        "scan.pdf": (pdf([[]]), "holds no text"),
        "broken.epub": (epub({"a.xhtml": "<p>x"})[:-60], "is no ZIP archive"),
        "bomb.docx": (archive({"[Content_Types].xml": bytes(201 * 1024**2)}), "unpacks to more"),
        "no.docx": (b"text", "is no Word document"),
        "no.ipynb": (b"{", "is no notebook"),
        "matter-bomb.md": (b"---\n" + b"[" * 100_000 + b"\n---\n", "front matter is nested"),
    }
    skipped = {"empty.md": b"", "empty.txt": b"\n", "empty.html": b"<html></html>"}
    good = {
        "a.md": _GOOD.encode(),
        "b.pdf": _PDF,
        "c.epub": epub({"p.xhtml": "<h1>E</h1><p>e</p>"}),
    }
    for name, data in {**{n: d for n, (d, _) in bad.items()}, **skipped, **good}.items():
        (place.folder / name).write_bytes(data)
    with (place.folder / "huge.md").open("wb") as file:
        file.truncate(200 * 1024**2)
    (place.folder / "out.md").symlink_to("/etc/hostname")
    report = await place.ingest()
    reasons = {path.rpartition("/")[2]: reason for path, reason in report.failed}
    assert set(reasons) == {*bad, "huge.md"}
    for name, (_, reason) in bad.items():
        assert reason in reasons[name], name
        assert "\n" not in reasons[name]
    assert "larger than 10 MB" in reasons["huge.md"]
    assert report.added == len(good)
    notes = {Path(path).name: note for path, note in report.skipped}
    assert set(notes) == {*skipped, "out.md"}
    assert notes["out.md"] == "a link that leads out of the folder"
    assert set(place.texts()) == {"a.md", "b.pdf", "c.epub/OPS/p.xhtml"}


async def test_an_epub_whose_page_is_a_bomb_keeps_its_other_pages(place: Workplace) -> None:
    pages = {"a.xhtml": "<p>good</p>", "bomb.xhtml": b"\n" * 50 * 1024**2}
    (place.folder / "b.epub").write_bytes(epub(pages))
    report = await place.ingest()
    assert report.added == 1
    ((path, reason),) = report.failed
    assert path.endswith("b.epub/OPS/bomb.xhtml")
    assert "larger than 10 MB unpacked" in reason


@pytest.mark.parametrize(
    "text",
    [
        "line\n" * 1_000_000,
        "> " * 20_000 + "x",
        "- " * 20_000 + "x",
        "[" * 50_000,
        "*a " * 50_000,
        "`" * 50_000,
        "<" * 50_000,
        "{" * 50_000,
        "| a " * 20_000 + "\n" + "| - " * 20_000,
        "#" * 50_000 + "\n" + "# a\n" * 20_000,
        "![](" * 20_000,
        "<a b='" * 20_000,
        "1. a\n   " * 20_000,
        ":::note\n" * 20_000,
    ],
    ids=lambda text: repr(text[:6]),
)
async def test_pathological_markdown_takes_bounded_time(place: Workplace, text: str) -> None:
    place.write(bad=text, good=_GOOD)
    began_s = time.process_time()
    report = await place.ingest()
    assert time.process_time() - began_s < 60
    assert report.failed == []
    assert "good.md" in place.texts()


async def test_memory_does_not_grow_with_the_book(place: Workplace) -> None:
    for number in range(12):
        (place.folder / f"{number}.md").write_text("A line of the book.\n\n" * 15_000)
    await place.ingest(place.folder / "0.md", dry_run=True)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = await place.ingest(dry_run=True)
    assert report.added == 12
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 40_000
