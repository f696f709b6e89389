"""`python -m bench.ingest_scale [--large] [--only NAME]`: ingests of many pages within limits.

Every ingest is a process of its own with the bundled model, started as a user would, so that times
and peak memory are those of the command. The limit of time is on its CPU, which is its wall clock
where nobody else works. With `--large` the folder is a gigabyte, and that takes minutes. Exit code
1 beyond a limit.

A process's own memory is what the kernel calls anonymous. The rest of what is resident are pages of
files, the new index above all; the kernel takes them back where it needs the room.
"""

import argparse
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_UNCHANGED_S: Final = 2.0
_DRY_RUN_MB: Final = 600
_EMBEDDING_GROWTH: Final = 1.25
"""Of the peak when four times as much is embedded: what grows with a book are its names."""
_SAMPLED_EVERY_S: Final = 0.05
_WORDS: Final = ("pump", "valve", "gauge", "water", "pressure", "opens", "closes", "before", "the")
_PAGE_BYTES, _LARGE_PAGE_BYTES = 10_000, 8_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One ingest that has ended."""

    seconds: float
    cpu_s: float
    peak_mb: float
    """All that was resident."""
    own_peak_mb: float
    """Of it what is no page of a file."""
    own_embedding_peak_mb: float
    """The same until all is embedded and publishing begins."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest_scale", description=__doc__)
    parser.add_argument(
        "--large", action="store_true", help="a dry run of a gigabyte, not of 50 MB"
    )
    parser.add_argument("--only", choices=_MEASURES, help="one of the measurements")
    asked = parser.parse_args(argv)
    outcomes: list[bool] = []
    for name, measure in _MEASURES.items():
        if asked.only in {None, name}:
            with tempfile.TemporaryDirectory(prefix="book-proxy-bench-") as folder:
                line, holds = measure(Path(folder), is_large=asked.large)
            print(f"{'ok  ' if holds else 'FAIL'}  {name}: {line}", flush=True)
            outcomes.append(holds)
    return 0 if all(outcomes) else 1


def _unchanged(folder: Path, *, is_large: bool) -> tuple[str, bool]:
    del is_large
    _write(folder / "book", pages=1_000, page_bytes=1_000)
    _ingest(folder)
    best = min((_ingest(folder) for _ in range(3)), key=lambda run: run.cpu_s)
    line = f"1,000 pages in {best.seconds:.2f} s, {best.cpu_s:.2f} of CPU (at most {_UNCHANGED_S})"
    return line, best.cpu_s < _UNCHANGED_S


def _dry_run(folder: Path, *, is_large: bool) -> tuple[str, bool]:
    book, scale = folder / "book", 20 if is_large else 1
    _write(book / "small", pages=2_500 * scale, page_bytes=_PAGE_BYTES)
    _write(book / "large", pages=3 * scale, page_bytes=_LARGE_PAGE_BYTES)
    size_mb = sum(path.stat().st_size for path in book.rglob("*.md")) / 1e6
    run = _ingest(folder, "--dry-run")
    line = f"{size_mb:.0f} MB in {run.seconds:.0f} s, {run.peak_mb:.0f} MB (at most {_DRY_RUN_MB})"
    return line, run.peak_mb < _DRY_RUN_MB


def _embedding(folder: Path, *, is_large: bool) -> tuple[str, bool]:
    pages = 2_000 if is_large else 400
    runs: list[Run] = []
    for count in (pages // 4, pages):
        place = folder / str(count)
        _write(place / "book", pages=count, page_bytes=_PAGE_BYTES)
        runs.append(_ingest(place))
    quarter, whole = runs
    peaks = [
        f"{run.own_embedding_peak_mb:.0f} MB of its own while embedding,"
        f" {run.own_peak_mb:.0f} to the end, {run.peak_mb:.0f} with pages of files"
        for run in runs
    ]
    line = (
        f"{pages * _PAGE_BYTES / 1e6:.0f} MB: {peaks[1]}; a quarter of them: {peaks[0]}"
        f" (while embedding at most {_EMBEDDING_GROWTH} times)"
    )
    limit_mb = quarter.own_embedding_peak_mb * _EMBEDDING_GROWTH
    return line, whole.own_embedding_peak_mb < limit_mb


_MEASURES: Final[dict[str, Callable[..., tuple[str, bool]]]] = {
    "unchanged": _unchanged,
    "dry-run": _dry_run,
    "embedding": _embedding,
}


def _write(folder: Path, *, pages: int, page_bytes: int) -> None:
    """Write pages of words in sentences, paragraphs and sections, no two alike."""
    chance = random.Random(pages)  # noqa: S311 - no secret
    for number in range(pages):
        lines = [f"# Page {number}"]
        size = 0
        while size < page_bytes:
            sentences = (" ".join(chance.choices(_WORDS, k=12)).capitalize() for _ in range(6))
            lines.append(f"{'. '.join(sentences)} {chance.randrange(10**9)}.")
            size += len(lines[-1])
            if len(lines) % 8 == 0:
                lines.append(f"## Section {len(lines)}")
        path = folder / f"{number // 500:03}" / f"page-{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(lines) + "\n")


def _ingest(folder: Path, *options: str) -> Run:
    """Ingest `folder/book` into an index in `folder`, as the command does."""
    command = [sys.executable, "-m", "bench.ingest_scale", "--child", str(folder), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return Run(*map(float, done.stdout.split()))


def _child(folder: Path, options: Sequence[str]) -> None:
    """Run the command; print what `Run` holds of it."""
    command = [sys.executable, "-m", "proxy", "ingest", str(folder / "book"), "--book", "bench"]
    env = {"PROXY_DATA_DIR": str(folder / "data"), "EMBEDDER": "local", "PATH": ""}
    began_s = time.monotonic()
    own_mb = embedding_mb = 0.0
    with (folder / "said").open("w+") as said:
        running = subprocess.Popen([*command, *options], env=env, stdout=said, stderr=said)
        while running.poll() is None:
            own_mb = max(own_mb, _own_mb(running.pid))
            if "publish: " not in (folder / "said").read_text():
                embedding_mb = own_mb
            time.sleep(_SAMPLED_EVERY_S)
        seconds = time.monotonic() - began_s
        if running.returncode:
            said.seek(0)
            sys.exit(said.read())
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # of one child, the only one
    print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, own_mb, embedding_mb)


def _own_mb(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    found = re.search(r"^RssAnon:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0  # none: it has just ended


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(Path(sys.argv[2]), sys.argv[3:])
    else:
        sys.exit(main())
