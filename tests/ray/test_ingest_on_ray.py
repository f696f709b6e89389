"""An ingest on Ray ends in the index that one machine makes, workers lost or not."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from proxy.adapters.local.embedder import DIMENSIONS, MODEL
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.ray.engine import RayEngine
from proxy.adapters.vector_journal import SqliteVectorJournal
from proxy.ingest.pipeline import ingest
from proxy.ingest.report import IngestReport, Progress
from proxy.ingest.workers import Workers
from tests.support.environment import clean_environment
from tests.support.hash_embedder import HashEmbedder
from tests.support.killed_ingests import BOOK, IDENTITY, index_of
from tests.support.mortal_workers import Reaper, mortal_workers
from tests.support.serving import REPOSITORY

_PAGES = 40
_SECTIONS = 25
_LIMIT_S = 300.0


def _write(folder: Path) -> Path:
    """Write pages of many sections, a long one, and three that are none."""
    folder.mkdir()
    for page in range(_PAGES):
        (folder / f"{page:03}.md").write_text(_page(f"page {page} ", _SECTIONS))
    (folder / "long.md").write_text(_page("the long one ", 300))
    (folder / "broken.md").write_bytes(b"# Broken\n\n\0\n")
    (folder / "latin.md").write_bytes("# Café\n".encode("latin-1"))
    (folder / "draft.md").write_text("---\ndraft: true\n---\n# Draft\n\nnot yet\n")
    return folder


def _page(name: str, sections: int) -> str:
    parts = (
        f"## {name}{n}\n\nSection {n} of {name}tells of {_words(n)}.\n" for n in range(sections)
    )
    return f"# {name}\n\n" + "\n".join(parts)


def _words(number: int) -> str:
    return " and ".join(f"word{number}-{n}" for n in range(25))


async def _ingest(
    folder: Path, root: Path, workers: Workers | None, progress: Progress
) -> tuple[IngestReport, HashEmbedder]:
    embedder = HashEmbedder()
    report = await ingest(
        [folder],
        book_id=BOOK,
        title="Book",
        base_url="https://b.example",
        edition=None,
        writer=EmbeddedIndexWriter(root, IDENTITY),
        embedder=embedder,
        journal=SqliteVectorJournal(root / "embedded"),
        progress=progress,
        workers=workers,
    )
    return report, embedder


async def test_workers_that_are_killed_change_nothing(
    ray_engine: RayEngine, tmp_path: Path
) -> None:
    book, deaths = _write(tmp_path / "book"), tmp_path / "deaths"
    deaths.mkdir()
    plain, _ = await _ingest(book, tmp_path / "one", None, Reaper(deaths))
    reaper = Reaper(deaths)
    report, embedder = await _ingest(
        book, tmp_path / "ray", mortal_workers(ray_engine, deaths), reaper
    )
    assert (deaths / "cut").exists()
    assert reaper.killed is not None
    assert embedder.embedded == []
    assert index_of(tmp_path / "ray") == index_of(tmp_path / "one")
    assert report.summary().keys() == plain.summary().keys()
    for name in ("added", "chunks", "failures", "skipped"):
        assert report.summary()[name] == plain.summary()[name]
    assert [(Path(path).name, why) for path, why in report.failed] == [
        ("broken.md", "line 3 holds a NUL byte: this is no text file"),
        ("latin.md", "line 1 is not UTF-8 text"),
    ]


def _run(book: Path, home: Path, *args: str) -> "tuple[dict[str, Any], str]":
    done = subprocess.run(
        [sys.executable, "-m", "proxy", "ingest", str(book), "--book", BOOK, "--json", *args],
        cwd=REPOSITORY,
        env=clean_environment(
            {"PROXY_DATA_DIR": str(home), "PROXY_RAY_CPUS": "3", "LOG_FORMAT": "json"}
        ),
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert done.returncode == 1, done.stderr  # two files are broken
    return json.loads(done.stdout), done.stderr


def test_the_command_makes_the_same_book_with_either_engine(tmp_path: Path) -> None:
    book = _write(tmp_path / "book")
    identity = IndexIdentity(MODEL, DIMENSIONS)
    place = identity.collection("books")

    def both(*args: str) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        for engine in ("threads", "ray"):
            report, _ = _run(book, tmp_path / engine, "--engine", engine, *args)
            told.append({name: report[name] for name in report.keys() - {"seconds", "edition"}})
        return told

    def made(engine: str) -> dict[str, Any]:
        return index_of(tmp_path / engine / "index" / place, identity)

    one, ray = both()
    assert ray == one
    assert one["added"] == _PAGES + 1
    assert made("ray") == made("threads")
    (book / "007.md").write_text(_page("page 7 ", _SECTIONS) + "\n## New\n\nA new section.\n")
    (book / "008.md").unlink()
    one, ray = both()
    assert ray == one
    assert (one["updated"], one["deleted"], one["embedded_tokens"] < 20) == (1, 1, True)
    assert made("ray") == made("threads")
