"""Ingests that die (SIGKILL) when they touch the disk, each followed by another ingest.

`python -m tests.support.killed_ingests FOLDER STEP` prints one JSON object: the index before, the
one that an undisturbed ingest makes, and for every STEP-th moment what readers had after the kill
and what the next ingest made of it. A process of its own, because it forks: each ingest begins from
the same state.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from proxy.adapters.qdrant import payload as stored
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.layout import Layout
from proxy.adapters.qdrant.shard import Shard
from proxy.adapters.vector_journal import SqliteVectorJournal
from proxy.ingest.pipeline import ingest
from tests.support.hash_embedder import HashEmbedder

BOOK = "book"
IDENTITY = IndexIdentity("hashed-words", 64)
FIRST = {"a.md": "# A\n\none\n\n## Two\n\ntwo\n", "b.md": "# B\n\nthree\n", "c.md": "# C\n\nfour\n"}
SECOND = {
    "a.md": "# A\n\none\n\n## Two\n\nnew\n",
    "b.md": "# B\n\nthree\n",
    "d.md": "# D\n\nfive\n",
}
"""One page changed, one as it was, one gone, one new."""


class Silent:
    """Is told how far an ingest has come, and says nothing."""

    def stage(self, name: str, total: int) -> None:
        """Do nothing."""

    def advance(self, steps: int, /) -> None:
        """Do nothing."""

    def notice(self, text: str, /) -> None:
        """Do nothing."""


def write_book(folder: Path, pages: Mapping[str, str]) -> Path:
    """Make a folder hold these pages."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in pages.items():
        (folder / name).write_text(text)
    return folder


async def _ingest(root: Path, book: Path, edition: str) -> dict[str, Any]:
    embedder = HashEmbedder()
    report = await ingest(
        [book],
        book_id=BOOK,
        title="Book",
        base_url=None,
        edition=edition,
        writer=EmbeddedIndexWriter(root, IDENTITY),
        embedder=embedder,
        journal=SqliteVectorJournal(root / "embedded"),
        progress=Silent(),
    )
    return {"embedded": embedder.embedded, "chunks": report.chunks}


def index_of(root: Path, identity: IndexIdentity = IDENTITY) -> dict[str, Any]:
    """Return what readers find: every chunk of the live edition with its vector, and the manifest.

    Names of editions are left out: those are the only thing that may differ.
    """
    layout = Layout(root)
    live = layout.editions(BOOK).live
    if live is None:
        return {}
    manifest = layout.manifest(live)
    shard = Shard.load(layout.shard(live), identity.dimensions)
    found = {
        payload["chunk_id"]: [
            {key: value for key, value in payload.items() if key != stored.EDITION},
            [round(number, 5) for number in vector],
        ]
        for page in shard.matching(stored.DOCUMENT_ID, list(manifest.documents))
        for payload, vector in page
    }
    count = shard.count()
    shard.close()
    records = {name: [one.content_hash, one.chunks] for name, one in manifest.documents.items()}
    return {"chunks": found, "count": count, "documents": records, "title": live.title}


def _forked(work: Callable[[], Any], out: Path) -> bool:
    """Do `work` in a child, its result to `out` as JSON; False where it was killed."""
    pid = os.fork()
    if pid == 0:
        try:
            out.write_text(json.dumps(work()))
            os._exit(0)
        except BaseException as exc:  # noqa: BLE001 - reported below
            sys.stderr.write(f"{exc!r}\n")
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == 0, "the ingest failed"
    return True


def _dying_at(moment: int, root: Path) -> None:
    """Kill this process when it is about to touch a file below `root` for the `moment`-th time."""
    left = moment

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal left
        touches = event.startswith(("open", "os.", "shutil.", "sqlite3.")) or event == "fork"
        if touches and any(str(root) in str(arg) for arg in args):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _run(folder: Path, step: int) -> dict[str, Any]:
    root, start, out = folder / "index", folder / "start", folder / "out.json"
    first = write_book(folder / "first", FIRST)
    second = write_book(folder / "second", SECOND)

    def ingesting(book: Path, edition: str, moment: int | None = None) -> Callable[[], Any]:
        def work() -> Any:
            if moment is not None:
                _dying_at(moment, root)
            return asyncio.run(_ingest(root, book, edition))

        return work

    def seen() -> dict[str, Any]:
        assert _forked(lambda: index_of(root), out)
        return json.loads(out.read_text())

    def reset() -> None:
        shutil.rmtree(root, ignore_errors=True)
        if start.exists():
            shutil.copytree(start, root)

    assert _forked(ingesting(first, "e1"), out)
    before = seen()
    shutil.copytree(root, start)
    assert _forked(ingesting(second, "e2"), out)
    after = seen()
    moments: list[dict[str, Any]] = []
    moment = max(1, step // 2)
    while True:
        reset()
        if _forked(ingesting(second, "e2", moment), out):
            break
        left = seen()
        assert _forked(ingesting(second, "e3"), out)
        done = json.loads(out.read_text())
        editions = sorted(path.name for path in root.glob("books/*/editions/*"))
        trash = [path.name for path in (root / "books").iterdir() if path.name != BOOK]
        moments.append(
            {
                "left": "before" if left == before else "after" if left == after else left,
                "made": "after" if seen() == after else seen(),
                "embedded": done["embedded"],
                "editions": editions,
                "trash": trash,
            }
        )
        moment += step
    return {"before": before, "after": after, "moments": moments}


if __name__ == "__main__":
    print(json.dumps(_run(Path(sys.argv[1]), int(sys.argv[2]))))  # noqa: T201
