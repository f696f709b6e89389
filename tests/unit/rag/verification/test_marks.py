"""What denies, and what it denies."""

import pytest

from proxy.rag.verification.facts import facts_of
from proxy.rag.verification.marks import marks_beyond, marks_of


def denied(text: str) -> list[tuple[str, ...]]:
    return [mark.said for mark in marks_of(facts_of(text))]


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("The pump does not start in winter.", [("start", "winter")]),
        ("The pump is not: it stands.", [("pump",)]),
        ("Starting the pump is not allowed in rain.", [("allow", "pump", "rain")]),
        ("Neither rain nor snow.", [("rain", "snow"), ("snow",)]),
        ("It does not start without water.", [("start",), ("water",)]),
        ("It refuses water.", [("water",)]),
        ("It is unlocked.", [("lock",)]),
        ("A non-smoking train.", [("smoke",)]),
        ("No, it is red.", []),
        ("It is red too.", []),
        ("It is not the same lid.", []),
        ("Use `--no-wait`.", []),
    ],
)
def test_a_denial_reaches_to_the_end_of_its_clause(text: str, stems: list[tuple[str, ...]]) -> None:
    assert denied(text) == stems


def test_what_both_sides_deny_is_no_difference() -> None:
    said, line = facts_of("It does not start without oil."), facts_of("Without oil it starts.")
    assert [mark.said for mark in marks_beyond(said, line)] == [("start",)]
    assert marks_beyond(line, said) == []


def test_a_beginning_denies_only_what_the_other_side_has() -> None:
    line = facts_of("An important lid.")
    assert marks_beyond(line, facts_of("A lid.")) == []
    assert marks_beyond(facts_of("An unlocked lid."), facts_of("A locked lid.")) != []
