"""Decides what stands in a passage where a sentence has a word: the same, or something else.

A word of the sentence is looked for where its surroundings are most like its own. "Listing 3 has
two columns" beside "Listing 3 has four columns, and Listing 4 has two": the place of "two" is taken
by "four", although the passage has a "two".
"""

from collections.abc import Iterable
from typing import NamedTuple

from proxy.rag.verification.evidence import Comparison
from proxy.rag.verification.facts import Facts

_REACH = 10
"""Words on either side that say what a word is about."""
_FADING = 0.2
"""How much less a word tells with every word that lies between."""
_OTHER_CLAUSE = 0.5
_MANY_PLACES = 40
"""A stem in more places of a line than these is looked for in no others."""


class Place(NamedTuple):
    """A word of a line."""

    line: Facts
    at: int


class Surroundings:
    """How like a sentence's places and those of its passages are, 0 … 1."""

    def __init__(self, compared: Comparison) -> None:
        self._compared = compared
        self._around: dict[int, list[tuple[str, float]]] = {}

    def best(self, at: int, places: Iterable[Place], *, fading: float = 0.0) -> float:
        """Return the likeness of the most similar of some places, 0 without any."""
        return max((self.likeness(at, place, fading=fading) for place in places), default=0.0)

    def likeness(self, at: int, place: Place, *, fading: float = 0.0) -> float:
        """Return how much of what stands around a word of the sentence stands around another.

        `fading`: how much less it tells there with every word that lies between.
        """
        around = self._around.get(at)
        if around is None:
            around = self._around[at] = self._words_around(at)
        total = sum(weight for _, weight in around)
        if not total:
            return 1.0  # there is nothing that could differ
        there, words = place.line.places, place.line.words
        clause = words[place.at].clause
        shared = 0.0
        for stem, weight in around:
            places = [i for i in there.get(stem, ())[:_MANY_PLACES] if i != place.at]
            if places:
                shared += weight * max(
                    (1 if words[i].clause == clause else _OTHER_CLAUSE)
                    / (1 + fading * (abs(i - place.at) - 1))
                    for i in places
                )
        return shared / total

    def _words_around(self, at: int) -> list[tuple[str, float]]:
        """Return the stems around a word of the sentence, and how much each tells of it."""
        words = self._compared.said.words
        own = words[at]
        found: list[tuple[str, float]] = []
        for i in range(max(0, at - _REACH), min(len(words), at + _REACH + 1)):
            word = words[i]
            if word.is_content and word.stem != own.stem:
                weight = self._compared.rarity(word.stem) / (1 + _FADING * (abs(i - at) - 1))
                if word.clause != own.clause:
                    weight *= _OTHER_CLAUSE
                found.append((word.stem, weight))
        return found
