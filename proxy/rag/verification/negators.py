"""What a sentence denies: its negators, how far each reaches, and words that deny by themselves."""

from collections.abc import Sequence
from itertools import pairwise, zip_longest

from proxy.language.polarity import IMPLICIT, LASTING, PASSING, denied_by_affix
from proxy.language.words import stem
from proxy.rag.verification.facts import Facts, Word

_SCOPE = 3
"""Content words behind a negator that it is taken to deny."""


def denials(facts: Facts) -> list[int]:
    """Return the places of negators that say something of their own: "not …, nor …" is one."""
    places = facts.negators
    return places[:1] + [p for p in places[1:] if not _continues(facts, p)]


def _continues(facts: Facts, place: int) -> bool:
    behind = facts.words[place + 1].text if place + 1 < len(facts.words) else ""
    return facts.words[place].text in {"neither", "nor"} or behind == "even"


def scope(facts: Facts, place: int) -> list[Word]:
    """Return the words that the negator at `place` denies, the nearest first."""
    clause = facts.words[place].clause
    behind = [w for w in facts.words[place + 1 :] if w.clause == clause]
    found = [w for w in behind if w.is_content and not w.stem.isdigit()]
    return found[:_SCOPE] or before(facts, place)


def before(facts: Facts, place: int) -> list[Word]:
    """Return the content words before the negator in its clause, the nearest first."""
    clause = facts.words[place].clause
    words = (w for w in reversed(facts.words[:place]) if w.clause == clause)
    return [w for w in words if w.is_content and not w.stem.isdigit()][:_SCOPE]


def denies(line: Facts, denied: Sequence[Word]) -> bool:
    """Whether the line denies something of `denied`, or something close to it."""
    if begins_with_no(line):  # the answer to a heading that asks
        return True
    stems = {word.stem for word in denied}
    if not stems.isdisjoint(denied_by_affixes(line)):
        return True
    about = {word.clause for word in line.words if word.stem in stems}
    if not about:
        return bool(line.negators or implicit_words(line))
    if any(
        _reaches(line, place, stems) for place in line.negators if line.words[place].clause in about
    ):
        return True
    # "is not ignored" is not what "is ignored" says
    implicit = (w.clause for w in implicit_words(line) if w.stem != denied[0].stem)
    return any(min(abs(clause - a) for a in about) <= 1 for clause in implicit)


def denies_word(line: Facts, word: Word) -> bool:
    """Whether this very word is denied in the line."""
    denying = [*line.negators, *(i for i, w in enumerate(line.words) if w.text in IMPLICIT)]
    return any(word.stem == w.stem for place in denying for w in scope(line, place)[:2])


def _reaches(line: Facts, place: int, stems: set[str]) -> bool:
    """Whether a negator denies its clause; "without" denies only what follows it."""
    if line.words[place].text != "without":
        return True
    return not stems.isdisjoint(word.stem for word in scope(line, place))


def implicit_words(facts: Facts) -> list[Word]:
    """Return the words that deny as part of what they say; a keyword `except` does not."""
    if facts.texts.isdisjoint(IMPLICIT):
        return []
    return [
        word
        for word, behind in zip_longest(facts.words, facts.words[1:])
        if word.text in IMPLICIT
        and word.text not in facts.codes
        # "too" at the end of a clause is "also"
        and (word.text != "too" or (behind is not None and behind.clause == word.clause))
    ]


def denied_by_affixes(facts: Facts) -> frozenset[str]:
    """Return the stems of what is denied as in "unencrypted" and "non-string"."""
    whole = map(stem, filter(None, map(denied_by_affix, facts.texts)))
    if "non" not in facts.texts:
        return frozenset(whole)
    parts = (after.stem for word, after in pairwise(facts.words) if word.text == "non")
    return frozenset((*whole, *parts))


def lasts(denied: Sequence[Word], other: Facts) -> bool:
    """Whether "does not change" stands against "keeps", or the other way round."""
    words = {word.text for word in denied}
    stated = {word.text for word in other.words}
    return any(
        words & one and stated & two and not stated & one
        for one, two in ((PASSING, LASTING), (LASTING, PASSING))
    )


def begins_with_no(line: Facts) -> bool:
    """Whether the line begins with "No"."""
    return line.words[:1] != () and line.words[0].text == "no"


def has_word(facts: Facts, *texts: str) -> bool:
    """Whether the sentence has one of these words, as they are."""
    return not facts.texts.isdisjoint(texts)
