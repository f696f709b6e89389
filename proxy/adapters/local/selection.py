"""Chooses what to quote and puts it in a readable order, or chooses nothing.

Called by `reader.py`. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from proxy.adapters.local.relevance import Scored
from proxy.adapters.local.units import Unit

ANSWER_FLOOR = 0.65
"""Least score of the best piece; below it the passages do not answer the question."""
NEAR_BEST = 0.72
"""A further piece has at least this share of the best one's score …"""
MAX_PIECES = 3
"""… and there are at most so many, what they need to be understood not counted."""
MAX_CHARS = 900
"""Pieces stop being added beyond it; code is not counted."""
MAX_FOLLOWERS = 8
"""List items quoted with the sentence that introduces them."""
MAX_STEPS = 12
"""Steps of an ordered list quoted with one of them …"""
MAX_STEPS_CHARS = 2 * MAX_CHARS
"""… as long as they are not longer; what is left out is marked."""
SAME_MEANING = 0.93
"""Cosine above which two pieces say the same."""
_REFERS_BACK = re.compile(
    r"(this|these|those|that|it|its|they|their|he|she|such|both|however|otherwise|in this case|"
    r"instead|then|also|so)\b",
    re.IGNORECASE,
)


def select(
    scored: Sequence[Scored], units: Sequence[Unit], *, floor: float = ANSWER_FLOOR
) -> list[Unit]:
    """Return the units that answer, in reading order, best passage first; empty: no answer.

    `scored` may be some of `units` only; the others are quoted where a chosen one needs them. Below
    `floor` none answers.
    """
    announced = {(unit.passage, unit.lead) for unit in units}
    # An announcement that was cut off from what it announces says nothing.
    complete = [
        s
        for s in scored
        if not s.unit.is_introduction or (s.unit.passage, s.unit.position) in announced
    ]
    ranked = sorted(complete, key=lambda s: (-s.score, s.unit.passage, s.unit.position))
    if not ranked or ranked[0].score < floor:
        return []
    chosen: list[Scored] = []
    for candidate in ranked:
        if candidate.score < NEAR_BEST * ranked[0].score or len(chosen) == MAX_PIECES:
            break
        if not _is_said(candidate, chosen) and _fits(candidate, chosen):
            chosen.append(candidate)
    return _in_order(chosen, units)


def _is_said(candidate: Scored, chosen: Sequence[Scored]) -> bool:
    """Return whether a chosen piece says the same already."""
    return any(float(candidate.vector @ other.vector) > SAME_MEANING for other in chosen)


def _fits(candidate: Scored, chosen: Sequence[Scored]) -> bool:
    """Return whether there is room; the first piece always fits, a second code block never."""
    if candidate.unit.kind == "code":
        return all(other.unit.kind != "code" for other in chosen)
    return not chosen or len(candidate.unit.text) + sum(_length(s) for s in chosen) <= MAX_CHARS


def _length(scored: Scored) -> int:
    return 0 if scored.unit.kind == "code" else len(scored.unit.text)


def _in_order(chosen: Sequence[Scored], units: Sequence[Unit]) -> list[Unit]:
    """Return the chosen units with what they need, grouped by passage."""
    by_place = {(unit.passage, unit.position): unit for unit in units}
    passages = list(dict.fromkeys(scored.unit.passage for scored in chosen))
    places: set[tuple[int, int]] = set()
    for scored in chosen:
        places |= _with_company(scored.unit, by_place)
    for unit in [by_place[place] for place in places]:
        places |= _whole_list(unit, units)
    ordered = sorted(places, key=lambda p: (passages.index(p[0]), p[1]))
    return [replace(by_place[p], is_cut=_is_cut(p, places, by_place)) for p in ordered]


def _whole_list(unit: Unit, units: Sequence[Unit]) -> set[tuple[int, int]]:
    """Return the places of the ordered list a unit is a step of: none is done without the others.

    Of a long list, its beginning and the unit's own step.
    """
    if unit.step is None:
        return set()
    places: set[tuple[int, int]] = set()
    chars = 0
    for other in units:
        if other.step is None or _list_of(other) != _list_of(unit):
            continue
        chars += len(other.text)
        is_within = other.step.position < MAX_STEPS and chars <= MAX_STEPS_CHARS
        if is_within or other.step == unit.step:
            places.add((other.passage, other.position))
    return places


def _is_cut(
    place: tuple[int, int], places: set[tuple[int, int]], by_place: dict[tuple[int, int], Unit]
) -> bool:
    """Return whether the next piece of an ordered list is left out."""
    following = (place[0], place[1] + 1)
    if by_place[place].step is None or following not in by_place or following in places:
        return False
    return _list_of(by_place[place]) == _list_of(by_place[following])


def _list_of(unit: Unit) -> tuple[int, int | None]:
    """Return what all steps of an ordered list have in common."""
    return unit.passage, unit.step.list_number if unit.step else None


def _with_company(unit: Unit, by_place: dict[tuple[int, int], Unit]) -> set[tuple[int, int]]:
    """Return the places of a unit and of those without which it cannot be understood."""
    place = (unit.passage, unit.position)
    company = {place}
    if unit.lead is not None:
        company.add((unit.passage, unit.lead))
    before = by_place.get((unit.passage, unit.position - 1))
    if before and before.kind == unit.kind == "sentence" and _REFERS_BACK.match(unit.text):
        company.add((unit.passage, unit.position - 1))
    if unit.is_introduction:
        followers = [p for p, u in by_place.items() if p[0] == place[0] and u.lead == place[1]]
        company.update(sorted(followers)[:MAX_FOLLOWERS])
    return company
