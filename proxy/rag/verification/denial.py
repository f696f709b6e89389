"""Decides whether a sentence denies what its passage states, or states what it denies."""

from collections.abc import Sequence
from itertools import pairwise

from proxy.language.polarity import IMPLICIT, LASTING, MODAL, PASSING, denied_by_affix
from proxy.language.words import stem
from proxy.rag.verification.facts import Facts, Word, facts_of

_SCOPE = 3
"""Content words behind a negator that it is taken to deny."""
_ANSWERS_HEADING = 0.6
"""Share of a heading's words that a sentence has which answers its question."""


def denies_otherwise(
    said: Facts, best: Facts, near: Sequence[Facts], others: Sequence[Facts] = ()
) -> bool:
    """Whether one of the sentence and the lines it is `near` to denies what the other states.

    What it denies may be denied in any of the `others` too: "Do not forward it to anyone."
    """
    for place in _denials(said):
        scope = _scope(said, place)
        stems = {word.stem for word in scope}
        about = [line for line in near if line.stems & stems or line.names & said.names] or near
        if said.words[place].text == "without" and not _all_have_with(near):
            continue  # a condition, which a passage puts in many ways
        if _says_it_lasts(best) and any(word.text in LASTING for word in scope):
            return True
        if any(_denies(line, scope) or _lasts(scope, line) for line in about):
            continue
        if len(said.negators) > 1 and any(_has(line, "only") for line in near):
            continue  # "nothing that is not" is "only"
        if _is_condition(said, place) and any(line.negators for line in others):
            continue  # "when it is not there" is told in many ways
        if not any(_denies_word(line, scope[0]) if scope else line.negators for line in others):
            return True
    if any(_states_what_affix_denies(one, other) for one, other in _both_ways(said, best)):
        return True
    in_code = frozenset(stem for code in best.codes for stem in facts_of(code).stems)
    for place in _denials(best):
        scope = _scope(best, place)
        is_modal = bool(scope) and scope[0].text in MODAL
        if is_modal:
            scope += _before(best, place)[:1]
        shared = [word for word in scope if word.stem in said.stems]
        words = [word for word in shared if word.stem not in in_code]
        if best.words[place].text == "without" and not _has(said, "with"):
            continue
        if _denies_sameness(best, place) and not _has(said, "same"):
            continue
        is_about_it = shared and (shared[0] is scope[0] or len(words) > 1 or is_modal)
        if is_about_it and not _denies(said, shared) and not _lasts(scope, said):
            return True
    return False


def _both_ways(said: Facts, best: Facts) -> tuple[tuple[Facts, Facts], tuple[Facts, Facts]]:
    return (said, best), (best, said)


def _states_what_affix_denies(one: Facts, other: Facts) -> bool:
    """Whether one is "unencrypted" and the other nothing but "encrypted"."""
    denied = _denied_by_affix(one) & other.stems
    if not denied or other.negators or _implicit(other):
        return False
    return denied.isdisjoint(_denied_by_affix(other) | one.stems)


def _denied_by_affix(facts: Facts) -> frozenset[str]:
    """Return the stems of what is denied as in "unencrypted" and "non-string"."""
    whole = (stem(denied) for word in facts.words if (denied := denied_by_affix(word.text)))
    parts = (after.stem for word, after in pairwise(facts.words) if word.text == "non")
    return frozenset((*whole, *parts))


def says_yes_to_no(said: Facts, best: Facts, questions: Sequence[Facts]) -> bool:
    """Whether the sentence affirms what a heading asks and the passage answers with "No, …"."""
    denies = said.negators or _implicit(said) or _begins_with_no(said)
    if denies or not _begins_with_no(best):
        return False
    return any(
        q.stems and len(q.stems & said.stems) >= _ANSWERS_HEADING * len(q.stems) for q in questions
    )


def _denials(facts: Facts) -> list[int]:
    """Return the places of negators that say something of their own: "not …, nor …" is one."""
    places = facts.negators
    return places[:1] + [p for p in places[1:] if not _continues(facts, p)]


def _continues(facts: Facts, place: int) -> bool:
    behind = facts.words[place + 1].text if place + 1 < len(facts.words) else ""
    return facts.words[place].text in {"neither", "nor"} or behind == "even"


def _all_have_with(lines: Sequence[Facts]) -> bool:
    """Whether the lines say "with" and none says "without"."""
    return any(_has(f, "with") for f in lines) and not any(_has(f, "without") for f in lines)


def _has(facts: Facts, text: str) -> bool:
    return any(word.text == text for word in facts.words)


def _scope(facts: Facts, place: int) -> list[Word]:
    """Return the words that the negator at `place` denies, the nearest first."""
    clause = facts.words[place].clause
    behind = [w for w in facts.words[place + 1 :] if w.clause == clause]
    found = [w for w in behind if w.is_content and not w.stem.isdigit()]
    return found[:_SCOPE] or _before(facts, place)


def _before(facts: Facts, place: int) -> list[Word]:
    """Return the content words before the negator in its clause, the nearest first."""
    clause = facts.words[place].clause
    before = (w for w in reversed(facts.words[:place]) if w.clause == clause)
    return [w for w in before if w.is_content and not w.stem.isdigit()][:_SCOPE]


def _denies(line: Facts, scope: Sequence[Word]) -> bool:
    """Whether the line denies something of `scope`, or something close to it."""
    if _begins_with_no(line):  # the answer to a heading that asks
        return True
    stems = {word.stem for word in scope}
    if not stems.isdisjoint(_denied_by_affix(line)):
        return True
    about = {word.clause for word in line.words if word.stem in stems}
    if not about:
        return bool(line.negators or _implicit(line))
    if any(
        _reaches(line, place, stems) for place in line.negators if line.words[place].clause in about
    ):
        return True
    denied = scope[0].stem  # "is not ignored" is not what "is ignored" says
    implicit = (w.clause for w in line.words if w.text in IMPLICIT and w.stem != denied)
    return any(min(abs(clause - a) for a in about) <= 1 for clause in implicit)


def _denies_word(line: Facts, word: Word) -> bool:
    """Whether this very word is denied in the line."""
    denied = (w.stem for place in line.negators for w in _scope(line, place)[:2])
    return word.stem in denied


def _reaches(line: Facts, place: int, stems: set[str]) -> bool:
    """Whether a negator denies its clause; "without" denies only what follows it."""
    if line.words[place].text != "without":
        return True
    return not stems.isdisjoint(word.stem for word in _scope(line, place))


def _implicit(facts: Facts) -> list[int]:
    """Return the clauses with words that deny as part of what they say."""
    return [word.clause for word in facts.words if word.text in IMPLICIT]


def _lasts(denied: Sequence[Word], other: Facts) -> bool:
    """Whether "does not change" stands against "keeps", or the other way round."""
    words = {word.text for word in denied}
    stated = {word.text for word in other.words}
    return any(
        words & one and stated & two and not stated & one
        for one, two in ((PASSING, LASTING), (LASTING, PASSING))
    )


def _is_condition(facts: Facts, place: int) -> bool:
    """Whether the word stands in a clause that says when something else is so."""
    clause = facts.words[place].clause
    first = next(word.text for word in facts.words if word.clause == clause)
    return first in {"if", "when", "unless", "until"}


def _denies_sameness(facts: Facts, place: int) -> bool:
    """Whether the negator belongs to "not the same": the sentence may say what differs."""
    return any(word.text == "same" for word in facts.words[place + 1 : place + 3])


def _says_it_lasts(line: Facts) -> bool:
    return not line.negators and any(word.text in LASTING for word in line.words)


def _begins_with_no(line: Facts) -> bool:
    return line.words[:1] != () and line.words[0].text == "no"
