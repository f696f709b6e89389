"""Says how well each piece of the passages answers the question.

Called by `reader.py`. Pure. A score adds the likeness of meaning (cosine of embeddings), the share
of the question's words found (weighted by how rare they are in the passages), the place of the
passage in the ranking, and whether the piece looks like the kind of answer asked for. A name that
no passage mentions takes from all of them.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from proxy.adapters.local.cues import cues_of, defines, fit, is_known, names_in
from proxy.adapters.local.units import Unit
from proxy.language.words import terms
from proxy.ports import FloatMatrix
from proxy.queries import FloatVector

WORDS_WEIGHT = 0.30
RANK_WEIGHT = 0.10
CUE_WEIGHT = 0.08
DEFINITION_WEIGHT = 0.30
"""\"X is …" asked for with "what is X": the best answer however little else it says."""
STRANGE_NAME_PENALTY = 0.25
"""Whoever asks whether Vue can be used is not answered by what is said of React, however like."""
INTRODUCTION_PENALTY = 0.03
"""A sentence that only announces something is rarely an answer itself."""
CONTEXT_SHARE = 0.5
"""What a word counts that stands only in the heading."""


WHOLE_PASSAGES = 3
"""Of the first passages every piece is compared, of the others those with a word asked for: it
halves the time and, on forty questions about another manual, loses no answer."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit with what speaks for it."""

    unit: Unit
    vector: FloatVector
    similarity: float
    """Cosine to the question."""
    words: float
    """Share of the question's words it holds, 0 … 1, rare ones weighing more."""
    score: float


def worth_comparing(question: str, units: Sequence[Unit]) -> list[Unit]:
    """Return the units that may answer, in the order given."""
    asked = terms(question)
    return [u for u in units if u.passage < WHOLE_PASSAGES or not asked.isdisjoint(terms(u.text))]


def score_units(
    question: str, question_vector: FloatVector, units: Sequence[Unit], vectors: FloatMatrix
) -> list[Scored]:
    """Return the units with their scores, in the order given; row i of `vectors` is unit i's."""
    asked = terms(question)
    said = [(terms(unit.text), terms(unit.context)) for unit in units]
    weights = _rarity(asked, [text | context for text, context in said])
    cues = cues_of(question)
    known = set[str]().union(*(words for pair in said for words in pair))
    is_strange = any(not is_known(name, known) for name in names_in(question))
    penalty = STRANGE_NAME_PENALTY * is_strange
    similarities: list[float] = np.asarray(vectors @ question_vector, np.float64).tolist()
    result: list[Scored] = []
    for i, unit in enumerate(units):
        words = _share(asked, weights, *said[i])
        score = (
            similarities[i]
            + WORDS_WEIGHT * words
            + RANK_WEIGHT / (1 + unit.passage)
            + CUE_WEIGHT * fit(cues, unit)
            + DEFINITION_WEIGHT * defines(question, unit)
            - INTRODUCTION_PENALTY * unit.is_introduction
            - penalty
        )
        result.append(Scored(unit, vectors[i], similarities[i], words, score))
    return result


def _rarity(asked: set[str], texts: Sequence[set[str]]) -> dict[str, float]:
    """Return the inverse document frequency of each word asked for."""
    frequency = Counter(word for text in texts for word in text & asked)
    return {word: math.log(1 + (len(texts) + 1) / (1 + frequency[word])) for word in asked}


def _share(asked: set[str], weights: dict[str, float], text: set[str], context: set[str]) -> float:
    """Return the weighted share of the words asked for that a unit or its context holds."""
    total = sum(weights.values())
    if not total:
        return 0.0
    found = sum(weights[word] for word in asked & text)
    found += CONTEXT_SHARE * sum(weights[word] for word in (asked & context) - text)
    return found / total
