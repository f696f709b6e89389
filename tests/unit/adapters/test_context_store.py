"""Contexts that outlive the ingest that paid for them."""

import asyncio
import contextlib
import hashlib
import sqlite3
from pathlib import Path

import pytest

from proxy.adapters.context_store import SqliteContextStore
from proxy.errors import RetrievalUnavailable

KEYS = [hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b", "c")]


async def test_what_was_written_is_known_to_the_next_process(tmp_path: Path) -> None:
    await SqliteContextStore(tmp_path).add("book", {KEYS[0]: "one", KEYS[1]: "two"})
    await SqliteContextStore(tmp_path).add("book", {KEYS[1]: "zwei"})
    found = await SqliteContextStore(tmp_path).known("book", KEYS)
    assert found == {KEYS[0]: "one", KEYS[1]: "zwei"}


async def test_books_have_files_of_their_own(tmp_path: Path) -> None:
    store = SqliteContextStore(tmp_path)
    await store.add("one", {KEYS[0]: "one"})
    assert await store.known("two", KEYS) == {}
    assert await store.known("one", []) == {}


async def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    store = SqliteContextStore(tmp_path)
    await store.add("book", {KEYS[0]: "one"})
    (tmp_path / "book.sqlite3").write_bytes(b"nonsense" * 1_000)
    assert await store.known("book", KEYS) == {}


async def test_a_file_with_damaged_text_is_begun_anew(tmp_path: Path) -> None:
    store = SqliteContextStore(tmp_path)
    await store.add("book", {KEYS[0]: "one"})
    with contextlib.closing(sqlite3.connect(tmp_path / "book.sqlite3")) as other:
        other.execute("UPDATE contexts SET context = CAST(x'FF' AS TEXT)")
        other.commit()
    assert await store.known("book", KEYS) == {}


async def test_a_file_that_somebody_else_is_reading_is_kept(tmp_path: Path) -> None:
    store = SqliteContextStore(tmp_path)
    await store.add("book", {KEYS[0]: "one"})
    with contextlib.closing(sqlite3.connect(tmp_path / "book.sqlite3")) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN")
        other.execute("SELECT * FROM sqlite_master").fetchall()
        with pytest.raises(RetrievalUnavailable, match="locked"):
            await store.known("book", KEYS)
    assert await store.known("book", KEYS) == {KEYS[0]: "one"}


async def test_a_new_file_refuses_none_of_those_that_write_at_once(tmp_path: Path) -> None:
    store = SqliteContextStore(tmp_path)
    for n in range(30):
        await asyncio.gather(*(store.add(f"book-{n}", {key: "one"}) for key in KEYS))
        assert await store.known(f"book-{n}", KEYS) == dict.fromkeys(KEYS, "one")


async def test_a_file_with_another_table_is_begun_anew(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "book.sqlite3")) as other:
        other.execute("CREATE TABLE contexts (something TEXT)")
    assert await SqliteContextStore(tmp_path).known("book", KEYS) == {}


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RetrievalUnavailable, match="file"):
        await SqliteContextStore(tmp_path / "file").add("book", {KEYS[0]: "one"})
