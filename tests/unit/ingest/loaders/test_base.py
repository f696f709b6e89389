"""Bytes of files."""

from pathlib import Path

import pytest

from proxy.ingest.loaders.base import (
    MAX_TEXT_BYTES,
    Format,
    Skipped,
    Source,
    SourceFile,
    UnreadableSource,
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
        file.truncate(MAX_TEXT_BYTES)
    assert len(SourceFile(path, "big.md").read()) == MAX_TEXT_BYTES


def test_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="cannot be read"):
        SourceFile(tmp_path / "gone.md", "gone.md").read()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_where_it_says_so(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    assert decode_text((mark + "é\r\n").encode(encoding)) == "é\n"
    with pytest.raises(UnreadableSource, match="NUL"):
        decode_text((mark + "a\0").encode(encoding))


def test_content_hash_depends_on_place_and_bytes_and_what_lies_beside() -> None:
    alone = Format(lambda _: Skipped(""))
    beside = Format(alone.load, depends_on=lambda _: [b"z"])
    sources = [Source("a", b"x"), Source("b", b"x"), Source("a", b"y")]
    hashes = {kind.content_hash(source) for kind in (alone, beside) for source in sources}
    assert len(hashes) == 6
