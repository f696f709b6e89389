"""Candidates to passages: read, freed of repetitions, with their neighbours, within the budget.

Awaits nothing but the index. Called by `retrieve.py`.
"""

from collections.abc import Mapping, Sequence

from proxy.corpus import Chunk, Passage
from proxy.deadline import Deadline
from proxy.ports import BookIndex
from proxy.rag.retrieval.duplicates import SeenTexts
from proxy.rag.retrieval.expansion import expanded, neighbour_ids
from proxy.rag.retrieval.fusion import Candidate
from proxy.rag.retrieval.packing import packed
from proxy.rag.retrieval.trace import Trace

SPARE = 2
"""Chunks read at most per passage wanted: some are repetitions."""


async def read_passages(
    index: BookIndex,
    candidates: Sequence[Candidate],
    *,
    top_k: int,
    max_tokens: int,
    deadline: Deadline,
    trace: Trace,
) -> tuple[Passage, ...]:
    """Return what goes to the model, in the order it is read in; `candidates` best first.

    Raises:
        ProxyError: the index failed or the deadline passed.
    """
    with trace.timed("read"):
        wanted = candidates[: top_k * SPARE]
        books = {c.book for c in wanted}
        chunks: dict[str, Chunk] = {}
        found: list[tuple[Chunk, float]] = []
        seen = SeenTexts()
        # As many as are wanted, and the spare ones only where some of these say nothing new.
        for some in (wanted[:top_k], wanted[top_k:]):
            if some and len(found) < top_k:
                ids = [c.chunk_id for c in some]
                chunks.update(await index.read(ids, deadline=deadline, books=books))
            _add_unrepeated(found, seen, some, chunks, top_k, trace)
        around = {i for chunk, _ in found for i in neighbour_ids(chunk)}
        near = await index.read(around - chunks.keys(), deadline=deadline, books=books)
    with trace.timed("pack"):
        readings = expanded(found, {**chunks, **near})
        within = {part: reading.found.chunk_id for reading in readings for part in reading.parts}
        own = {reading.found.chunk_id for reading in readings}
        for chunk, _ in found:
            if chunk.chunk_id not in own:
                trace.drop(chunk.chunk_id, f"stands in the passage of {within[chunk.chunk_id]}")
        pack = packed(readings, top_k=top_k, max_tokens=max_tokens)
        for chunk_id in pack.left_out:
            trace.drop(chunk_id, "exceeds the token budget")
    return pack.passages


def _add_unrepeated(
    found: list[tuple[Chunk, float]],
    seen: SeenTexts,
    candidates: Sequence[Candidate],
    chunks: Mapping[str, Chunk],
    top_k: int,
    trace: Trace,
) -> None:
    """Add chunks that say something new, with their scores, until there are `top_k`."""
    for candidate in candidates:
        chunk = chunks.get(candidate.chunk_id)
        if len(found) == top_k:
            trace.drop(candidate.chunk_id, "is behind the passages wanted")
        elif chunk is None:  # its edition was replaced between the search and now
            trace.drop(candidate.chunk_id, "is no longer in the book")
        elif seen.is_repeated(chunk.text):
            trace.drop(candidate.chunk_id, "repeats a better passage")
        else:
            found.append((chunk, candidate.score))
