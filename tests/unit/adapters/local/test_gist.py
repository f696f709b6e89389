"""Telling who only asks to have a text explained, and what says most of it."""

import numpy as np
import pytest

from proxy.adapters.local.gist import asks_for_gist, by_centrality
from proxy.adapters.local.units import Unit


@pytest.mark.parametrize(
    "question",
    [
        "Explain this",
        "Can you explain this in simple words, please?",
        "What does this mean?",
        "What is that about?",
        "Summarise this paragraph.",
        "summarize the selected text",
        "How does this work?",
        "TL;DR",
        "Explícame esto, por favor",
        "¿Qué significa esto?",
        "Que veut dire ce texte ?",
        "Erkläre mir das bitte in einfachen Worten.",
        "Was bedeutet das?",
        "ماذا يعني هذا؟",
        "اس کا مطلب کیا ہے؟",
        "请解释一下这段话",
        "这是什么意思？",  # noqa: RUF001 - as it is asked
    ],
)
def test_a_question_that_only_points_asks_for_the_gist(question: str) -> None:
    assert asks_for_gist(question)


@pytest.mark.parametrize(
    "question",
    [
        "What does the pump do?",
        "Explain the pressure switch",
        "Summarise the history of Rome",
        "Why is this?",
        "When was that?",
        "How much is it?",
        "Was bedeutet Druck?",
        "这个水泵是什么？",  # noqa: RUF001
        "?",
        "",
    ],
)
def test_a_question_with_a_subject_of_its_own_does_not(question: str) -> None:
    assert not asks_for_gist(question)


def test_what_is_most_like_all_of_a_text_says_most_of_it() -> None:
    vectors = np.asarray([[1, 0, 0], [0.8, 0.6, 0], [0, 0, 1]], np.float32)
    units = [Unit("sentence", text, 0, i, "") for i, text in enumerate("abc")]
    scores = [scored.score for scored in by_centrality(units, vectors)]
    assert scores[1] > scores[0] > scores[2]
