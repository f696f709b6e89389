"""`book-proxy eval`: figures of a small set of questions, with its corpus and in a book."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.sample_books import PUMPS, write_pumps

KEYS = {"ndcg@10", "recall@10", "mrr@10", "hit@1", "queries", "seconds"}


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Two questions, of which the corpus answers one in the document that is judged."""
    folder = tmp_path / "set"
    (folder / "qrels").mkdir(parents=True)
    lines = [
        {"_id": "d/pump", "title": "Pumps", "text": "The Quillon pump starts by itself at night."},
        {"_id": "siren", "title": "Sirens", "text": "The Vorpal siren is heard from afar."},
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, lines)))
    asked = [
        {"_id": "q1", "text": "When does the Quillon pump start?"},
        {"_id": "q2", "text": "Who hears the Vorpal siren?"},
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)))
    judged = "query-id\tcorpus-id\tscore\nq1\td/pump\t1\nq2\tnowhere\t1\n"
    (folder / "qrels" / "test.tsv").write_text(judged)
    return folder


def test_a_set_is_measured_in_an_index_that_is_thrown_away(
    command_line: CommandLine, questions: Path, tmp_path: Path
) -> None:
    env = {"PROXY_DATA_DIR": str(tmp_path / "data")}
    done = command_line("eval", str(questions), "--json", env=env)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures.keys() >= KEYS
    assert (figures["hit@1"], figures["queries"], figures["documents"]) == (0.5, 2, 2)
    assert not (tmp_path / "data" / "index").exists()


def test_the_figures_are_shown_to_people(command_line: CommandLine, questions: Path) -> None:
    done = command_line("eval", str(questions), "--top-k", "3")
    assert done.returncode == 0, done.stderr
    assert "ndcg@3" in done.stdout
    assert "0.500" in done.stdout


def test_a_book_that_is_there_is_searched_as_it_is(
    command_line: CommandLine, questions: Path, tmp_path: Path
) -> None:
    env = {"PROXY_DATA_DIR": str(tmp_path / "data")}
    source = write_pumps(tmp_path / PUMPS)
    assert command_line("ingest", str(source), "--book", PUMPS, env=env).returncode == 0
    names = sorted(path.relative_to(source).as_posix() for path in source.rglob("*.md"))
    judged = "".join(f"q1\t{name}\t1\n" for name in names)
    (questions / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")
    done = command_line("eval", str(questions), "--book", PUMPS, "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["hit@1"] == 1.0
    corpus = command_line("eval", str(questions), "--corpus", str(source), "--json", env=env)
    assert json.loads(corpus.stdout)["hit@1"] == 1.0


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("queries.jsonl", "queries.jsonl"),
        ("corpus.jsonl", "corpus.jsonl"),
    ],
)
def test_a_set_that_cannot_be_read_is_a_wrong_argument(
    command_line: CommandLine, questions: Path, broken: str, said: str
) -> None:
    (questions / broken).unlink()
    done = command_line("eval", str(questions))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_neither_questions_without_answers_nor_unknown_books_are_measured(
    command_line: CommandLine, questions: Path, tmp_path: Path
) -> None:
    env = {"PROXY_DATA_DIR": str(tmp_path)}
    assert "nowhere" in command_line("eval", str(questions), "--book", "nowhere", env=env).stderr
    (questions / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n")
    done = command_line("eval", str(questions))
    assert (done.returncode, "no question" in done.stderr) == (2, True)
