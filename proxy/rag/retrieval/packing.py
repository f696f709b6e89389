"""Passages into a budget of tokens: best first, then in reading order within a page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.corpus import Passage
from proxy.rag.budget import tokens_in
from proxy.rag.retrieval.expansion import Reading


@dataclass(frozen=True, slots=True)
class Packed:
    """What goes to the model, and what did not fit."""

    passages: tuple[Passage, ...]
    """Page by page, the page with the best passage first; within a page in reading order."""
    left_out: tuple[str, ...]
    """Ids of chunks that would have exceeded the budget."""


def packed(readings: Sequence[Reading], *, top_k: int, max_tokens: int) -> Packed:
    """Return at most `top_k` passages of at most `max_tokens` in all; `readings` best first.

    What is too large with its neighbours goes without them; what is too large alone is left out,
    and smaller ones behind it still fit.
    """
    kept: list[Passage] = []
    left_out: list[str] = []
    room = max_tokens
    for reading in readings:
        if len(kept) == top_k:
            break
        fitting = (c for c in (reading.chunk, reading.found) if tokens_in(c.text) <= room)
        chunk = next(fitting, None)
        if chunk is None:
            left_out.append(reading.found.chunk_id)
            continue
        room -= tokens_in(chunk.text)
        kept.append(Passage(chunk, reading.score))
    return Packed(tuple(_in_reading_order(kept)), tuple(left_out))


def _in_reading_order(passages: Sequence[Passage]) -> list[Passage]:
    pages: dict[tuple[str, str], list[Passage]] = {}
    for passage in passages:
        page = (passage.chunk.book, passage.chunk.document_id)
        pages.setdefault(page, []).append(passage)
    return [p for page in pages.values() for p in sorted(page, key=lambda p: p.chunk.position)]
