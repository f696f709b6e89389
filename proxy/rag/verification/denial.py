"""Decides whether a sentence denies what its passage states, or states what it denies.

Two halves: each denial of the sentence has to be found in the passage, and each denial of the
nearest line in the sentence, unless it is a way of putting things that can be put otherwise.
"""

from collections.abc import Sequence
from itertools import pairwise

from proxy.language.polarity import IMPLICIT, LASTING, MODAL, PASSING, PROHIBITING, denied_by_affix
from proxy.rag.verification.facts import Facts, Word, facts_of_name
from proxy.rag.verification.negators import (
    before,
    begins_with_no,
    denials,
    denied_by_affixes,
    denies,
    denies_word,
    has_word,
    implicit_words,
    lasts,
    scope,
)

_ANSWERS_HEADING = 0.6
"""Share of a heading's words that a sentence has which answers its question."""
_NEEDS = ("need", "needs", "needed", "neednt")
_PUTS_IN_ORDER = ("without", "until", "unless", "before")
_UNTIL = ("without", "until", "unless")
_MAY_DENY = IMPLICIT | LASTING | PASSING
"""For which a paraphrase may have "not" and another word."""
_REFUSING_WORDS = (
    "refuse refuses refused fail fails failed avoid avoids prevent prevents prevented ignore"
    " ignores ignored skip skips skipped omit omits lack lacks forbid forbids prohibit prohibits"
    " reject rejects unable"
)
_REFUSING = frozenset(_REFUSING_WORDS.split())
_LIMITS = ("only", "until", "unless", "except")
"""With these a sentence says in one clause what its line says in two."""
_MIN_WORDS = 3
_IN_ITS_WORDS = 0.8
"""Share of its words that a clause has in common with one that says the same, or the contrary."""
_OF_IT = 0.6
"""Share of the other's words that are."""
_PERMITS = ("may", "can", "could")
_FORBIDS = ("must", "should", "may")
"""With "not" behind."""
_CONDITIONS = ("if", "when", "unless", "until")


def denies_otherwise(
    said: Facts, best: Facts, near: Sequence[Facts], others: Sequence[Facts] = ()
) -> bool:
    """Whether one of the sentence and the lines it is `near` to denies what the other states.

    What it denies may be denied in any of the `others` too: "Do not forward it to anyone."
    """
    if _permits_what_is_forbidden(said, best):
        return True
    if any(_denies_alone(said, place, best, near, others) for place in denials(said)):
        return True
    if _denies_once_more(said, best):
        return True
    if _states_what_affix_denies(said, best) or _states_what_affix_denies(best, said):
        return True
    if _does_what_is_refused(said, best):
        return True
    return any(_leaves_out(said, best, place) for place in denials(best))


def says_yes_to_no(said: Facts, best: Facts, questions: Sequence[Facts]) -> bool:
    """Whether the sentence affirms what a heading asks and the passage answers with "No, …"."""
    is_denial = said.negators or implicit_words(said) or begins_with_no(said)
    if is_denial or not begins_with_no(best):
        return False
    return any(
        q.stems and len(q.stems & said.stems) >= _ANSWERS_HEADING * len(q.stems) for q in questions
    )


def _does_what_is_refused(said: Facts, best: Facts) -> bool:
    """Whether the sentence says, and denies nothing, that happens what the line "refuses to" do."""
    if said.negators or implicit_words(said):
        return False
    for place, word in enumerate(best.words):
        if word.text in _REFUSING:
            refused = scope(best, place)
            return len(refused) > 1 and all(w.stem in said.stems for w in refused)
    return False


def _denies_once_more(said: Facts, best: Facts) -> bool:
    """Whether a clause has the words of one of the line's, and denies once more or once less."""
    if not (said.negators or best.negators) or has_word(said, *_LIMITS) or has_word(best, *_LIMITS):
        return False
    return any(_turns(said, clause, best) for clause in {word.clause for word in said.words})


def _turns(said: Facts, clause: int, best: Facts) -> bool:
    ours = {w.stem for w in said.words if w.clause == clause and w.is_content}
    if len(ours) < _MIN_WORDS:
        return False
    clauses: dict[int, set[str]] = {}
    for word in best.words:
        if word.is_content:
            clauses.setdefault(word.clause, set()).add(word.stem)
    other = max(clauses, key=lambda at: len(clauses[at] & ours), default=0)
    theirs = clauses.get(other, set[str]())
    if len(ours & theirs) < max(_IN_ITS_WORDS * len(ours), _OF_IT * len(theirs)):
        return False
    if _elsewhere(said, clause) != _elsewhere(best, other):
        return False
    return _denies_beyond(said, clause, theirs, best, other) or _denies_beyond(
        best, other, ours, said, clause
    )


def _behind(facts: Facts, place: int) -> str:
    return facts.words[place + 1].text if place + 1 < len(facts.words) else ""


def _denies_beyond(one: Facts, clause: int, shared: set[str], two: Facts, other: int) -> bool:
    """Whether a clause denies one of the shared words which the other does not."""
    reached = {
        word.stem
        for place in _denials(two, other)
        for word in (*scope(two, place), *_before(two, place))
    }
    first = [scope(one, place)[:1] for place in _denials(one, clause)]
    return any(word.stem in shared - reached for words in first for word in words)


def _before(facts: Facts, place: int) -> list[Word]:
    return [] if facts.words[place].text == "without" else before(facts, place)


def _denials(facts: Facts, clause: int) -> list[int]:
    """Return where a clause denies; "neither … nor" does so once."""
    places = (place for place in facts.negators if facts.words[place].clause == clause)
    return [place for place in places if facts.words[place].text != "nor"]


def _elsewhere(facts: Facts, clause: int) -> set[str]:
    """Return the words of a clause for which a paraphrase may have "not"."""
    texts = {word.text for word in facts.words if word.clause == clause}
    return texts & _MAY_DENY | {text for text in texts if denied_by_affix(text)}


def _denies_alone(
    said: Facts, place: int, best: Facts, near: Sequence[Facts], others: Sequence[Facts]
) -> bool:
    """Whether no line denies what the sentence denies at `place`."""
    denied = scope(said, place)
    if _is_put_otherwise(said, place, best, near):
        return False
    if any(word.text in LASTING for word in denied) and _says_it_lasts(best):
        return True
    stems = {word.stem for word in denied}
    about = [line for line in near if line.stems & stems or line.names & said.names] or near
    if any(denies(line, denied) or lasts(denied, line) for line in about):
        return False
    if _is_condition(said, place) and any(line.negators for line in others):
        return False  # "when it is not there" is told in many ways
    if any(stems <= facts_of_name(name).stems for name in said.names) and any(
        line.negators and stems <= line.stems for line in others
    ):
        return False  # "with Adam but not with SGD"
    return not any(denies_word(line, denied[0]) if denied else line.negators for line in others)


def _is_put_otherwise(said: Facts, place: int, best: Facts, near: Sequence[Facts]) -> bool:
    """Whether the lines have their own way to say what the sentence denies."""
    if said.words[place].text == "without" and not _all_have_with(near):
        return True
    if _behind(said, place) == "longer" and has_word(best, *PASSING):
        return True  # what is no longer so was removed
    around = {word.text for word in said.words[max(0, place - 2) : place + 3]}
    if around.intersection(_NEEDS):  # what goes by itself need not be done
        return any(has_word(line, "automatic", "automatically") for line in near)
    # "nothing that is not" is "only"
    return len(said.negators) > 1 and has_word(best, "only")


def _leaves_out(said: Facts, best: Facts, place: int) -> bool:
    """Whether the sentence states what the line denies at `place`."""
    if has_word(said, "only"):  # which denies it of all others
        return False
    if best.words[place].text == "without" and not has_word(said, "with"):
        return False
    in_order = has_word(best, *_UNTIL) and has_word(said, *_PUTS_IN_ORDER)
    if len(best.negators) > 1 and in_order and not has_word(said, *_PERMITS):
        return False  # "not … without …" is "first … then …"
    if _denies_sameness(best, place) and not has_word(said, "same"):
        return False
    denied = scope(best, place)
    is_modal = bool(denied) and denied[0].text in MODAL
    if is_modal:
        denied += before(best, place)[:1]
    shared = [word for word in denied if word.stem in said.stems]
    if not shared or not (shared[0] is denied[0] or is_modal or _says_enough(shared, best)):
        return False
    return not denies(said, shared) and not lasts(denied, said)


def _says_enough(shared: Sequence[Word], best: Facts) -> bool:
    """Whether the sentence shares more with a denial than the names it is about."""
    in_code = frozenset(stem for code in best.codes for stem in facts_of_name(code).stems)
    return sum(word.stem not in in_code for word in shared) > 1


def _states_what_affix_denies(one: Facts, other: Facts) -> bool:
    """Whether one is "unencrypted" and the other nothing but "encrypted"."""
    denied = denied_by_affixes(one) & other.stems
    if not denied or other.negators or implicit_words(other):
        return False
    if "non" not in one.texts:
        return denied.isdisjoint(denied_by_affixes(other) | one.stems)
    parts = {word.stem for non, word in pairwise(one.words) if non.text == "non"}
    return denied.isdisjoint(denied_by_affixes(other) | (one.stems - parts))


def _permits_what_is_forbidden(said: Facts, best: Facts) -> bool:
    """Whether "you may …" stands against "do not …" about the same name."""
    if said.negators or implicit_words(said) or not _forbids(best):
        return False
    return has_word(said, *_PERMITS) and bool(said.names & best.names)


def _forbids(line: Facts) -> bool:
    """Whether a line says "do not …", "must not …", "is not possible", "is illegal"."""
    if has_word(line, *PROHIBITING):
        return True
    texts = ["", "", *(word.text for word in line.words), ""]
    return any(
        place <= 1 or texts[place + 1] in _FORBIDS or texts[place + 3] in MODAL
        for place in line.negators
    )


def _is_condition(facts: Facts, place: int) -> bool:
    """Whether the word stands in a clause that says when something else is so."""
    clause = facts.words[place].clause
    return next(word.text for word in facts.words if word.clause == clause) in _CONDITIONS


def _denies_sameness(facts: Facts, place: int) -> bool:
    """Whether the negator belongs to "not the same": the sentence may say what differs."""
    return any(word.text == "same" for word in facts.words[place + 1 : place + 3])


def _says_it_lasts(line: Facts) -> bool:
    denied = {line.words[place].clause for place in line.negators}
    return any(word.text in LASTING and word.clause not in denied for word in line.words)


def _all_have_with(lines: Sequence[Facts]) -> bool:
    """Whether the lines say "with" and none says "without"."""
    return any(has_word(f, "with") for f in lines) and not any(
        has_word(f, "without") for f in lines
    )
