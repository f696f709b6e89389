"""Questions are asked and figures come out."""

from collections.abc import Sequence

from proxy.evaluation.beir import Judged
from proxy.evaluation.retrieval import measure

QUESTIONS = [
    Judged("1", "first", {"a": 1}, {"has_code": True, "answer": True}),
    Judged("2", "second", {"b": 1}, {"has_code": False, "answer": "text"}),
]


async def rank(question: str) -> Sequence[str]:
    """Return passages: two of a document before the one that answers the second question."""
    return ["a", "a", "b"] if question else []


async def test_passages_count_once_a_document() -> None:
    steps: list[int] = []
    figures = await measure(QUESTIONS, rank, k=10, advance=steps.append)
    assert figures["hit@1"] == 0.5
    assert figures["mrr@10"] == 0.75
    assert figures["recall@10"] == 1.0
    assert figures["queries"] == 2
    assert set(figures["intervals"]) == {"ndcg@10", "recall@10", "mrr@10", "hit@1"}
    assert steps == [1, 1]


async def test_groups_are_made_of_metadata_that_is_yes_or_no_everywhere() -> None:
    figures = await measure(QUESTIONS, rank, k=10, advance=lambda _steps: None)
    assert set(figures["groups"]) == {"has_code=true", "has_code=false"}
    assert figures["groups"]["has_code=false"]["mrr@10"] == 0.5


async def test_no_questions_are_no_figures() -> None:
    figures = await measure([], rank, k=3, advance=lambda _steps: None)
    assert (figures["ndcg@3"], figures["queries"], figures["groups"]) == (0.0, 0, {})
