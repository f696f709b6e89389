"""Decides whether a sentence denies what its passage states, or states what it denies.

A denial is missed only where the other side has the very words that are denied, and nothing near
them that could be meant by it: to accuse takes a negator, to excuse any word that denies.
"""

from collections.abc import Iterable

from proxy.language.opposites import OPPOSITES
from proxy.rag.verification.evidence import Comparison
from proxy.rag.verification.facts import Facts
from proxy.rag.verification.marks import Mark, marks_beyond, marks_of
from proxy.rag.verification.surroundings import Place, Surroundings

_LIKE = 0.15
"""Surroundings of a denied word that are less like those of a sentence's are of something else."""
_AS_LIKE = 0.6
"""Part of the most similar place's likeness that others have to have to be meant, too."""
_NEAR_WORDS = 8
"""Words on either side among which a contrary says what a denial says."""
_BESIDE = 3
"""Words on either side that tell what a denial is about whose own words the other does not have."""
_COVERED = 0.5
"""Share of its words that a sentence has to have in common with lines that deny nothing."""
_UNTIL = frozenset(["before", "until", "unless", "without", "yet"])
_IN_ORDER = frozenset(["before", "until", "unless", "after", "once", "first"])
"""With these "not … before …" is said as "first … then …"."""
_REFUSING_WORDS = (
    "refuse refuses refused fail fails failed lack lacks lacking forbid forbids prohibit prohibits"
    " reject rejects unable hardly rarely"
)
_REFUSING = frozenset(_REFUSING_WORDS.split())
"""What implies a denial and nothing else: without it a sentence says the contrary."""
_NEED = frozenset(["need", "needs", "needed", "neednt"])
_OBLIGED = frozenset(["must", "need", "needs", "required", "requires", "require", "should", "has"])
_NONE = frozenset[str]()


def denies_otherwise(compared: Comparison, surroundings: Surroundings) -> bool:
    """Whether the sentence or a line near to it denies what the other states."""
    said = compared.said
    if any(
        mark.is_plain
        and not _is_put_otherwise(mark, compared)
        and _stands_undenied(mark, compared, surroundings)
        for mark in marks_of(said)
    ):
        return True
    return any(
        (mark.is_plain or mark.is_affix or line.words[mark.place].text in _REFUSING)
        and not _is_in_other_words(mark, line, said)
        and _is_stated(mark, line, compared, surroundings)
        for line in compared.near
        for mark in marks_beyond(line, said)
    )


def _is_put_otherwise(mark: Mark, compared: Comparison) -> bool:
    """Whether the passages have a way of their own to say what the sentence denies."""
    said, near = compared.said, compared.near
    if any(line.words[:1] and line.words[0].text == "no" for line in near):
        return True  # the answer to a heading that asks
    return (
        any(_answers(mark, m) for line in near for m in _answering(line, said))
        or _is_other_way(mark, said, near)
        or (_is_about_need(said, mark) and not any(line.texts & _OBLIGED for line in near))
        or any(_is_unpaired(compared.best, m, said) for m in marks_of(compared.best))
    )


def _stands_undenied(mark: Mark, compared: Comparison, surroundings: Surroundings) -> bool:
    """Whether what the sentence denies stands in the passages and nothing there denies it."""
    said, near = compared.said, compared.near
    for at in mark.denied[:2]:
        stem = said.words[at].stem
        places = [Place(line, i) for line in near for i in line.places.get(stem, ())]
        if places:
            likes = [surroundings.likeness(at, place) for place in places]
            least = _AS_LIKE * max(likes)
            return not any(
                like >= least and _is_marked(place, said, mark)
                for place, like in zip(places, likes, strict=True)
            )
    return compared.coverage >= _COVERED and not any(
        marks_of(line) or _has_contrary(line, said) for line in near
    )


def _is_in_other_words(mark: Mark, line: Facts, said: Facts) -> bool:
    """Whether the sentence has a way of its own to say what a line denies."""
    ours = _answering(said, line)
    # "not … without …" is "first … then …"
    in_order = not line.texts.isdisjoint(_UNTIL) and not said.texts.isdisjoint(_IN_ORDER)
    return (
        in_order
        or any(_answers(mark, m) for m in ours)
        or _is_other_way(mark, line, [said])
        or (_is_about_need(line, mark) and said.texts.isdisjoint(_OBLIGED))
        or any(_is_unpaired(said, m, line) for m in ours)
    )


def _is_stated(mark: Mark, line: Facts, compared: Comparison, surroundings: Surroundings) -> bool:
    """Whether the sentence states what a line denies."""
    said = compared.said
    told = _told_apart(mark, said)
    if told is None:
        return False
    at, stem = told
    there = Place(line, at)
    best = max(said.places[stem], key=lambda i: surroundings.likeness(i, there))
    like = surroundings.likeness(best, there)
    others = (
        Place(other, i)
        for other in compared.near
        for i in other.places.get(stem, ())
        if not any(i in m.denied for m in marks_of(other))
    )
    if like < _LIKE or surroundings.best(best, others) >= like:
        return False
    return not _is_marked(Place(said, best), line, mark)


def _told_apart(mark: Mark, said: Facts) -> tuple[int, str] | None:
    """Return the denied word that the sentence has: the first, or the second with the third."""
    has = [stem in said.places for stem in mark.said]
    if has[:1] == [True] and (mark.is_plain or mark.is_affix or has[1:2] == [True]):
        return mark.denied[0], mark.said[0]
    return (mark.denied[1], mark.said[1]) if has[1:] == [True, True] else None


def _answering(line: Facts, other: Facts) -> list[Mark]:
    """Return what in a line may be meant by a denial of the other."""
    beyond = marks_beyond(line, other)
    return [mark for mark in marks_of(line) if mark.is_plain or mark in beyond]


def _answers(mark: Mark, other: Mark) -> bool:
    """Whether two marks deny the same; where one only implies it, of what stands next to it."""
    if mark.is_plain and other.is_plain:
        return not mark.stems.isdisjoint(other.stems)
    return any(stem in other.stems for stem in mark.said[:2])


def _is_unpaired(facts: Facts, mark: Mark, other: Facts) -> bool:
    """Whether a denial is of words the other side does not have: it may say the same by others."""
    if not mark.is_plain or not mark.stems.isdisjoint(other.places):
        return False
    near = facts.words[max(0, mark.place - _BESIDE) : mark.place + _BESIDE + 1]
    return any(word.is_content and word.stem in other.places for word in near)


def _is_about_need(facts: Facts, mark: Mark) -> bool:
    around = facts.words[max(0, mark.place - 1) : mark.place + 2]
    return any(word.text in _NEED for word in around)


def _is_other_way(mark: Mark, facts: Facts, others: Iterable[Facts]) -> bool:
    """Whether "without" stands against no "with": it tells how, which can be told in other ways."""
    return facts.words[mark.place].text == "without" and not any(
        word.text == "with"
        for line in others
        for stem in mark.stems
        for i in line.places.get(stem, ())
        for word in line.words[max(0, i - _BESIDE) : i]
    )


def _is_marked(place: Place, other: Facts, mark: Mark) -> bool:
    """Whether something denies in the clause of a place, or says the contrary of what is denied."""
    line, at = place
    clause = line.words[at].clause
    if any(line.words[m.place].clause == clause for m in marks_beyond(line, other)):
        return True
    around = {w.stem for w in line.words[max(0, at - _NEAR_WORDS) : at + _NEAR_WORDS + 1]}
    around -= other.places.keys()
    return any(not OPPOSITES.get(stem, _NONE).isdisjoint(around) for stem in mark.stems)


def _has_contrary(line: Facts, said: Facts) -> bool:
    """Whether a line has the contrary of a word of the sentence, which does not have its own."""
    return any(
        not OPPOSITES.get(stem, _NONE).isdisjoint(said.places)
        for stem in line.places
        if stem not in said.places
    )
