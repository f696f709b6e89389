"""Batches under way, remembered across the end of a process."""

from pathlib import Path

import pytest

from proxy.adapters.batch_ledger import FileBatchLedger
from proxy.errors import RetrievalUnavailable


async def test_what_was_noted_is_known_to_the_next_process_until_it_is_forgotten(
    tmp_path: Path,
) -> None:
    ledger = FileBatchLedger(tmp_path)
    assert await ledger.open_batches("book") == {}
    await ledger.note("book", "batches/a", ["1", "2"])
    await ledger.note("book", "batches/b", ["3"])
    await ledger.note("other", "batches/c", ["4"])
    found = await FileBatchLedger(tmp_path).open_batches("book")
    assert found == {"batches/a": ["1", "2"], "batches/b": ["3"]}
    await ledger.forget("book", "batches/a")
    await ledger.forget("book", "batches/never")
    assert list(await ledger.open_batches("book")) == ["batches/b"]


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"[]", b'{"name": "batches/a"}'])
async def test_a_damaged_note_is_no_batch(tmp_path: Path, damage: bytes) -> None:
    ledger = FileBatchLedger(tmp_path)
    await ledger.note("book", "batches/a", ["1"])
    [file] = tmp_path.glob("book.batches/*")  # noqa: ASYNC240 - a folder of one file
    file.write_bytes(damage)
    assert await ledger.open_batches("book") == {}


async def test_a_batch_that_cannot_be_noted_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "book.batches").write_text("in the way")
    with pytest.raises(RetrievalUnavailable, match="cannot be noted"):
        await FileBatchLedger(tmp_path).note("book", "batches/a", ["1"])
