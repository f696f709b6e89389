"""Passages as authors see them: in answers of the API, and in the log of questions."""

from typing import Any

from proxy.corpus import Chunk, Passage
from proxy.limits.gate import Use
from proxy.rag.pipeline import Answer
from proxy.rag.sources import SourceLinks, title_of
from proxy.store import SeenPassage


def passage_object(passage: Passage, links: SourceLinks) -> dict[str, Any]:
    """Return a passage as the command line and the API show it."""
    chunk = passage.chunk
    return {
        "chunk_id": chunk.chunk_id,
        **place_object(chunk, links),
        "heading_path": list(chunk.heading_path),
        "position": chunk.position,
        "start_char": chunk.start_char,
        "end_char": chunk.end_char,
        "text": chunk.text,
        "score": round(passage.score, 4),
    }


def place_object(chunk: Chunk, links: SourceLinks) -> dict[str, Any]:
    """Return where a chunk stands."""
    return {
        "book": chunk.book,
        "title": title_of(chunk),
        "url": links.url(chunk),
        "filepath": chunk.document_id,
    }


def note_lookup(use: Use, answer: Answer, links: SourceLinks) -> None:
    """Let the log of questions know what the book had; where none is kept, that is all.

    What a reader selected is in no book's account, and keeps its number.
    """
    if use.noted is None:
        return
    retrieved = answer.retrieved
    numbered = enumerate(retrieved.passages or retrieved.nearby, start=1)
    seen = {
        number: SeenPassage(
            passage.chunk.book, title_of(passage.chunk), links.url(passage.chunk), is_cited=False
        )
        for number, passage in numbered
        if not passage.chunk.is_selection
    }
    use.noted.looked_up(answer.rag_status, retrieved.query, seen)
