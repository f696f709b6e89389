"""Choosing what to quote."""

import numpy as np

from proxy.adapters.local.relevance import Scored
from proxy.adapters.local.selection import ANSWER_FLOOR, MAX_CHARS, select
from proxy.adapters.local.units import Unit, UnitKind


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
