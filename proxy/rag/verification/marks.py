"""What denies in a sentence, and how far it reaches."""

from functools import lru_cache
from typing import NamedTuple

from proxy.language.polarity import IMPLICIT, MODAL, NEGATORS, denied_by_affix
from proxy.language.words import stem
from proxy.rag.verification.facts import Facts

_REACH = 3
"""Content words that a negator denies."""
_MOST = 8
"""Denials of a sentence that are compared."""
_SAME = 3
_BEING = frozenset(["is", "are", "was", "were", "be", "been", "isnt", "arent", "wasnt", "werent"])
_FAR = 12
"""Words among which they are looked for."""


class Mark(NamedTuple):
    """Something that denies."""

    place: int
    denied: tuple[int, ...]
    """Places of content words, the nearest first."""
    said: tuple[str, ...]
    """Their stems; what "unencrypted" denies is "encrypted"."""
    stems: frozenset[str]
    """The same, and the subject of a passive: "X is not paid" is "they do not pay X"."""
    is_plain: bool
    """A negator, rather than a word that denies as part of what it says."""
    is_affix: bool = False
    """As in "unencrypted"; only the other side tells whether "important" denies "portant"."""


@lru_cache(maxsize=2048)
def marks_of(facts: Facts) -> tuple[Mark, ...]:
    """Return what denies, in order; "not …, nor …" and "neither … nor" deny once."""
    found: list[Mark] = []
    words = facts.words
    for place, word in enumerate(words):
        text = word.text
        if text in NEGATORS:
            if place == 0 and sum(w.clause == word.clause for w in words) == 1:
                continue  # an answer's opening "No,"
            if any(w.text == "same" for w in words[place + 1 : place + _SAME]):
                continue  # which says that it differs
            is_plain = not (text in {"neither", "nor"} and found)
        elif text in IMPLICIT and text not in facts.codes:
            behind = words[place + 1] if place + 1 < len(words) else None
            if text == "too" and (behind is None or behind.clause != word.clause):
                continue
            is_plain = False
        elif (base := denied_by_affix(text)) is not None:
            found.append(_affix(place, place, stem(base)))
            continue
        elif text == "non" and place + 1 < len(words):
            found.append(_affix(place, place + 1, words[place + 1].stem))
            continue
        else:
            continue
        denied = _reached(facts, place)
        said = tuple(words[i].stem for i in denied)
        stems = frozenset((*said, *(words[i].stem for i in _subject(facts, place))))
        found.append(Mark(place, denied, said, stems, is_plain))
    return tuple(found[:_MOST])


def _affix(place: int, denied: int, base: str) -> Mark:
    return Mark(place, (denied,), (base,), frozenset([base]), is_plain=False, is_affix=True)


def marks_beyond(line: Facts, other: Facts) -> list[Mark]:
    """Return what denies in a line and not in the other in the same way."""
    return [mark for mark in marks_of(line) if not _is_shared(line, mark, other)]


def _is_shared(line: Facts, mark: Mark, other: Facts) -> bool:
    if mark.is_affix and mark.said[0] not in other.places:
        return True  # neither denies: "important" is not the contrary of "portant"
    word = line.words[mark.place].stem
    if not mark.is_plain:
        return word in other.places
    return any(
        other.words[their.place].stem == word and not mark.stems.isdisjoint(their.stems)
        for their in marks_of(other)
    )


def is_denied(facts: Facts, at: int) -> bool:
    """Whether a negator stands right before a word, or a few small words before it."""
    return any(
        mark.is_plain and (mark.denied[:1] == (at,) or 0 < at - mark.place <= 2)
        for mark in marks_of(facts)
    )


def _reached(facts: Facts, place: int) -> tuple[int, ...]:
    """Return the places that a mark denies: what follows in its clause, else what stands before."""
    behind = _content(facts, range(place + 1, min(len(facts.words), place + _FAR)), place)
    is_modal = bool(behind) and facts.words[behind[0]].text in MODAL
    if behind and not is_modal and facts.words[place].text != "neither":
        return behind
    before = _content(facts, range(place - 1, max(-1, place - _FAR), -1), place)
    return behind[:1] + before[:1] + behind[1:] if behind else before


def _subject(facts: Facts, place: int) -> tuple[int, ...]:
    """Return the two content words before a denial of what something is, or can be."""
    around = {word.text for word in facts.words[max(0, place - 1) : place + 2]}
    if around.isdisjoint(_BEING):
        return ()
    return _content(facts, range(place - 1, max(-1, place - _FAR), -1), place)[:2]


def _content(facts: Facts, places: range, mark: int) -> tuple[int, ...]:
    """Return the first content words, up to the end of the clause or to what denies anew."""
    found: list[int] = []
    for i in places:
        word = facts.words[i]
        is_another = word.text in NEGATORS and word.text != "nor"
        if word.clause != facts.words[mark].clause or is_another or len(found) == _REACH:
            break
        if word.is_content and not word.stem.isdigit():
            found.append(i)
    return tuple(found)
