"""Decides whether a sentence is supported by the passages it cites, and if not, why.

It looks for what can be checked without understanding: numbers and their units, names, code,
quotations, denials, and whether the words are there at all. Denials and plain words are compared
where sentence and passage share a language; numbers, code and quoted names in any.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from proxy.language.numbers import Number, count_in
from proxy.language.tongue import is_english, script_of
from proxy.rag.verification.contrast import exchanges_roles, says_opposite
from proxy.rag.verification.denial import denies_otherwise, says_yes_to_no
from proxy.rag.verification.evidence import CLOSEST, NEAR, Comparison, Evidence
from proxy.rag.verification.facts import Facts, facts_of
from proxy.rag.verification.names import has_strange_code, has_strange_name, misquotes
from proxy.rag.verification.plain_text import Line, plain

Reason = Literal["number", "unit", "name", "negation", "opposite", "quote", "words"]

_CODE = re.compile(r"(?<!`)`++[^`]++`++")
_REMEMBERED_TEXTS = 1024
_COUNTABLE = ("things", "ways", "times")
COVERAGE_FLOOR = 0.30
"""Share of a sentence's content words, rare ones weighing more, that its passages must hold. Of 65
faithful paraphrases one lay below 0.5; of sentences beside a wrong passage 95 % lie below."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence beside the passages it cites."""

    reasons: tuple[Reason, ...]
    """Why they do not support it; empty where they seem to."""
    lines: tuple[Line | None, ...]
    """Of each passage the line that is nearest to the sentence, None of an empty passage."""


def judged(sentence: str, evidence: Sequence[Evidence]) -> Judged:
    """Return what the passages say to a sentence, which is Markdown without markers."""
    text = plain(sentence)
    compared = Comparison(facts_of(text), evidence)
    reasons = _faults(sentence, text, compared)
    if len(evidence) == 1:
        return Judged(reasons, (compared.best_line,))
    return Judged(reasons, tuple(Comparison(compared.said, [e]).best_line for e in evidence))


def _faults(sentence: str, text: str, compared: Comparison) -> tuple[Reason, ...]:
    if compared.best_line is None:
        return ("words",) if compared.said.stems else ()
    if sentence.startswith(("```", "~~~")):  # an adapted listing is still the book's
        return tuple(_words(compared))
    reasons: list[Reason]
    if _tongue(text) == _tongue(compared.text):
        reasons = [*_numbers(compared), *_in_its_language(sentence, text, compared)]
    else:
        reasons = _numbers_anywhere(compared)
    if has_strange_code(compared):
        reasons.append("name")
    return tuple(dict.fromkeys(reasons))


@lru_cache(maxsize=_REMEMBERED_TEXTS)
def _tongue(text: str) -> tuple[str, bool]:
    """Return the script of a text, and whether it is English; code tells neither."""
    prose = _CODE.sub(" ", text)
    return script_of(prose), is_english(prose)


def _in_its_language(sentence: str, text: str, compared: Comparison) -> list[Reason]:
    """Return what is wrong with the words of a sentence in the language of its passages."""
    reasons = _words(compared)
    if misquotes(sentence, compared):
        reasons.append("quote")
    if not is_english(text):  # what follows knows English only
        return reasons
    if has_strange_name(compared):
        reasons.append("name")
    if _is_denied(compared):
        reasons.append("negation")
    if says_opposite(compared) or exchanges_roles(compared):
        reasons.append("opposite")
    return reasons


def _words(compared: Comparison) -> list[Reason]:
    says_enough = len(compared.said.stems) > 1
    return ["words"] if says_enough and compared.coverage < COVERAGE_FLOOR else []


def _numbers_anywhere(compared: Comparison) -> list[Reason]:
    """Return whether a number stands nowhere: without common words no line is the nearest."""
    there = compared.numbers
    is_strange = any(not any(map(number.is_as, there)) for number in compared.said.numbers)
    return ["number"] if is_strange else []


def _numbers(compared: Comparison) -> list[Reason]:
    """Return what is wrong with the numbers: not there, or there with another unit."""
    said, best = compared.said, compared.best
    subjects = said.names & best.names
    headings = [each.heading for each in compared.evidence]
    about: list[Facts] = [
        line
        for line in compared.lines_within(NEAR)
        if subjects <= line.names or not line.names - best.names
    ]
    near = compared.lines_within(CLOSEST)
    reasons: list[Reason] = []
    for number in said.numbers:
        same = [
            other
            for line in (*about, *compared.around_clauses(), *headings)
            for other in line.numbers
            if other.is_as(number)
        ]
        if not same:
            if not _is_said_of_any(number, near):
                reasons.append("number")
        elif number.unit and not any(
            other.unit in (None, number.unit) or other.amounts & number.amounts for other in same
        ):
            reasons.append("unit")
    if said.numbers and "number" not in reasons and _counts_otherwise(compared):
        reasons.append("number")
    return reasons


def _is_said_of_any(number: Number, near: Sequence[Facts]) -> bool:
    """Whether a number hardly says how many: "one", and "two" where nothing else is counted."""
    if not number.is_word or number.unit is not None:
        return False
    counts = any(line.numbers for line in near)
    return "1" in number.readings or ("2" in number.readings and not counts)


def _counts_otherwise(compared: Comparison) -> bool:
    """Whether the nearest lines count other numbers of what the sentence counts."""
    ours = _counted(compared.said)
    if not ours:
        return False
    near = {thing for line in compared.lines_within(CLOSEST) for _, thing in _counted(line)}
    doubted = {(count, thing) for count, thing in ours if thing in near}
    return bool(doubted) and not all(
        any(pair in _counted(line) for line in compared.lines) for pair in doubted
    )


def _counted(facts: Facts) -> set[tuple[int, str]]:
    """Return what is counted, as "three points" counts points; of one is often said more."""
    if not facts.numbers:
        return set()
    amounts = {reading for number in facts.numbers for reading in number.readings}
    return {
        (count, thing.stem)
        for word, thing in pairwise(facts.words)
        if (count := count_in(word.text)) is not None
        and count > 1
        and str(count) in amounts
        and (thing.is_content or thing.text in _COUNTABLE)
        and thing.clause == word.clause
        and count_in(thing.text) is None
    }


def _is_denied(compared: Comparison) -> bool:
    questions = [each.question for each in compared.evidence]
    return denies_otherwise(
        compared.said, compared.best, compared.lines_within(CLOSEST), compared.lines
    ) or says_yes_to_no(compared.said, compared.best, questions)
