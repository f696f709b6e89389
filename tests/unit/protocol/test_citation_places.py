"""Markers are read where the annotations say they are, and nowhere else."""

from typing import Any

import pytest

from proxy.protocol.citation_places import numbers_cited


def at(start: int, end: int) -> dict[str, Any]:
    return {"type": "url_citation", "url_citation": {"start_index": start, "end_index": end}}


@pytest.mark.parametrize(
    ("annotation", "numbers"),
    [(at(4, 7), [3]), (at(12, 19), [1, 12]), (at(0, 3), []), ({"type": "other"}, [])],
)
def test_the_numbers_of_a_place(annotation: dict[str, Any], numbers: list[int]) -> None:
    assert numbers_cited("One [3] two [1, 12] 2026.", annotation) == numbers
