"""Which sentence a marker belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.rag.markers import MarkerScanner
from proxy.rag.verification.claims import Claim, claims_of


def claims(answer: str) -> list[Claim]:
    scanner = MarkerScanner(3)
    text = scanner.feed(answer) + scanner.finish()
    return claims_of(text, scanner.markers)


@pytest.mark.parametrize(
    ("answer", "cited"),
    [
        ("It starts [1]. It stops.", [("It starts .", [1])]),
        ("It starts. [1] It stops.[2]", [("It starts.", [1]), ("It stops.", [2])]),
        ("It starts [1] and stops [2][1].", [("It starts and stops .", [1, 2])]),
        ("Intro.\n\n- one [1]\n- two [2]", [("- one", [1]), ("- two", [2])]),
        ("One\nsentence [1].", [("One sentence .", [1])]),
        ("```\ncode\n```\n\n[2]", [("``` code ```", [2])]),
        ("| a | b [1] |\n| c | d [2] |", [("| a | b |", [1]), ("| c | d |", [2])]),
        ("水泵启动[1]。然后停止[2]。", [("水泵启动 。", [1]), ("然后停止 。", [2])]),
        ("[1] begins.", [("begins.", [1])]),
        ("[1]", []),
        ("Nothing.", []),
    ],
)
def test_a_marker_belongs_to_the_sentence_it_ends(
    answer: str, cited: list[tuple[str, list[int]]]
) -> None:
    assert [(" ".join(c.text.split()), c.numbers) for c in claims(answer)] == cited


ANSWERS = st.lists(
    st.sampled_from(
        ["It runs", ". ", "[1]", " [2]", "\n", "\n\n", "- ", "```\n", "。", "| x", "😀"]
    )
).map("".join)


@given(ANSWERS)
def test_places_are_those_of_the_answer_and_no_marker_belongs_to_two(answer: str) -> None:
    scanner = MarkerScanner(3)
    text = scanner.feed(answer) + scanner.finish()
    found = claims_of(text, scanner.markers)
    for claim in found:
        assert 0 <= claim.start < claim.end <= len(text)
        assert claim.end - claim.start == len(claim.text)
    owned = [marker for claim in found for marker in claim.markers]
    assert len(owned) == len(set(owned))
    assert set(owned) <= set(scanner.markers)
