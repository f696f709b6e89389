"""BM25 in two halves: what a chunk weighs, stored with it, and what a question weighs, by IDF.

An edition's statistics are counted once, when it is made, and frozen with it: in one collection
that holds many books, languages and drafts, statistics of the collection would be those of none of
them. Pure.

Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009);
k1 and b as Anserini has them for short passages.
"""

import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from proxy.corpus import Chunk
from proxy.lexical.words import Terms

K1 = 0.9
"""How soon a repeated term stops counting for more."""
B = 0.4
"""How much a long chunk is marked down."""
HEADER_WEIGHT = 2
"""How often the header counts besides standing there: a heading is what a section is about."""

LEXICAL_VERSION = 1
"""Raised when equal chunks get other terms or weights, so that editions are made anew."""

TermWeights = Mapping[int, float]
"""Weights by `term_id`, none zero."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How often the terms of an edition occur."""

    chunks: int
    average_terms: float
    """Terms in a chunk, repetitions counted, on average."""
    term_ids: NDArray[np.uint32]
    """Ascending."""
    frequencies: NDArray[np.uint32]
    """In how many chunks the term at the same place of `term_ids` occurs."""

    def frequency(self, term: int) -> int:
        """Return in how many chunks a term occurs."""
        at = int(np.searchsorted(self.term_ids, np.uint32(term)))
        found = at < len(self.term_ids) and int(self.term_ids[at]) == term
        return int(self.frequencies[at]) if found else 0


@dataclass(slots=True)
class LexiconCounter:
    """Counts an edition's terms, chunk by chunk."""

    chunks: int = 0
    terms: int = 0
    _frequencies: Counter[int] = field(default_factory=Counter[int])

    def add(self, counts: Counter[str]) -> None:
        """Count one chunk."""
        self.chunks += 1
        self.terms += counts.total()
        self._frequencies.update({term_id(term) for term in counts})

    def lexicon(self) -> Lexicon:
        """Return the statistics of all chunks so far."""
        ordered = sorted(self._frequencies.items())
        return Lexicon(
            self.chunks,
            self.terms / self.chunks if self.chunks else 0.0,
            np.array([term for term, _ in ordered], np.uint32),
            np.array([count for _, count in ordered], np.uint32),
        )


def term_id(term: str) -> int:
    """Return the number that stands for a term in the index: 32 bits, the same on every machine."""
    return zlib.crc32(term.encode())


def chunk_terms(chunk: Chunk, terms: Terms) -> Counter[str]:
    """Return how often each term counts in a chunk, its header included."""
    header = terms(chunk.header)
    counts = Counter(terms(f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text))
    for term in header:
        counts[term] += 1 + HEADER_WEIGHT
    return counts


def chunk_weights(counts: Mapping[str, int], lexicon: Lexicon) -> TermWeights:
    """Return what the terms of a chunk weigh in an edition with this lexicon."""
    length = sum(counts.values()) / (lexicon.average_terms or 1.0)
    damping = K1 * (1 - B + B * length)
    return {term_id(term): count * (K1 + 1) / (count + damping) for term, count in counts.items()}


@dataclass(frozen=True, slots=True)
class QuestionWeights:
    """What the terms of a question weigh in the editions that are searched."""

    weights: TermWeights
    """Of the terms that occur there."""
    possible: float
    """The score of a chunk that repeats all of them for ever, those that do not occur included."""


def question_weights(counts: Mapping[str, float], lexicons: Sequence[Lexicon]) -> QuestionWeights:
    """Return what the terms of a question weigh in editions that are searched together.

    Their statistics are added up: a term weighs the same in each, so that scores compare.
    """
    chunks = sum(lexicon.chunks for lexicon in lexicons)
    weights: dict[int, float] = {}
    possible = 0.0
    for term, count in counts.items():
        number = term_id(term)
        frequency = sum(lexicon.frequency(number) for lexicon in lexicons)
        weight = count * math.log(1 + (chunks - frequency + 0.5) / (frequency + 0.5))
        possible += (K1 + 1) * weight
        if frequency:
            weights[number] = weight
    return QuestionWeights(weights, possible)
