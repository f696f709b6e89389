"""Station 2: a question to the passages that go to the model, or the reason there are none.

find (`retrieval/finding.py`) → rerank, where a reranker is set up → read (`retrieval/reading.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.corpus import Book, Passage
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest, ProxyError, RetrievalUnavailable
from proxy.ports import BookIndex, Embedder, Reranker
from proxy.protocol.rag_options import RagOptions
from proxy.rag.retrieval.asking import asked_for, checked_scope, wanted_books
from proxy.rag.retrieval.finding import Asked, Finder, Found
from proxy.rag.retrieval.fusion import Candidate
from proxy.rag.retrieval.reading import read_passages
from proxy.rag.retrieval.reranking import reranked
from proxy.rag.retrieval.trace import Trace
from proxy.rag.turn import Retrieved
from proxy.settings import EmbeddingSettings, RagSettings, SearchMode

_MAX_NEARBY = 3
_BY_WORDS_ALONE = "sparse-only"
"""The reason of a search whose question could not be embedded."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search by itself found."""

    passages: tuple[Passage, ...]
    """Best first, as they were found: no floor, no neighbours."""
    trace: Trace


class Retriever:
    """Searches the books as the settings and the request's options say.

    `reranker` None: the order is that of the search.
    """

    def __init__(
        self,
        embedder: Embedder,
        index: BookIndex,
        rag: RagSettings,
        embedding: EmbeddingSettings,
        reranker: Reranker | None = None,
    ) -> None:
        self._index = index
        self._rag = rag
        self._finder = Finder(embedder, index, rag, embedding.query_timeout_s)
        self._reranker = reranker

    async def retrieve(
        self,
        query: str,
        options: RagOptions,
        deadline: Deadline,
        *,
        mode: SearchMode | None = None,
    ) -> Retrieved:
        """Return the passages for `query`; `mode` None: each book's own.

        A failing search is a policy, not an accident: `degrade` returns the status `degraded`, or
        what words alone find, with `is_by_words_alone`.

        Raises:
            InvalidRequest: a book was named that is not there, or a scope needs a page.
            RetrievalUnavailable: searching failed and the policy is `fail`.
        """
        if not options.enabled:
            return Retrieved("off", query)
        if not query:
            return Retrieved("no-match", query, reason="no-question")
        checked_scope(options)
        try:
            known = await self._index.books()
            missing = sorted(set(options.books or ()) - {book.book_id for book in known})
            if known and not missing:
                books = wanted_books(known, options)
                return await self._searched(query, books, options, deadline, mode)
        except ProxyError as exc:
            return self._without_book(query, exc)
        if missing:
            raise InvalidRequest(
                f"There is no book '{missing[0]}'.", param="rag.books", code="book_not_found"
            )
        return Retrieved("no-match", query, reason="no-books")

    async def search(
        self, query: str, books: Sequence[Book], top_k: int, deadline: Deadline
    ) -> Search:
        """Return the `top_k` best passages of some books, whatever their score.

        Raises:
            ProxyError: embedding or searching failed or took too long.
        """
        trace = Trace(is_kept=True)
        candidates = (await self._found(Asked(query, books), deadline, trace)).candidates[:top_k]
        with trace.timed("read"):
            ids = [c.chunk_id for c in candidates]
            found_in = {c.book for c in candidates}
            chunks = await self._index.read(ids, deadline=deadline, books=found_in)
        there = (c for c in candidates if c.chunk_id in chunks)
        return Search(tuple(Passage(chunks[c.chunk_id], c.score) for c in there), trace)

    async def rank(
        self, query: str, books: Sequence[Book], deadline: Deadline
    ) -> Sequence[Candidate]:
        """Return all candidates, best first and unread: what an evaluation counts.

        Raises:
            ProxyError: embedding or searching failed or took too long.
        """
        return (await self._found(Asked(query, books), deadline, Trace(is_kept=False))).candidates

    def _without_book(self, query: str, failure: ProxyError) -> Retrieved:
        if self._rag.when_unavailable == "fail":
            raise RetrievalUnavailable(
                "The book cannot be searched right now.", retry_after_s=2
            ) from failure
        return Retrieved("degraded", query, reason=failure.code.replace("_", "-"))

    async def _searched(
        self,
        query: str,
        books: Sequence[Book],
        options: RagOptions,
        deadline: Deadline,
        mode: SearchMode | None,
    ) -> Retrieved:
        trace = Trace(is_kept=options.explain)
        top_k = options.top_k or self._rag.top_k
        least = options.min_score if options.min_score is not None else self._rag.min_score
        asked = asked_for(query, books, options, top_k, mode)
        found = await self._found(asked, deadline, trace)
        candidates = _relevant(found, least, trace)
        reason: str | None = None
        if candidates and self._reranker is not None:
            candidates, reason = await reranked(
                self._reranker, self._index, query, candidates, deadline=deadline, trace=trace
            )
        passages = await read_passages(
            self._index,
            candidates or _one_a_page(found.candidates)[:_MAX_NEARBY],
            top_k=top_k,
            max_tokens=self._rag.max_context_tokens,
            deadline=deadline,
            trace=trace,
        )
        explain = trace.as_json() if options.explain else None
        if found.is_by_words_alone:
            reason = _BY_WORDS_ALONE
        if not candidates:
            passages, nearby, reason = (), passages, reason or "below-threshold"
        else:
            nearby = ()
        return Retrieved(
            "grounded" if candidates else "no-match",
            query,
            passages,
            reason,
            nearby=nearby,
            explain=explain,
            is_by_words_alone=found.is_by_words_alone,
        )

    async def _found(self, asked: Asked, deadline: Deadline, trace: Trace) -> Found:
        """Return the candidates; books that are all filtered away have none."""
        return await self._finder.find(asked, deadline, trace) if asked.books else Found()


def _one_a_page(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the best candidate of each page, best first."""
    pages: dict[tuple[str, str], Candidate] = {}
    for candidate in candidates:
        pages.setdefault((candidate.book, candidate.document_id), candidate)
    return list(pages.values())


def _relevant(found: Found, least: float | None, trace: Trace) -> Sequence[Candidate]:
    """Return the candidates that the model may see.

    `least` None: all, if the best of them is a match.
    """
    if least is None:
        trace.note(floor=found.least)
        return found.candidates if found.is_match else ()
    trace.note(floor=least)
    for candidate in found.candidates:
        if candidate.score < least:
            trace.drop(candidate.chunk_id, "scores below the floor")
    return [candidate for candidate in found.candidates if candidate.score >= least]
