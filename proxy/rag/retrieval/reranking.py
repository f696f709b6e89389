"""A better order of the best candidates, from who reads them; the search's order where that fails.

Called by `retrieve.py`, where a reranker is set up.
"""

from collections.abc import Sequence

from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.ports import BookIndex, Reranker
from proxy.rag.retrieval.fusion import Candidate
from proxy.rag.retrieval.trace import Trace

READ = 20
"""Candidates that are read at most."""


async def reranked(
    reranker: Reranker,
    index: BookIndex,
    question: str,
    candidates: Sequence[Candidate],
    *,
    deadline: Deadline,
    trace: Trace,
) -> tuple[Sequence[Candidate], str | None]:
    """Return the candidates in the reranker's order, and why it is not: None, or a word for it.

    Scores stay with their places, so that they still fall.

    Raises:
        ProxyError: the index failed.
    """
    first, rest = candidates[:READ], candidates[READ:]
    with trace.timed("rerank"):
        ids, books = [c.chunk_id for c in first], {c.book for c in first}
        chunks = await index.read(ids, deadline=deadline, books=books)
        there = [c for c in first if c.chunk_id in chunks]
        texts = [chunks[c.chunk_id].indexed_text for c in there]
        try:
            order = await reranker.order(question, texts, deadline=deadline)
        except ProxyError as exc:
            trace.note(rerank=f"failed: {exc.code}")
            return candidates, "not-reranked"
    places = list(dict.fromkeys(n for n in order if 0 <= n < len(there)))
    places += [n for n in range(len(there)) if n not in places]
    best = [there[n]._replace(score=place.score) for n, place in zip(places, there, strict=True)]
    trace.ranked("reranked", "", best)
    return [*best, *rest], None
