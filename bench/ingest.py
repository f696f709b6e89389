"""`python -m bench.ingest [FOLDER]`: loading and chunking beside the bare Markdown parser.

Bare is markdown-it-py parsing the same texts in the same run. Rounds are interleaved, CPU time is
taken, medians are printed. Exit code 1 below the floor.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

from proxy.adapters.local.embedder import LocalEmbedder
from proxy.corpus import Document
from proxy.ingest.chunker import chunk_document
from proxy.ingest.linter import lint
from proxy.ingest.loaders.base import Source
from proxy.ingest.loaders.registry import format_of
from proxy.ingest.loaders.sources import expand

_ROUNDS: Final = 7
_FLOOR: Final = 0.6
"""Of the bare parser's speed."""
_MARKDOWN: Final = (".md", ".mdx", ".markdown")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs"))
    folder: Path = parser.parse_args(argv).folder
    sources = [
        Source(file.document_id, file.read(), file.beside)
        for file in expand([folder]).files
        if file.document_id.endswith(_MARKDOWN)
    ]
    embedder = LocalEmbedder()
    try:
        return _compare(sources, embedder.count_tokens)
    finally:
        embedder.close()


def _stages(
    sources: Sequence[Source], count_tokens: Callable[[str], int]
) -> dict[str, Callable[[], None]]:
    """Return what is measured, in the order in which it has to run."""
    texts = [source.data.decode() for source in sources]
    documents: list[Document] = []

    def bare() -> None:
        markdown = MarkdownIt("commonmark")
        for text in texts:
            markdown.parse(text)

    def load() -> None:
        loaded = [format_of(source.document_id).load(source) for source in sources]
        documents[:] = [document for document in loaded if isinstance(document, Document)]

    def check() -> None:
        for document in documents:
            lint(document)

    def chunk() -> None:
        for document in documents:
            chunk_document(document, book="b", base_url=None, count_tokens=count_tokens)

    return {"bare parser": bare, "loading": load, "linting": check, "chunking": chunk}


def _compare(sources: Sequence[Source], count_tokens: Callable[[str], int]) -> int:
    stages = _stages(sources, count_tokens)
    seconds: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(_ROUNDS):
        for name, stage in stages.items():
            began_s = time.process_time()
            stage()
            seconds[name].append(time.process_time() - began_s)
    size_mb = sum(len(source.data) for source in sources) / 1e6
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median_s in medians.items():
        print(f"{name:>12}  {median_s * 1000:7.0f} ms  {size_mb / median_s:6.1f} MB/s")
    ratio = medians["bare parser"] / (medians["loading"] + medians["chunking"])
    print(f"loading and chunking: {ratio:.2f} of the bare parser's speed (at least {_FLOOR})")
    return 0 if ratio >= _FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
