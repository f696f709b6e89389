"""From sources to files."""

import os
import shutil
from pathlib import Path

from proxy.ingest.loaders.sources import Expansion, expand


def _write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def _ids(found: Expansion) -> list[str]:
    return [file.document_id for file in found.files]


def test_folder_gives_its_files_in_stable_order_with_itself_as_root(tmp_path: Path) -> None:
    _write(tmp_path, "b.md", "a/z.MDX", "a/b/c.md", "img.png", "a.md")
    found = expand([tmp_path])
    assert _ids(found) == ["a.md", "a/b/c.md", "a/z.MDX", "b.md"]
    assert found.failed == []
    assert found.is_complete


def test_partials_dot_files_and_packages_are_left_out(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", "_b.md", ".c.md", "_p/d.md", ".git/e.md", "node_modules/x/f.md")
    assert _ids(expand([tmp_path])) == ["a.md"]


def test_named_file_has_its_folder_as_root(tmp_path: Path) -> None:
    _write(tmp_path, "docs/a.md")
    assert _ids(expand([tmp_path / "docs/a.md"])) == ["a.md"]


def test_named_files_have_their_common_parent_as_root(tmp_path: Path) -> None:
    _write(tmp_path, "docs/x/b.md", "docs/a.md")
    sources = [tmp_path / "docs/x/b.md", tmp_path / "docs/a.md", tmp_path / "docs/a.md"]
    assert _ids(expand(sources)) == ["a.md", "x/b.md"]


def test_partial_that_is_named_is_taken(tmp_path: Path) -> None:
    _write(tmp_path, "_a.md")
    assert _ids(expand([tmp_path / "_a.md"])) == ["_a.md"]


def test_named_file_of_an_unknown_format_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", "b.xyz")
    found = expand([tmp_path / "a.md", tmp_path / "b.xyz"])
    assert _ids(found) == ["a.md"]
    assert found.failed == [(str(tmp_path / "b.xyz"), found.failed[0][1])]
    assert "unknown format; known are .docx, " in found.failed[0][1]
    assert found.is_complete


def test_source_that_does_not_exist_leaves_the_picture_incomplete(tmp_path: Path) -> None:
    found = expand([tmp_path / "gone", str(tmp_path / "*.md")])
    assert [reason for _, reason in found.failed] == ["no such file or folder"] * 2
    assert not found.is_complete


def test_glob_stands_for_files_and_folders(tmp_path: Path) -> None:
    _write(tmp_path, "a1.md", "a2.md", "b.md", "sub/c.md")
    assert _ids(expand([str(tmp_path / "a?.md")])) == ["a1.md", "a2.md"]
    assert _ids(expand([str(tmp_path / "s*")])) == ["c.md"]
    found = expand([str(tmp_path / "**")])
    assert _ids(found) == ["a1.md", "a2.md", "b.md", "sub/c.md"]


def test_name_with_brackets_that_exists_is_no_glob(tmp_path: Path) -> None:
    _write(tmp_path, "a[1].md", "a1.md")
    assert _ids(expand([tmp_path / "a[1].md"])) == ["a[1].md"]


def test_two_files_of_one_place_in_the_book_are_told_apart(tmp_path: Path) -> None:
    _write(tmp_path, "x/a.md", "y/a.md")
    found = expand([tmp_path / "x", tmp_path / "y", tmp_path / "x"])
    assert [file.path for file in found.files] == [tmp_path / "x/a.md"]
    assert found.failed == [
        (str(tmp_path / "y/a.md"), f"has the same place in the book as {tmp_path / 'x/a.md'}")
    ]


def test_links_that_leave_the_folder_or_lead_in_circles_are_not_followed(tmp_path: Path) -> None:
    _write(tmp_path, "out/secret.md", "book/a.md", "book/real/b.md")
    book = tmp_path / "book"
    (book / "leak.md").symlink_to(tmp_path / "out/secret.md")
    (book / "leak").symlink_to(tmp_path / "out")
    (book / "leak.png").symlink_to(tmp_path / "out/secret.md")
    (book / "_leak.md").symlink_to(tmp_path / "out/secret.md")
    (book / "real/circle").symlink_to(book)
    (book / "gone.md").symlink_to(book / "nothing")
    (book / "alias.md").symlink_to(book / "a.md")
    (book / "twin").symlink_to(book / "real")
    found = expand([book])
    assert _ids(found) == ["a.md", "alias.md", "real/b.md", "twin/b.md"]
    assert sorted(found.skipped) == [
        (str(book / "gone.md"), "a link to nothing"),
        (str(book / "leak"), "a link that leads out of the folder"),
        (str(book / "leak.md"), "a link that leads out of the folder"),
    ]
    assert (found.failed, found.is_complete) == ([], True)


def test_folders_nested_deeply_are_fine(tmp_path: Path) -> None:
    name = "/".join(["d"] * 200) + "/a.md"
    _write(tmp_path, name)
    assert _ids(expand([tmp_path])) == [name]


def test_folder_that_cannot_be_looked_into_leaves_the_picture_incomplete(tmp_path: Path) -> None:
    """A path longer than the system takes fails for every user, the superuser too."""
    _write(tmp_path, "a.md")
    name = "d" * 200
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir(name, dir_fd=folder)
        deeper = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)
    found = expand([tmp_path])
    shutil.rmtree(tmp_path / name)
    assert _ids(found) == ["a.md"]
    assert [reason for _, reason in found.failed] == ["cannot be looked into: File name too long"]
    assert not found.is_complete


def test_no_sources_are_no_files() -> None:
    assert expand([]) == Expansion()
