"""`python -m bench.ingest_embedding [FOLDER]`: a whole ingest beside the bare embedding model.

Bare is the bundled model reading the texts of the same chunks in the same run, a thread per core,
and nothing else. Rounds are interleaved; CPU is what both are held to, for other programs bend wall
clocks. Exit code 1 below the floor.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from proxy.adapters.local.embedder import MAX_TOKENS, WEIGHTS, LocalEmbedder
from proxy.adapters.local.session import Encoder
from proxy.adapters.qdrant.embedded_writer import EmbeddedIndexWriter
from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.vector_journal import SqliteVectorJournal
from proxy.corpus import Document
from proxy.ingest.chunker import chunk_document
from proxy.ingest.loaders.base import Source
from proxy.ingest.loaders.registry import format_of
from proxy.ingest.loaders.sources import expand
from proxy.ingest.pipeline import ingest

_ROUNDS: Final = 3
_FLOOR: Final = 0.85
"""Of the bare model's chunks per second."""


class _Silent:
    """Implements `ingest.report.Progress`."""

    def stage(self, name: str, total: int) -> None:
        """Do nothing."""

    def advance(self, steps: int, /) -> None:
        """Do nothing."""

    def notice(self, text: str, /) -> None:
        """Do nothing."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest_embedding", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs"))
    folder: Path = parser.parse_args(argv).folder
    embedder = LocalEmbedder()
    try:
        texts = _texts(folder, embedder)
        model = Encoder(WEIGHTS / "model.onnx")
        tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        rounds = [
            (
                _timed(lambda: _bare(texts, model, tokenizer)),
                _timed(lambda: _whole(folder, embedder)),
            )
            for _ in range(_ROUNDS)
        ]
    finally:
        embedder.close()
    for place, unit in ((0, "s"), (1, "s of CPU")):
        bare = statistics.median(round_[0][place] for round_ in rounds)
        whole = statistics.median(round_[1][place] for round_ in rounds)
        print(f"{len(texts)} chunks: bare {bare:.2f} {unit}, ingest {whole:.2f} {unit}", end="")
        print(f": {bare / whole:.2f} of the bare model's speed")
    ratio = statistics.median(bare[1] / whole[1] for bare, whole in rounds)
    print(f"in CPU {ratio:.2f} (at least {_FLOOR})")
    return 0 if ratio >= _FLOOR else 1


def _texts(folder: Path, embedder: LocalEmbedder) -> list[str]:
    """Return what an ingest of the folder embeds, each text once."""
    found: dict[str, None] = {}
    for file in expand([folder]).files:
        known = format_of(file.document_id)
        document = known.load(Source(file.document_id, file.read(), file.beside))
        if isinstance(document, Document):
            chunks = chunk_document(
                document, book="b", base_url=None, count_tokens=embedder.count_tokens
            )
            found.update((chunk.indexed_text, None) for chunk in chunks)
    return list(found)


def _bare(texts: Sequence[str], model: Encoder, tokenizer: Tokenizer) -> None:
    def read(text: str) -> None:
        ids = tokenizer.encode(text).ids
        model.run(ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(read, texts):
            pass


def _whole(folder: Path, embedder: LocalEmbedder) -> None:
    with tempfile.TemporaryDirectory(prefix="book-proxy-bench-") as place:
        writer = EmbeddedIndexWriter(
            Path(place), IndexIdentity(embedder.model, embedder.dimensions)
        )
        report = asyncio.run(
            ingest(
                [folder],
                book_id="bench",
                title=None,
                base_url=None,
                edition=None,
                writer=writer,
                embedder=embedder,
                journal=SqliteVectorJournal(Path(place) / "embedded"),
                progress=_Silent(),
            )
        )
    if report.book is None:
        raise SystemExit(f"{folder} holds no pages")


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds that `work` took, on the wall's clock and of the CPU."""
    began_s, cpu_began_s = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - began_s, time.process_time() - cpu_began_s


if __name__ == "__main__":
    sys.exit(main())
