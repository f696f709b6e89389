"""Which books are searched together, and how: by meaning, by words, or both. Pure.

Books are searched together as far as they have the mode and the language in common, for then one
question has the same terms in all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proxy.corpus import Book
from proxy.lexical.bm25 import Lexicon, QuestionWeights, question_weights
from proxy.lexical.languages import DEFAULT_LANGUAGE
from proxy.lexical.questions import question_terms
from proxy.queries import FloatVector, IndexQuery, Where
from proxy.settings import SearchMode

CANDIDATES = 100
"""Of each list. On questions about three manuals and two sets of abstracts (`evaluation/README.md`)
50 found less, and 150 no more."""


@dataclass(frozen=True, slots=True)
class Group:
    """Books that are searched together."""

    mode: SearchMode
    books: tuple[str, ...]
    terms: QuestionWeights | None
    """None where words do not matter, or the books have none to be found by."""

    def queries(self, vector: FloatVector | None, where: Where, limit: int) -> list[IndexQuery]:
        """Return the searches of this group in one scope: by meaning, by words, or both.

        `vector` is of no matter to a group that is not searched by meaning.
        """
        narrowed = _within(where, self.books)
        by: list[FloatVector | Mapping[int, float]] = []
        if self.by_meaning and vector is not None:
            by.append(vector)
        if self.terms is not None:
            by.append(self.terms.weights)
        return [IndexQuery(one, narrowed, limit) for one in by]

    @property
    def by_meaning(self) -> bool:
        """Whether the group is searched by meaning."""
        return self.mode != "bm25" or self.terms is None


def groups_of(
    question: str,
    books: Sequence[Book],
    lexicons: Mapping[str, Lexicon | None],
    mode_of: Mapping[str, SearchMode],
    default: SearchMode,
) -> list[Group]:
    """Return how the books are searched; `lexicons` and `mode_of` are by book id."""
    together: dict[tuple[SearchMode, str, bool], list[str]] = {}
    for book in books:
        mode = mode_of.get(book.book_id, default)
        has_terms = mode != "dense" and lexicons.get(book.book_id) is not None
        language = book.language if has_terms else ""
        together.setdefault((mode, language, has_terms), []).append(book.book_id)
    return [
        Group(
            mode,
            tuple(ids),
            _terms(question, language, [lexicons[i] for i in ids]) if has_terms else None,
        )
        for (mode, language, has_terms), ids in together.items()
    ]


def _terms(question: str, language: str, lexicons: Sequence[Lexicon | None]) -> QuestionWeights:
    counts = question_terms(question, language or DEFAULT_LANGUAGE)
    return question_weights(counts, [lexicon for lexicon in lexicons if lexicon is not None])


def _within(where: Where, books: tuple[str, ...]) -> Where:
    return Where(
        books=books,
        routes=where.routes,
        document_ids=where.document_ids,
        folders=where.folders,
        anchors=where.anchors,
    )
