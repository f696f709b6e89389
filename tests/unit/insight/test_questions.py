"""Questions that mean nearly the same count as one."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from proxy.insight.questions import grouped
from tests.support.interactions import LAST, interaction, passage


def test_other_words_around_the_same_subject_make_one_group() -> None:
    asked = [
        interaction("How do I calibrate the lidar?"),
        interaction("how can i calibrate lidars", hours_ago=1),
        interaction("Which motors fit?", hours_ago=2),
    ]
    first, second = grouped(asked)
    assert (first.question, first.count) == ("How do I calibrate the lidar?", 2)
    assert first.wordings == ["How do I calibrate the lidar?", "how can i calibrate lidars"]
    assert first.last_asked == LAST
    assert (second.question, second.count) == ("Which motors fit?", 1)


def test_one_common_word_is_not_enough() -> None:
    asked = [interaction("calibrating a lidar sensor"), interaction("price of the lidar")]
    assert [group.count for group in grouped(asked)] == [1, 1]


def test_a_group_knows_what_came_closest() -> None:
    asked = [
        interaction("lidar calibration", "no-match", passage("Cameras"), passage("Radar")),
        interaction("lidar calibration?", "no-match", passage("Radar")),
    ]
    (group,) = grouped(asked)
    assert group.nearby.most_common(1) == [(("Radar", "https://pumps.example/radar"), 2)]


def test_no_question_is_no_group() -> None:
    assert list(grouped([])) == []
    assert list(grouped([interaction("  ")])) == []


@given(st.lists(st.text("abc d?é中", min_size=1, max_size=12), max_size=20))
def test_every_question_is_in_one_group(questions: list[str]) -> None:
    groups = grouped(interaction(text) for text in questions)
    assert sum(group.count for group in groups) == sum(1 for text in questions if text.strip())
    counts = [group.count for group in groups]
    assert counts == sorted(counts, reverse=True)
    said = Counter(text for text in questions if text.strip())
    assert all(wording in said for group in groups for wording in group.wordings)
