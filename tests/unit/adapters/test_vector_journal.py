"""Vectors that outlive the ingest that paid for them."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.vector_journal import SqliteVectorJournal
from proxy.errors import RetrievalUnavailable
from proxy.queries import FloatVector


def _vectors(*texts: str) -> dict[str, FloatVector]:
    return {
        hashlib.sha256(text.encode()).hexdigest(): np.full(4, len(text), np.float32)
        for text in texts
    }


async def test_what_was_noted_is_known_to_the_next_process(tmp_path: Path) -> None:
    noted = _vectors("a", "bb")
    await SqliteVectorJournal(tmp_path).add("book", noted)
    found = await SqliteVectorJournal(tmp_path).known("book", [*noted, *_vectors("ccc")])
    assert found.keys() == noted.keys()
    assert all(np.array_equal(found[name], noted[name]) for name in noted)
    assert set(await SqliteVectorJournal(tmp_path).known_texts("book")) == noted.keys()
    assert set(await SqliteVectorJournal(tmp_path).known_texts("other")) == set()


async def test_books_have_journals_of_their_own_and_clearing_one_leaves_no_file(
    tmp_path: Path,
) -> None:
    journal = SqliteVectorJournal(tmp_path)
    noted = _vectors("a")
    for book in ("one", "two"):
        await journal.add(book, noted)
    await journal.clear("one")
    await journal.clear("never")
    assert await journal.known("one", noted) == {}
    assert (await journal.known("two", noted)).keys() == noted.keys()
    assert list(tmp_path.glob("one*")) == []  # noqa: ASYNC240 - a folder of two files


async def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    journal = SqliteVectorJournal(tmp_path)
    noted = _vectors("a")
    await journal.add("book", noted)
    (tmp_path / "book.sqlite3").write_bytes(b"nonsense" * 1_000)
    assert await journal.known("book", noted) == {}
    await journal.add("book", noted)
    assert (await journal.known("book", noted)).keys() == noted.keys()


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = SqliteVectorJournal(tmp_path / "file" / "folder")
    with pytest.raises(RetrievalUnavailable):
        await journal.add("book", _vectors("a"))


@given(st.sets(st.text(max_size=3), max_size=1_200))
async def test_any_number_is_looked_up_at_once(
    tmp_path_factory: pytest.TempPathFactory, texts: set[str]
) -> None:
    journal = SqliteVectorJournal(tmp_path_factory.mktemp("journal"))
    noted = _vectors(*texts)
    await journal.add("book", noted)
    assert (await journal.known("book", noted)).keys() == noted.keys()
