"""What an evaluation of answers counts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.repository import ROOT
from tests.support.sample_books import write_pumps
from tools.evaluate_answers import QUESTIONS, Outcome, main, outcome_of, report, share


def message(text: str, *spans: tuple[int, int], unsupported: int = 0) -> dict[str, Any]:
    citations = [
        {
            "content": "The pump starts below two bar.",
            "title": "Pump › Start",
            "url": "https://book.example/pump",
            "filepath": name,
            "chunk_id": name,
            "score": 0.5,
        }
        for name in ("pump.md", "valve.md")
    ]
    annotations = [{"url_citation": {"start_index": a, "end_index": b}} for a, b in spans]
    context: dict[str, Any] = {"citations": citations, "unsupported": [{}] * unsupported}
    return {"content": text, "annotations": annotations, "context": context}


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def missing_pages(questions: list[dict[str, Any]]) -> set[str]:
    pages = {question["page"] for question in questions} - {None}
    return {page for page in pages if not (ROOT / "docs" / page).exists()}


def test_an_answer_that_cites_the_right_page() -> None:
    said = message("It starts [1]. It stops [2].", (10, 13), (24, 27), unsupported=1)
    outcome = outcome_of("pump.md", said, 0.5)
    assert (outcome.is_cited, outcome.cites_page, outcome.claims) == (True, True, 2)
    assert (outcome.unsupported, outcome.seconds) == (1, 0.5)
    assert outcome.checking_seconds > 0
    other = outcome_of("other.md", said, 0.5)
    assert not other.cites_page
    assert not other.finds_page
    assert outcome_of("valve.md", message("It stops."), 0.5).finds_page


def test_an_answer_that_cites_nothing() -> None:
    outcome = outcome_of(None, {"content": None}, 0.1)
    assert (outcome.is_cited, outcome.cites_page, outcome.claims) == (False, False, 0)


def test_the_report_has_shares_with_intervals() -> None:
    def outcome(page: str | None, *, cited: bool, claims: int = 0, unsupported: int = 0) -> Outcome:
        return Outcome(page, cited, True, cited, claims, unsupported, 0.01, 0.001)

    made = report(
        [
            outcome("a", cited=True, claims=3, unsupported=1),
            outcome("b", cited=False),
            outcome(None, cited=False),
            outcome(None, cited=True, claims=1),
        ]
    )
    shares = ("finds_the_page", "cited", "cites_the_page", "supported", "abstained")
    assert {name: made[name][0] for name in shares} == {
        "finds_the_page": 1.0,
        "cited": 0.5,
        "cites_the_page": 0.5,
        "supported": 0.667,
        "abstained": 0.5,
    }
    assert made["answer_ms"] == {"p50": 10.0, "p95": 10.0}
    value, low, high = made["supported"]
    assert low < value < high
    assert report([])["checking_ms"] == {}


@pytest.mark.parametrize(("hits", "value"), [([], [0.0, 0.0, 0.0]), ([True] * 9, [1.0, 1.0, 1.0])])
def test_a_share_of_nothing_and_of_all(hits: list[bool], value: list[float]) -> None:
    assert share(hits) == value


def test_every_question_names_a_page_of_the_manual_or_none() -> None:
    questions = lines_of(QUESTIONS)
    assert len(questions) > 50
    assert missing_pages(questions) == set()
    assert sum(question["page"] is None for question in questions) >= 20
    assert any(len(question["turns"]) > 1 for question in questions)


def test_every_follow_up_has_a_turn_before_it_and_a_page() -> None:
    conversations = lines_of(ROOT / "evaluation/follow-ups.jsonl")
    assert len(conversations) >= 30
    assert {len(conversation["turns"]) for conversation in conversations} == {2, 3}
    assert missing_pages(conversations) == set()


def test_it_measures_a_book_from_end_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "questions.jsonl"
    turns = ["How does the Quillon pump start by hand?", "And when does it start by itself?"]
    asked = [
        {"turns": turns, "page": "starting.md"},
        {"turns": ["Who wrote Hamlet?"], "page": None},
    ]
    questions.write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    book = write_pumps(tmp_path / "pumps")
    main(["--questions", str(questions), "--book", str(book)])
    made = json.loads(capsys.readouterr().out)
    assert made["questions"] == 2
    assert (made["cites_the_page"][0], made["supported"][0], made["abstained"][0]) == (1, 1, 1)
