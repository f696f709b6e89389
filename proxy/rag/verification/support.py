"""Decides whether a sentence is supported by the passages it cites, and if not, why.

It looks for what can be checked without understanding: numbers and their units, names, code,
quotations, denials, contraries, and whether the words are there at all. All but the last ask what
stands in the passages where the sentence has a word (`surroundings.py`). Denials and plain words
are compared where sentence and passage share a language; numbers, code and quoted names in any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from proxy.rag.verification.contraries import says_contrary
from proxy.rag.verification.counts import is_strange_anywhere, number_faults
from proxy.rag.verification.denial import denies_otherwise
from proxy.rag.verification.evidence import Comparison, Evidence, tongue_of
from proxy.rag.verification.facts import facts_of
from proxy.rag.verification.names import has_strange_code, has_strange_name, misquotes
from proxy.rag.verification.plain_text import Line, plain, without_item_marker
from proxy.rag.verification.surroundings import Surroundings

Reason = Literal["number", "unit", "name", "negation", "opposite", "quote", "words"]

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
    text = plain(without_item_marker(sentence))
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
    tongue = tongue_of(text)
    if any(tongue == each.tongue for each in compared.evidence):
        reasons = _in_its_language(sentence, tongue, compared)
    else:
        reasons = ["number"] if is_strange_anywhere(compared) else []
    if has_strange_code(compared):
        reasons.append("name")
    return tuple(dict.fromkeys(reasons))


def _in_its_language(sentence: str, tongue: tuple[str, bool], compared: Comparison) -> list[Reason]:
    """Return what is wrong with the words of a sentence in the language of its passages."""
    surroundings = Surroundings(compared)
    reasons: list[Reason] = [*number_faults(compared, surroundings), *_words(compared)]
    if misquotes(sentence, compared):
        reasons.append("quote")
    if not tongue[1]:  # what follows knows English only
        return reasons
    if has_strange_name(compared, surroundings):
        reasons.append("name")
    if denies_otherwise(compared, surroundings):
        reasons.append("negation")
    if says_contrary(compared, surroundings):
        reasons.append("opposite")
    return reasons


def _words(compared: Comparison) -> list[Reason]:
    says_enough = len(compared.said.stems) > 1
    return ["words"] if says_enough and compared.coverage < COVERAGE_FLOOR else []
