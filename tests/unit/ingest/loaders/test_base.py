"""Bytes of files."""

from pathlib import Path

import pytest

from proxy.ingest.loaders.base import (
    MAX_FILE_BYTES,
    SourceFile,
    UnreadableSource,
    content_hash,
    decode_text,
)


def test_byte_order_mark_and_foreign_line_ends_are_taken_off() -> None:
    assert decode_text(b"\xef\xbb\xbfa\r\nb\rc\n") == "a\nb\nc\n"


def test_nul_byte_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableSource, match="line 2 holds a NUL"):
        decode_text(b"a\nb\0c")


@pytest.mark.parametrize("data", ["é".encode("latin-1"), b"a\n\xff\xfea\x01"])
def test_other_encodings_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSource, match="is not UTF-8"):
        decode_text(data)


def test_file_above_the_limit_is_refused_without_reading_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "big.md"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(UnreadableSource, match="larger than 10 MB"):
        SourceFile(path, "big.md").read()


def test_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.md"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES)
    assert len(SourceFile(path, "big.md").read()) == MAX_FILE_BYTES


def test_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="cannot be read"):
        SourceFile(tmp_path / "gone.md", "gone.md").read()


def test_content_hash_depends_on_place_and_bytes() -> None:
    assert len({content_hash("a", b"x"), content_hash("b", b"x"), content_hash("a", b"y")}) == 3
