"""Documents become files, and their names lead back."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from proxy.evaluation.corpus_files import write_documents


def test_paths_stay_paths_and_other_ids_are_numbered(tmp_path: Path) -> None:
    ids = write_documents(
        tmp_path,
        [("guides/setup.md", "One"), ("4983", "Two"), ("../../etc/x", "Three"), ("_a b", "Four")],
    )
    assert ids == {
        "guides/setup.md": "guides/setup.md",
        "4983.md": "4983",
        "document-2.md": "../../etc/x",
        "document-3.md": "_a b",
    }
    assert (tmp_path / "guides/setup.md").read_text() == "One"


def test_ids_that_would_be_one_file_are_two(tmp_path: Path) -> None:
    ids = write_documents(tmp_path, [("a", "One"), ("a.md", "Two"), ("a.md/b", "Three")])
    assert sorted(ids.values()) == ["a", "a.md", "a.md/b"]
    assert len({(tmp_path / name).read_text() for name in ids}) == 3


@given(names=st.lists(st.text(max_size=20), unique=True, max_size=8))
def test_every_document_is_written_inside_the_folder(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        ids = write_documents(folder, [(document_id, "x") for document_id in names])
        assert sorted(ids.values()) == sorted(names)
        assert all((folder / path).resolve().is_relative_to(folder) for path in ids)
