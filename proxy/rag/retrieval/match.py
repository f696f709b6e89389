"""How sure it is that the book says anything to a question: the absolute side of a score. Pure.

Fused scores only compare candidates of one question; the best of them is always about 1. What
tells whether even the best has to do with the question is its cosine together with the share of its
words that a passage holds. On 170 questions that three manuals answer and 72 that they do
not, the two together tell them apart in 99.0 % of all pairs, the cosine alone in 98.2 %
(`evaluation/README.md`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.lexical.bm25 import QuestionWeights
from proxy.queries import Hit

_WORDS_PER_MEANING = 0.3 / 0.7
"""What holding every word asked for is worth, in parts of the range of cosines above the floor."""
_HALF = 0.5
"""Of the words asked for: what a passage must hold whose cosine is just at the floor."""


@dataclass(frozen=True, slots=True)
class MatchScale:
    """Scores of passages, −1 … 1: cosines where only meaning counts, else cosine and words."""

    floor: float
    """Cosine below which a passage has nothing to do with a question; each model has its own."""

    def match(
        self, meaning: Sequence[Hit] | None, terms: Sequence[Hit], asked: QuestionWeights | None
    ) -> float:
        """Return the score of the best candidate; None: the question was not searched by meaning.

        The hits are best first.
        """
        held = terms[0].score / asked.possible if terms and asked and asked.possible else 0.0
        if meaning is None:
            return held
        cosine = meaning[0].score if meaning else -1.0
        if asked is None:
            return cosine
        return (cosine + self._words * held) / (1 + self._words)

    def least(self, *, by_meaning: bool, by_terms: bool) -> float:
        """Return the score below which the book does not answer, for what was searched by."""
        if not by_meaning:
            return self.floor
        if not by_terms:
            return self.floor
        return (self.floor + self._words * _HALF) / (1 + self._words)

    @property
    def _words(self) -> float:
        return _WORDS_PER_MEANING * (1 - self.floor)
