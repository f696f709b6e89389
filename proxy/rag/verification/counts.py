"""Decides whether the numbers of a sentence are those of its passages, and count the same."""

from typing import Literal

from proxy.language.numbers import Number
from proxy.rag.verification.evidence import Comparison
from proxy.rag.verification.surroundings import Place, Surroundings

_MOST = 40
"""Numbers of a sentence and of its lines that are compared."""
_LIKE = 0.5
_MORE_LIKE = 1.5
"""A number is in another's place where the surroundings are so like, and so much more like."""
_LIKE_UNKNOWN = 0.5
"""For a "two" that the passages do not have."""


def number_faults(
    compared: Comparison, surroundings: Surroundings
) -> list[Literal["number", "unit"]]:
    """Return "number" where one is not there or counts something else, "unit" likewise."""
    faults: list[Literal["number", "unit"]] = []
    said = compared.said.counts[:_MOST]
    if not said:
        return []
    near = [(other, Place(line, at)) for line in compared.near for other, at in line.counts][:_MOST]
    others = [
        (other, place) for other, place in near if not any(other.is_as(ours) for ours, _ in said)
    ]
    headings = [number for line in compared.headings for number in line.numbers]
    for number, at in said:
        same = [(other, place) for other, place in near if other.is_as(number)]
        rival = surroundings.best(
            at, (place for other, place in others if other.unit == number.unit)
        )
        if same or any(map(number.is_as, headings)):
            like = surroundings.best(at, (place for _, place in same))
            if rival > max(_LIKE, _MORE_LIKE * like):
                faults.append("number")
            elif same and not any(_in_same_unit(number, other) for other, _ in same):
                faults.append("unit")
        elif not _is_said_of_any(number) or rival > _LIKE_UNKNOWN:
            faults.append("number")
    return faults


def is_strange_anywhere(compared: Comparison) -> bool:
    """Whether a number stands nowhere: without common words no line is the nearest."""
    there = [number for line in compared.lines for number in line.numbers]
    return any(not any(map(number.is_as, there)) for number in compared.said.numbers[:_MOST])


def _in_same_unit(number: Number, other: Number) -> bool:
    return None in (number.unit, other.unit) or bool(
        other.unit == number.unit or other.amounts & number.amounts
    )


def _is_said_of_any(number: Number) -> bool:
    """Whether it hardly says how many: "one of them", "the two"."""
    return number.is_word and number.unit is None and bool(number.readings & {"1", "2"})
