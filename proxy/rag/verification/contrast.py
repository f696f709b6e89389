"""Decides whether a sentence has a word's contrary, or says of one thing what another does."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations, islice, pairwise
from operator import itemgetter
from typing import NamedTuple

from proxy.language.opposites import OPPOSITES
from proxy.rag.verification.evidence import NEAR, Comparison
from proxy.rag.verification.facts import Facts, Word
from proxy.rag.verification.negators import implicit_words

_BESIDE = 2
"""Content words on either side that say what a word is about."""
_SET_APART = 3
"""Content words that are denied to state others; of these it may be twice as many."""
_IN_ITS_WORDS = 0.8
"""Share of its words that a sentence has in common with one that says the same of other things."""
_MIN_SHARED = 2
_MIN_CLAUSE = 4
"""Of three words any order may say the same."""
_STEM = itemgetter(1)
"""Of a `Word`."""
_NONE = frozenset[str]()
_UNIVERSAL = frozenset(["all", "every", "always", "everything", "everyone", "both"])
_DIRECTED = frozenset(["into", "onto", "from", "to", "than", "before", "after", "over", "under"])
"""Small words whose two sides are not the same."""
_MUTUAL = frozenset(["same", "equal", "ident", "equival", "similar", "differ", "match", "like"])
"""Stems of what holds of two things either way round."""
_TURNING = frozenset(["by", "of"])
"""With these the same is said the other way round: passives and genitives."""
_AGAINST = {"rather": "than", "instead": "of", "opposed": "to"}
_SETS_APART = frozenset([*_AGAINST, "not"])


def says_opposite(compared: Comparison) -> bool:
    """Whether the sentence has the contrary of a word of the passages, and not the word.

    Both have to be about the same: there is a word that stands beside either, on the same side.
    """
    said = compared.said
    ours = frozenset(map(_STEM, said.words))
    if ours.isdisjoint(OPPOSITES):
        return False
    near = compared.lines_within(NEAR)
    there = frozenset[str]().union(*(map(_STEM, line.words) for line in near))
    for place, word in enumerate(said.words):
        contraries = OPPOSITES.get(word.stem, _NONE) & there
        if not contraries or word.stem in there or OPPOSITES[word.stem] & ours:
            continue
        is_denied = _is_denied(said, word)
        if is_denied and word.text in _UNIVERSAL:  # "not every" is "some"
            continue
        around = _around(said, place)
        if any(_stands_around(line, contraries, around, is_denied=is_denied) for line in near):
            return True
    return False


def exchanges_roles(compared: Comparison) -> bool:
    """Whether two things have changed places in what the nearest line says of them."""
    said, best = compared.said, compared.best
    shared = len(said.stems & best.stems)
    if shared < _MIN_SHARED:
        return False
    contrasts = list(_contrasts(best))
    if contrasts and any(one.is_turned(other) for one in _contrasts(said) for other in contrasts):
        return True
    ours, theirs = _clauses(said), _clauses(best)
    if len(ours) > 1 and shared >= _IN_ITS_WORDS * len(said.stems) and _are_crossed(ours, theirs):
        return True
    if said.texts & _TURNING != best.texts & _TURNING:
        return False
    return any(
        _is_turned(said, clause, best, other)
        for clause, one in ours.items()
        for other, two in theirs.items()
        if len(one & two) >= max(_MIN_CLAUSE, _IN_ITS_WORDS * max(len(one), len(two)))
    )


class _Around(NamedTuple):
    """Stems of the content words beside a word, within its clause."""

    before: frozenset[str]
    behind: frozenset[str]


def _around(facts: Facts, place: int) -> _Around:
    clause = facts.words[place].clause
    before = (w for w in reversed(facts.words[:place]) if w.clause == clause)
    behind = (w for w in facts.words[place + 1 :] if w.clause == clause)
    return _Around(_stems(before, _BESIDE), _stems(behind, _BESIDE))


def _stems(words: Iterable[Word], limit: int) -> frozenset[str]:
    return frozenset(islice((word.stem for word in words if word.is_content), limit))


def _stands_around(line: Facts, stems: frozenset[str], around: _Around, *, is_denied: bool) -> bool:
    """Whether one of the stems stands in a line beside what is `around`, denied or not."""
    places = [at for at, word in enumerate(line.words) if word.stem in stems]
    theirs = [_around(line, at) for at in places if _is_denied(line, line.words[at]) == is_denied]
    return any(a.before & around.before or a.behind & around.behind for a in theirs)


def _is_denied(facts: Facts, word: Word) -> bool:
    """Whether something else in the word's clause denies."""
    denying = [facts.words[place] for place in facts.negators] + implicit_words(facts)
    return any(other.clause == word.clause and other is not word for other in denying)


class _Contrast(NamedTuple):
    """What is stated, and what is denied to state it: "the root, not the parent"."""

    stated: frozenset[str]
    denied: frozenset[str]

    def is_turned(self, other: "_Contrast") -> bool:
        """Whether the other states what this denies, and denies what this states."""
        ours, theirs = self.stated - other.stated, self.denied - other.denied
        return bool(ours & other.denied and theirs & other.stated)


def _contrasts(facts: Facts) -> Iterator[_Contrast]:
    if facts.texts.isdisjoint(_SETS_APART):
        return
    words = facts.words
    for place, (word, behind) in enumerate(pairwise(words)):
        begins_clause = place > 0 and words[place - 1].clause != word.clause
        if _AGAINST.get(word.text) == behind.text:
            denied = words[place + 2 :]
        elif word.text == "not" and begins_clause:
            denied = words[place + 1 :]
        elif behind.text == "not" and word.text in ("and", "but"):
            denied = words[place + 2 :]
        else:
            continue
        stated = _stems(reversed(words[:place]), 2 * _SET_APART)
        yield _Contrast(stated, _stems(denied, _SET_APART))


def _clauses(facts: Facts) -> dict[int, frozenset[str]]:
    """Return the content words of each clause that has some."""
    found: dict[int, set[str]] = {}
    for word in facts.words:
        if word.is_content:
            found.setdefault(word.clause, set()).add(word.stem)
    return {clause: frozenset(stems) for clause, stems in found.items()}


def _are_crossed(ours: dict[int, frozenset[str]], theirs: dict[int, frozenset[str]]) -> bool:
    """Whether each of two clauses has words of each of two others: "A is red, B is blue"."""
    return any(
        own & mine and own & yours and others & mine and others & yours
        for one, other in combinations(ours.values(), 2)
        for left, right in combinations(theirs.values(), 2)
        for own, others, mine, yours in [(one - other, other - one, left - right, right - left)]
    )


def _is_turned(said: Facts, clause: int, best: Facts, other: int) -> bool:
    """Whether what stands before and behind a word has changed places in two clauses."""
    theirs_at = [(word.stem, at) for at, word in enumerate(best.words) if word.clause == other]
    times = Counter(stem for stem, _ in theirs_at)
    places = {stem: at for stem, at in theirs_at if times[stem] == 1}
    stems = [word.stem for word in said.words if word.clause == clause]
    for place, word in enumerate(said.words):
        if word.clause != clause or word.stem not in places or word.stem in _MUTUAL:
            continue
        if stems.count(word.stem) > 1:
            continue
        if not (word.is_content or word.text in _DIRECTED):
            continue
        ours, theirs = _around(said, place), _around(best, places[word.stem])
        moved_on = (ours.before - theirs.before) & (theirs.behind - ours.behind)
        moved_up = (ours.behind - theirs.behind) & (theirs.before - ours.before)
        if moved_on and moved_up:
            return True
    return False
