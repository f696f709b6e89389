"""Decides whether a sentence has the contrary of a word, where its passage has that word."""

from proxy.language.opposites import ALIKE, OPPOSITES
from proxy.rag.verification.evidence import Comparison
from proxy.rag.verification.facts import Facts, facts_of_name
from proxy.rag.verification.marks import is_denied
from proxy.rag.verification.surroundings import Place, Surroundings

_LIKE = 0.35
_MORE_LIKE = 1.3
_FADING = 0.15
_MANY_PLACES = 4
"""A word in more places of a line or of the sentence than these is compared in no others."""
_COMPARING = "than"
_ORDERING = frozenset(["before", "after", "until", "prior", "following"])


def says_contrary(compared: Comparison, surroundings: Surroundings) -> bool:
    """Whether a word of the sentence stands where its passages have its contrary."""
    words = compared.said.words
    in_code = frozenset[str]().union(*(facts_of_name(c).stems for c in compared.said.codes))
    return any(
        word.stem in OPPOSITES
        and word.stem not in in_code
        and _takes_its_place(at, compared, surroundings)
        for at, word in enumerate(words)
    )


def _takes_its_place(at: int, compared: Comparison, surroundings: Surroundings) -> bool:
    said = compared.said
    stem = said.words[at].stem
    denied = is_denied(said, at)
    same: list[Place] = []
    other: list[Place] = []
    for line in compared.near:
        for alike in ALIKE[stem]:
            same += [Place(line, i) for i in line.places.get(alike, ())[:_MANY_PLACES]]
        for contrary in OPPOSITES[stem]:
            for i in line.places.get(contrary, ())[:_MANY_PLACES]:
                place = Place(line, i)
                if is_denied(line, i) != denied or _has_changed_sides(said, at, line, i):
                    same.append(place)
                elif not _is_meant_by_another(place, at, compared, surroundings):
                    other.append(place)
    if not other:
        return False
    rival = surroundings.best(at, other, fading=_FADING)
    return rival > max(_LIKE, _MORE_LIKE * surroundings.best(at, same, fading=_FADING))


def _is_meant_by_another(
    place: Place, at: int, compared: Comparison, surroundings: Surroundings
) -> bool:
    """Whether the sentence says there what the passage says, with another word."""
    alike = ALIKE[place.line.words[place.at].stem]
    like = surroundings.likeness(at, place, fading=_FADING)
    return any(
        surroundings.likeness(i, place, fading=_FADING) >= like
        for stem in alike
        for i in compared.said.places.get(stem, ())[:_MANY_PLACES]
    )


def _has_changed_sides(said: Facts, at: int, line: Facts, there: int) -> bool:
    """Whether what follows the one stands before the other.

    "Gold is heavier than silver" is "silver is lighter than gold"; "before you start, close it" is
    "start after it was closed".
    """
    if _COMPARING in said.texts and _COMPARING in line.texts:
        at, there = _place_of(_COMPARING, said), _place_of(_COMPARING, line)
    elif said.words[at].text not in _ORDERING:
        return False
    behind = next((w.stem for w in said.words[at + 1 :] if w.is_content), "")
    clause = line.words[there].clause
    theirs = {w.stem for w in line.words[there + 1 :] if w.clause == clause}
    return behind not in theirs and behind in {w.stem for w in line.words[:there]}


def _place_of(text: str, facts: Facts) -> int:
    return next(i for i, word in enumerate(facts.words) if word.text == text)
