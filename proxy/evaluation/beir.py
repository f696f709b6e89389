"""A set of questions in BEIR's layout: corpus, questions, and which documents answer them.

Source: https://github.com/beir-cellar/beir (`corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from proxy.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the documents that answer it."""

    question_id: str
    text: str
    gains: Mapping[str, int]
    """By document id, above 0."""
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A folder in BEIR's layout."""

    folder: Path

    def questions(self) -> list[Judged]:
        """Return the questions that have judgements, in order.

        Raises:
            InvalidRequest: a file is missing or cannot be read.
        """
        gains = self._gains()
        return [
            Judged(
                question["_id"],
                question["text"],
                gains[question["_id"]],
                question.get("metadata") or {},
            )
            for question in _lines(self.folder / "queries.jsonl", "_id", "text")
            if gains.get(question["_id"])
        ]

    def documents(self) -> Iterator[tuple[str, str]]:
        """Yield the documents' ids and their Markdown, a title as heading; none without a corpus.

        Raises:
            InvalidRequest: the file cannot be read.
        """
        for document in _lines(self.folder / "corpus.jsonl", "_id", "text"):
            yield document["_id"], _markdown(document.get("title") or "", document["text"])

    @property
    def has_corpus(self) -> bool:
        """Whether the documents are here, and not in a book that is there already."""
        return (self.folder / "corpus.jsonl").is_file()

    def _gains(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        path = self.folder / "qrels" / "test.tsv"
        for number, line in enumerate(_text(path).splitlines()[1:], start=2):
            parts = line.split("\t")
            if len(parts) != 3 or not parts[2].strip().isdigit():
                raise InvalidRequest(f"{path}, line {number}: not 'query-id, corpus-id, score'")
            if int(parts[2]):
                found.setdefault(parts[0], {})[parts[1]] = int(parts[2])
        return found


def _lines(path: Path, *keys: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry: dict[str, Any] = orjson.loads(line)
            for key in keys:
                entry[key] = str(entry[key])
        except (orjson.JSONDecodeError, KeyError, TypeError) as exc:
            raise InvalidRequest(f"{path}, line {number}: no JSON object with {keys}") from exc
        yield entry


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidRequest(f"{path} cannot be read: {exc}") from exc


def _markdown(title: str, text: str) -> str:
    """Return a document as a page: its title is a heading, unless the text has one of its own."""
    title = " ".join(title.split())
    return text if not title or text.lstrip().startswith(("# ", "---")) else f"# {title}\n\n{text}"
