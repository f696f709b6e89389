"""Reading a set of questions."""

from pathlib import Path

import orjson
import pytest

from proxy.errors import InvalidRequest
from proxy.evaluation.beir import QuestionSet


def write(folder: Path, name: str, *lines: object) -> None:
    """Write a file of JSON lines, or of text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = (line if isinstance(line, str) else orjson.dumps(line).decode() for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set of three questions, of which two have answers."""
    write(
        tmp_path,
        "queries.jsonl",
        {"_id": "q1", "text": "Why?", "metadata": {"has_code": True}},
        {"_id": "q2", "text": "How?"},
        {"_id": "q3", "text": "Never judged"},
    )
    write(
        tmp_path, "qrels/test.tsv", "query-id\tcorpus-id\tscore", "q1\ta\t2", "q1\tb\t0", "q2\ta\t1"
    )
    write(
        tmp_path,
        "corpus.jsonl",
        {"_id": "a", "title": "Title", "text": "Text."},
        {"_id": "b", "title": "", "text": "Bare."},
        {"_id": 7, "title": "Unused", "text": "# Own heading\n\nText."},
        "",
    )
    return tmp_path


def test_questions_come_with_what_answers_them(folder: Path) -> None:
    first, second = QuestionSet(folder).questions()
    assert (first.question_id, first.text, first.gains) == ("q1", "Why?", {"a": 2})
    assert first.metadata == {"has_code": True}
    assert (second.question_id, second.gains, second.metadata) == ("q2", {"a": 1}, {})


def test_documents_are_markdown_with_their_title_as_heading(folder: Path) -> None:
    documents = dict(QuestionSet(folder).documents())
    assert documents == {
        "a": "# Title\n\nText.",
        "b": "Bare.",
        "7": "# Own heading\n\nText.",
    }
    assert QuestionSet(folder).has_corpus


@pytest.mark.parametrize("name", ["queries.jsonl", "qrels/test.tsv"])
def test_a_file_that_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InvalidRequest, match=Path(name).name):
        QuestionSet(folder).questions()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("queries.jsonl", "{"),
        ("queries.jsonl", "[]"),
        ("queries.jsonl", '{"_id": "x"}'),
        ("qrels/test.tsv", "header\nq1\ta"),
        ("qrels/test.tsv", "header\nq1\ta\tyes"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(folder: Path, name: str, line: str) -> None:
    write(folder, name, line)
    with pytest.raises(InvalidRequest, match=r"line [12]"):
        QuestionSet(folder).questions()
