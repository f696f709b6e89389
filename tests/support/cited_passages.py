"""Passages of books that are not ours, read where they are installed, for sentences that cite them.

A case names its book, a document in it and a few words of the passage. The text itself stays where
it is: in Python's own help, in the folder beside the checkout, in a package of Debian's.
"""

import gzip
import json
import re
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from pydoc_data.topics import topics
from typing import Final

from proxy.corpus import Chunk, Document
from proxy.ingest.chunker import chunk_document
from proxy.ingest.loaders.base import Source
from proxy.ingest.loaders.registry import format_of
from proxy.ingest.loaders.sources import expand
from tests.support.builders import make_chunk
from tests.support.debian import unpacked

SHARED: Final = Path(__file__).parents[3] / "shared/data"
REACT_NATIVE: Final = SHARED / "react-native-docs-mdx/docs"
_PASSAGE_CHARS: Final = 900
_SECTION_CHARS: Final = 9_000
_QUOTED: Final = re.compile(r'"([^"\n]+)"')


def passage_of(book: str, document: str, near: str) -> Chunk | None:
    """Return the passage that holds the words `near`; None where the book says it otherwise now."""
    if book == "python":
        chunks = _help_topic(document)
    elif book == "debian-reference":
        chunks = _debian_section(document)
    else:
        chunks = _chunks(REACT_NATIVE, document)
    found = _that_hold(near, chunks)
    return found[-1] if found else None


def debian_passage_of(package: str, file: str, near: str) -> Chunk | None:
    """Return the passage of a file in a package that holds the words `near`; None as above.

    Raises:
        NoPackage: there is no such package here.
    """
    place = unpacked(package)
    found = _that_hold(near, _chunks(place, file)) if (place / file).is_file() else []
    return found[0] if found else None


def _that_hold(near: str, chunks: Sequence[Chunk]) -> list[Chunk]:
    words = _one_run(near)
    return [chunk for chunk in chunks if words in _one_run(chunk.text)]


def _one_run(text: str) -> str:
    return " ".join(text.replace('"', "`").split())


@lru_cache
def _chunks(folder: Path, name: str) -> list[Chunk]:
    """Return a page's chunks as an ingest cuts them."""
    path = folder / name
    if path.suffix == ".gz":
        path = _uncompressed(path)
    (file,) = expand([path]).files
    document = format_of(file.document_id).load(Source(file.document_id, file.read(), file.beside))
    assert isinstance(document, Document)
    return _cut(document)


def _cut(document: Document) -> list[Chunk]:
    return chunk_document(
        document, book="bk", base_url=None, count_tokens=lambda text: len(text) // 4 + 1
    )


def _uncompressed(path: Path) -> Path:
    plain = path.with_suffix("")
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    return plain


@lru_cache
def _help_topic(name: str) -> list[Chunk]:
    """Return the passages of a topic of Python's help."""
    heading, _, body = topics[name].partition("\n")
    return _passages(("Python", heading), body)


@lru_cache
def _debian_section(heading: str) -> list[Chunk]:
    packed = unpacked("debian-reference-en").rglob("debian-reference.en.txt.gz")
    text = gzip.decompress(next(packed).read_bytes()).decode().replace("\u00a0", " ")
    body = text[text.rindex(f"\n{heading}\n") + len(heading) + 2 :]
    return _passages(("Debian Reference", heading), body[:_SECTION_CHARS])


def _passages(headings: tuple[str, str], body: str) -> list[Chunk]:
    """Return for every paragraph it and those that follow it."""
    paragraphs = [textwrap.dedent(text).strip() for text in re.split(r"\n\s*\n", body)]
    chunks: list[Chunk] = []
    for start in range(len(paragraphs)):
        end = start + 1
        while end < len(paragraphs) and sum(map(len, paragraphs[start:end])) < _PASSAGE_CHARS:
            end += 1
        text = "\n\n".join(paragraphs[start:end])
        chunks.append(make_chunk(_QUOTED.sub(r"`\1`", text), heading_path=headings))
    return chunks


def shared_passage_of(folder: str, document: str, near: str) -> Chunk | None:
    """Return the passage of a record in a corpus beside the checkout; None as above.

    Of a record without `near` all is one passage, as an abstract is.
    """
    title, text = _records(folder)[document]
    if not near:
        return make_chunk(text, heading_path=(title,))
    found = _that_hold(near, _chunks_of_text(document, text))
    return found[0] if found else None


@lru_cache
def _records(folder: str) -> dict[str, tuple[str, str]]:
    lines = (SHARED / folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return {r["_id"]: (r["title"], r["text"]) for r in map(json.loads, lines)}


@lru_cache
def _chunks_of_text(name: str, text: str) -> list[Chunk]:
    document = format_of(name).load(Source(name, text.encode()))
    assert isinstance(document, Document)
    return _cut(document)
