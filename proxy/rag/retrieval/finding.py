"""A question to candidates: embedded once, searched in one batch, fused, scope by scope.

Awaits nothing but ports. Called by `retrieve.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from proxy.corpus import Book
from proxy.deadline import Deadline
from proxy.errors import ProxyError
from proxy.lexical.bm25 import Lexicon
from proxy.ports import BookIndex, Embedder
from proxy.queries import FloatVector, Hit, IndexQuery, Where
from proxy.rag.retrieval.fusion import (
    Candidate,
    best_first,
    convex,
    on_scale,
    pooled,
    reciprocal_ranks,
    with_pages,
)
from proxy.rag.retrieval.match import MatchScale
from proxy.rag.retrieval.modes import CANDIDATES, Group, groups_of
from proxy.rag.retrieval.scope import Rung, ScopeName, ladder, open_page
from proxy.rag.retrieval.trace import Trace
from proxy.settings import RagSettings, SearchMode

_NO_MODES: Mapping[str, SearchMode] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, and where."""

    question: str
    books: Sequence[Book]
    """Live editions to search; at least one."""
    where: Where = field(default_factory=Where)
    """What the request filters by, the books aside."""
    page_url: str | None = None
    """The page that the reader has open."""
    widest: ScopeName = "book"
    few: int = 4
    """Candidates of a narrower scope that go before those of a wider one, at most."""
    mode: SearchMode | None = None
    """How all of the books are searched; None: as the settings say of each."""


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates, best first, with scores as `match.py` has them."""

    candidates: Sequence[Candidate] = ()
    is_match: bool = False
    """Whether the best is good enough that the book can be said to answer."""
    least: float = 0.0
    """The score that decided; where books are searched in several ways, the least of theirs."""
    is_by_words_alone: bool = False
    """Whether the question could not be embedded, and only its words were searched for."""


class Finder:
    """Finds candidates in the books."""

    def __init__(
        self, embedder: Embedder, index: BookIndex, rag: RagSettings, embed_timeout_s: float
    ) -> None:
        self._embedder = embedder
        self._index = index
        self._rag = rag
        self._embed_timeout_s = embed_timeout_s
        self._scale = MatchScale(embedder.relevance_floor)

    async def find(self, asked: Asked, deadline: Deadline, trace: Trace) -> Found:
        """Return the candidates for a question.

        One that cannot be embedded is searched for by its words, unless the policy is `fail` or
        the books have no words to be found by.

        Raises:
            ProxyError: embedding or searching failed or took too long.
        """
        with trace.timed("embed"):
            # One after the other: after an edition's first question its lexicon is at hand.
            lexicons = await self._lexicons(asked.books, deadline)
            vector = await self._vector(asked.question, deadline)
        modes = self._rag.book_search_modes if asked.mode is None else _NO_MODES
        default = asked.mode or self._rag.search_mode
        if isinstance(vector, ProxyError):
            groups = self._by_words(asked, lexicons, vector)
            trace.note(embedding=f"failed: {vector.code}")
        else:
            groups = groups_of(asked.question, asked.books, lexicons, modes, default)
        with trace.timed("search"):
            rungs = await self._rungs(asked, vector, deadline)
            if not rungs:
                return Found()
            near = None if isinstance(vector, ProxyError) else vector
            queries = [
                group.queries(near, rung.where, CANDIDATES) for rung in rungs for group in groups
            ]
            lists = await self._searched(queries, deadline)
        with trace.timed("fuse"):
            pairs = [(rung, group) for rung in rungs for group in groups]
            parts = [
                self._ranked(rung, group, hits, trace)
                for (rung, group), hits in zip(pairs, lists, strict=True)
            ]
            by_rung = [
                _merged(parts[start : start + len(groups)])
                for start in range(0, len(parts), len(groups))
            ]
            found = _climbed(by_rung, asked.few)
            if isinstance(vector, ProxyError):
                found = replace(found, is_by_words_alone=True)
        trace.note(scopes=[rung.name for rung in rungs], is_match=found.is_match)
        trace.ranked("chosen", rungs[-1].name, found.candidates)
        return found

    async def _vector(self, question: str, deadline: Deadline) -> FloatVector | ProxyError:
        """Return the question as a vector, or why there is none."""
        limit = Deadline.after(deadline.within(self._embed_timeout_s))
        try:
            embedded = await self._embedder.embed([question], role="query", deadline=limit)
        except ProxyError as exc:
            return exc
        return embedded.vectors[0]

    def _by_words(
        self, asked: Asked, lexicons: Mapping[str, Lexicon | None], failure: ProxyError
    ) -> list[Group]:
        """Return how the books are searched without a vector.

        Raises:
            ProxyError: `failure`, where they cannot be.
        """
        groups = groups_of(asked.question, asked.books, lexicons, {}, "bm25")
        groups = [group for group in groups if not group.by_meaning]
        if self._rag.when_unavailable == "fail" or not groups:
            raise failure
        return groups

    async def _lexicons(
        self, books: Sequence[Book], deadline: Deadline
    ) -> Mapping[str, Lexicon | None]:
        return {book.book_id: await self._index.lexicon(book, deadline=deadline) for book in books}

    async def _rungs(
        self, asked: Asked, vector: FloatVector | ProxyError, deadline: Deadline
    ) -> list[Rung]:
        """Return the scopes; finding the open page takes a trip of its own, where there is one."""
        if asked.page_url is None or isinstance(vector, ProxyError):
            return ladder(asked.where, None, None, "book")
        page = open_page(asked.page_url, asked.books)
        ids = [book.book_id for book in asked.books]
        books = [i for i in page.where.books or ids if i in ids]
        where = replace(page.where, books=books)
        ((*hits,),) = await self._index.find([IndexQuery(vector, where, 1)], deadline=deadline)
        document_id = hits[0].document_id if hits else None
        return ladder(asked.where, page, document_id, asked.widest)

    async def _searched(
        self, queries: Sequence[Sequence[IndexQuery]], deadline: Deadline
    ) -> list[list[Sequence[Hit]]]:
        """Search for everything in one trip; return the lists grouped as the queries are."""
        flat = [query for some in queries for query in some]
        lists = iter(await self._index.find(flat, deadline=deadline))
        return [[next(lists) for _ in some] for some in queries]

    def _ranked(
        self, rung: Rung, group: Group, lists: Sequence[Sequence[Hit]], trace: Trace
    ) -> Found:
        """Return one group's candidates in one scope."""
        remaining = iter(lists)
        meaning = next(remaining) if group.by_meaning else None
        terms = next(remaining, ())
        pool = pooled(meaning or (), terms)
        fused = reciprocal_ranks(pool) if group.mode == "rrf" else convex(pool, CANDIDATES)
        if trace.is_kept:
            if meaning is not None:
                trace.found("meaning", rung.name, meaning)
            if group.terms is not None:
                trace.found("terms", rung.name, terms)
            trace.ranked("fused", rung.name, best_first(pool, fused))
        match = self._scale.match(meaning, terms, group.terms)
        least = self._scale.least(by_meaning=meaning is not None, by_terms=group.terms is not None)
        scores = with_pages(pool, fused)
        candidates = best_first(pool, scores, on_scale(scores, match))
        return Found(candidates, bool(candidates) and match >= least, least)


def _merged(parts: Sequence[Found]) -> Found:
    """Return what all groups found in one scope."""
    if len(parts) == 1:
        return parts[0]
    candidates = [candidate for part in parts for candidate in part.candidates]
    ordered = sorted(candidates, key=lambda c: (-c.score, c.chunk_id))
    is_match = any(part.is_match for part in parts)
    return Found(tuple(ordered), is_match, min((part.least for part in parts), default=0.0))


def _climbed(rungs: Sequence[Found], few: int) -> Found:
    """Return what the scopes found, narrow to wide: the narrowest that answers goes first.

    No more than a `few` of it, so that a long page does not keep out the one that has the answer;
    what else it has comes in its place among the wider scope's.
    """
    if len(rungs) == 1:
        return rungs[0]
    *narrower, widest = rungs
    leading: dict[str, Candidate] = {}
    for rung in narrower:
        for candidate in rung.candidates[:few] if rung.is_match else ():
            if candidate.score >= rung.least:
                leading.setdefault(candidate.chunk_id, candidate)
    rest = [c for c in widest.candidates if c.chunk_id not in leading]
    is_match = any(rung.is_match for rung in rungs)
    return Found((*leading.values(), *rest), is_match, widest.least)
