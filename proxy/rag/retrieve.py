"""Station 2: a question to the passages that go to the model, or the reason there are none."""

from collections.abc import Sequence

from proxy.corpus import Passage
from proxy.deadline import Deadline
from proxy.errors import InvalidRequest, ProxyError, RetrievalUnavailable
from proxy.ports import BookIndex, Embedder
from proxy.protocol.rag_options import RagOptions
from proxy.rag.turn import Retrieved
from proxy.settings import EmbeddingSettings, RagSettings

_CHARS_PER_TOKEN = 3
_MAX_NEARBY = 3
_SPARE_CANDIDATES = 2
"""Candidates asked for per passage wanted: some are duplicates or do not fit the budget."""


class Retriever:
    """Searches the books as the settings and the request's options say."""

    def __init__(
        self,
        embedder: Embedder,
        index: BookIndex,
        rag: RagSettings,
        embedding: EmbeddingSettings,
    ) -> None:
        self._embedder = embedder
        self._index = index
        self._rag = rag
        self._embed_timeout_s = embedding.query_timeout_s

    async def retrieve(self, query: str, options: RagOptions, deadline: Deadline) -> Retrieved:
        """Return the passages for `query`.

        A failing search is a policy, not an accident: `degrade` returns the status `degraded`.

        Raises:
            InvalidRequest: a book was named that is not there.
            RetrievalUnavailable: searching failed and the policy is `fail`.
        """
        if not options.enabled:
            return Retrieved("off", query)
        if not query:
            return Retrieved("no-match", query, reason="no-question")
        try:
            known = {book.book_id for book in await self._index.books()}
            missing = sorted(set(options.books or ()) - known)
            if known and not missing:
                return await self._search(query, options, deadline)
        except ProxyError as exc:
            return self._without_book(query, exc)
        if missing:
            raise InvalidRequest(
                f"There is no book '{missing[0]}'.", param="rag.books", code="book_not_found"
            )
        return Retrieved("no-match", query, reason="no-books")

    def _without_book(self, query: str, failure: ProxyError) -> Retrieved:
        if self._rag.when_unavailable == "fail":
            raise RetrievalUnavailable(
                "The book cannot be searched right now.", retry_after_s=2
            ) from failure
        return Retrieved("degraded", query, reason=failure.code.replace("_", "-"))

    async def _search(self, query: str, options: RagOptions, deadline: Deadline) -> Retrieved:
        top_k = options.top_k or self._rag.top_k
        embedded = await self._embedder.embed(
            [query], role="query", deadline=Deadline.after(deadline.within(self._embed_timeout_s))
        )
        found = await self._index.search(
            embedded.vectors[0],
            books=options.books,
            limit=top_k * _SPARE_CANDIDATES,
            deadline=deadline,
        )
        passages = self._select(found, top_k, self._floor(options))
        if not passages:
            return Retrieved("no-match", query, reason="below-threshold", nearby=_nearby(found))
        return Retrieved("grounded", query, passages)

    def _floor(self, options: RagOptions) -> float:
        for floor in (options.min_score, self._rag.min_score):
            if floor is not None:
                return floor
        return self._embedder.relevance_floor

    def _select(
        self, found: Sequence[Passage], top_k: int, min_score: float
    ) -> tuple[Passage, ...]:
        """Drop the irrelevant, the repeated and what exceeds the token budget; keep the order."""
        budget = self._rag.max_context_tokens
        seen: set[str] = set()
        kept: list[Passage] = []
        for passage in found:
            if passage.score < min_score or len(kept) == top_k:
                break
            if passage.chunk.text in seen:
                continue
            # An estimate on the safe side: exact counting holds the event loop for milliseconds.
            tokens = len(passage.chunk.text) // _CHARS_PER_TOKEN + 1
            if tokens <= budget:
                seen.add(passage.chunk.text)
                budget -= tokens
                kept.append(passage)
        return tuple(kept)


def _nearby(found: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return what comes closest, one passage a page."""
    pages = {passage.chunk.document_id: passage for passage in reversed(found)}
    return tuple(sorted(pages.values(), key=found.index)[:_MAX_NEARBY])
