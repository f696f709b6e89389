"""Choosing what to quote."""

import numpy as np
import pytest

from proxy.adapters.local.relevance import Scored
from proxy.adapters.local.selection import (
    ANSWER_FLOOR,
    MAX_CHARS,
    MAX_STEPS,
    MAX_STEPS_CHARS,
    select,
)
from proxy.adapters.local.units import Unit, UnitKind, units_of


def scored(
    text: str,
    score: float,
    place: tuple[int, int],
    *,
    kind: UnitKind = "sentence",
    lead: int | None = None,
    meaning: int | None = None,
) -> Scored:
    """Return a unit at (passage, position); pieces of one `meaning` have equal vectors."""
    vector = np.zeros(64, np.float32)
    vector[place[0] * 8 + place[1] if meaning is None else meaning] = 1
    return Scored(Unit(kind, text, *place, "", lead), vector, score, 0, score)


def texts(pieces: list[Scored]) -> list[str]:
    return [unit.text for unit in select(pieces, [piece.unit for piece in pieces])]


def test_nothing_good_enough_is_no_answer() -> None:
    assert texts([scored("Maybe.", ANSWER_FLOOR - 0.01, (0, 0))]) == []
    assert texts([]) == []


def test_only_pieces_near_the_best_are_quoted() -> None:
    pieces = [
        scored("Best.", 1.0, (0, 0)),
        scored("Good.", 0.9, (0, 3)),
        scored("No.", 0.4, (0, 5)),
    ]
    assert texts(pieces) == ["Best.", "Good."]


def test_the_best_passage_comes_first_and_its_pieces_in_reading_order() -> None:
    pieces = [
        scored("Late.", 1.0, (1, 5)),
        scored("Other.", 0.95, (0, 0)),
        scored("Early.", 0.9, (1, 1)),
    ]
    assert texts(pieces) == ["Early.", "Late.", "Other."]


def test_what_is_said_is_not_said_again() -> None:
    pieces = [scored("A.", 1.0, (0, 0), meaning=7), scored("A again.", 0.99, (1, 0), meaning=7)]
    assert texts(pieces) == ["A."]


def test_there_are_few_pieces() -> None:
    assert len(texts([scored(f"{i}.", 1.0, (0, i)) for i in range(8)])) == 3


def test_a_long_piece_leaves_no_room_for_another() -> None:
    pieces = [scored("x" * MAX_CHARS, 1.0, (0, 0)), scored("Short.", 0.9, (0, 3))]
    assert len(texts(pieces)) == 1


def test_one_block_of_code_is_enough() -> None:
    pieces = [
        scored("```\na\n```", 1.0, (0, 0), kind="code"),
        scored("```\nb\n```", 0.99, (0, 2), kind="code"),
        scored("Run it.", 0.98, (0, 4)),
    ]
    assert texts(pieces) == ["```\na\n```", "Run it."]


def test_an_item_brings_its_introduction() -> None:
    pieces = [
        scored("Choose:", 0.1, (0, 0)),
        scored("a", 0.2, (0, 1), kind="item", lead=0),
        scored("b", 1.0, (0, 2), kind="item", lead=0),
    ]
    assert texts(pieces) == ["Choose:", "b"]


def test_an_introduction_brings_what_it_announces() -> None:
    pieces = [
        scored("Choose:", 1.0, (0, 0)),
        scored("a", 0.1, (0, 1), kind="item", lead=0),
        scored("b", 0.1, (0, 2), kind="item", lead=0),
        scored("Else.", 0.1, (0, 3)),
        scored("Foreign.", 0.1, (1, 1), kind="item", lead=0),
    ]
    assert texts(pieces) == ["Choose:", "a", "b"]


def test_a_sentence_that_refers_back_brings_the_one_before() -> None:
    pieces = [scored("A shard grows.", 0.1, (0, 0)), scored("It is merged later.", 1.0, (0, 1))]
    assert texts(pieces) == ["A shard grows.", "It is merged later."]


def test_the_first_sentence_of_a_passage_has_nothing_before_it() -> None:
    assert texts([scored("This works.", 1.0, (0, 0))]) == ["This works."]


def test_an_announcement_without_what_it_announces_is_not_quoted() -> None:
    pieces = [scored("As follows:", 1.0, (0, 0)), scored("Good.", 0.9, (1, 0))]
    assert texts(pieces) == ["Good."]


def test_company_need_not_be_scored_itself() -> None:
    lead, item = scored("Choose:", 0, (0, 0)), scored("a", 1.0, (0, 1), kind="item", lead=0)
    assert [u.text for u in select([item], [lead.unit, item.unit])] == ["Choose:", "a"]


def quoted(markdown: str, best: str) -> list[Unit]:
    """Return what is selected where only the piece `best` fits the question."""
    units = units_of(markdown, passage=0, heading="")
    scores = [1.0 if unit.text == best else 0.1 for unit in units]
    vector = np.zeros(1, np.float32)
    return select([Scored(u, vector, s, 0, s) for u, s in zip(units, scores, strict=True)], units)


def steps(count: int, text: str = "Step") -> str:
    return "Do:\n\n" + "".join(f"{i}. {text} {i}\n" for i in range(1, count + 1))


@pytest.mark.parametrize("best", ["Do:", "Step 1", "Step 4", "Step 10"])
def test_a_step_is_never_quoted_without_the_others(best: str) -> None:
    found = quoted(f"Before.\n\n{steps(10)}\nAfter.\n\n7. Foreign\n", best)
    assert [unit.text for unit in found] == ["Do:", *(f"Step {i}" for i in range(1, 11))]
    assert not any(unit.is_cut for unit in found)


def test_steps_of_another_passage_are_not_those_of_the_list() -> None:
    first, second = (units_of("1. a\n2. b\n", passage=i, heading="") for i in (0, 1))
    best = Scored(second[1], np.zeros(1, np.float32), 1.0, 0, 1.0)
    assert select([best], [*first, *second]) == second


def test_of_a_long_list_the_beginning_and_the_step_asked_for_are_quoted() -> None:
    found = quoted(steps(20), "Step 15")
    assert [unit.text for unit in found[1:]] == [
        *(f"Step {i}" for i in range(1, MAX_STEPS + 1)),
        "Step 15",
    ]
    assert [unit.text for unit in found if unit.is_cut] == ["Step 12", "Step 15"]


def test_of_long_steps_fewer_are_quoted() -> None:
    text = "x" * (MAX_STEPS_CHARS // 3)
    found = quoted(steps(5, text), f"{text} 1")
    assert [unit.marker for unit in found[1:]] == ["1. ", "2. "]
    assert found[-1].is_cut


def test_a_list_without_numbers_is_not_completed() -> None:
    assert [unit.text for unit in quoted("Choose:\n\n- a\n- b\n", "b")] == ["Choose:", "b"]
