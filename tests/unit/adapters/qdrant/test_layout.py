"""The embedded index's files: replaced whole, read with care, and never outside the root."""

from pathlib import Path

import pytest

from proxy.adapters.qdrant.identity import IndexIdentity
from proxy.adapters.qdrant.layout import Layout, read_json, write_json
from proxy.errors import ConfigurationError, InvalidRequest, RetrievalUnavailable

IDENTITY = IndexIdentity("model", 8)


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "book.json"
    assert read_json(path) is None
    for contents in ({"a": 1}, {"b": 2}):
        write_json(path, contents)
        assert read_json(path) == contents
    assert [file.name for file in path.parent.iterdir()] == ["book.json"]


def test_a_write_that_fails_leaves_the_old_contents(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert read_json(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["book.json"]


def test_what_cannot_be_read_or_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text("{")
    with pytest.raises(RetrievalUnavailable, match="damaged"):
        Layout(tmp_path).verify(IDENTITY)
    with pytest.raises(RetrievalUnavailable, match="cannot be used"):
        read_json(tmp_path)
    with pytest.raises(RetrievalUnavailable, match="cannot be used"):
        write_json(tmp_path / "index.json" / "x", {})


@pytest.mark.parametrize("book_id", ["..", "a/../../b", "/etc", ""])
def test_no_book_leads_out_of_the_root(tmp_path: Path, book_id: str) -> None:
    with pytest.raises(InvalidRequest):
        Layout(tmp_path).book(book_id)
    with pytest.raises(InvalidRequest):
        Layout(tmp_path).lock(book_id)


def test_an_index_is_made_once_and_then_only_checked(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.verify(IDENTITY)
    layout.create(IDENTITY)
    layout.create(IDENTITY)
    with pytest.raises(ConfigurationError, match="dimensions"):
        layout.create(IndexIdentity("model", 16))


def test_folders_that_are_no_books_are_passed_over(tmp_path: Path) -> None:
    for name in (".trash-1", "Lost+Found", "real"):
        (tmp_path / "books" / name).mkdir(parents=True)
    assert len(Layout(tmp_path).all_editions()) == 1
