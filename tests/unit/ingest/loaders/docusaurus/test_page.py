"""Where pages stand, in folders of every kind."""

from pathlib import Path

import pytest

from proxy.corpus import Document
from proxy.ingest.loaders.base import Source
from proxy.ingest.loaders.registry import format_of
from proxy.ingest.loaders.sources import expand
from tests.support.books import read_book

_CONFIG = "module.exports = {presets: [['classic', {docs: {routeBasePath: '/'}}]]};"


def _write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _write_site(root: Path) -> None:
    _write(root, docs__a__b="# B\n\ntext", docs__a__c="# C\n\n<P/>\n", docs__a___p="part")
    for name in ("b", "c", "_p"):
        (root / f"docs/a/{name}").rename(root / f"docs/a/{name}.md")
    (root / "docs/a/c.md").write_text("import P from './_p.md';\n\n# C\n\n<P/>\n")
    (root / "docusaurus.config.js").write_text(_CONFIG)


def _pages(*sources: Path) -> dict[str, Document]:
    documents, failures = read_book(*sources)
    assert failures == []
    return {document.route: document for document in documents}


def test_a_folder_of_docs_is_served_below_its_own_address(tmp_path: Path) -> None:
    _write_site(tmp_path)
    assert set(_pages(tmp_path / "docs")) == {"/a/b", "/a/c"}
    assert set(_pages(tmp_path / "docs/a")) == {"/b", "/c"}
    (page,) = _pages(tmp_path / "docs/a/b.md").values()
    assert page.sections[0].heading_path == ("a", "B")
    assert page.chapter_path == ""


def test_a_page_without_labels_stands_in_the_folders_of_its_docs(tmp_path: Path) -> None:
    _write_site(tmp_path)
    config = _CONFIG.replace("}}]]", ", sidebarPath: false}}]]")
    (tmp_path / "docusaurus.config.js").write_text(config)
    (page,) = _pages(tmp_path / "docs/a/b.md").values()
    assert (page.sections[0].heading_path, page.chapter_path) == (("B",), "a/b.md")


def test_of_a_whole_site_only_its_pages_are_read(tmp_path: Path) -> None:
    _write_site(tmp_path)
    for name in ("README.md", "static/x.html", "build/index.html", "blog/post.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<h1>no</h1> page")
    pages = _pages(tmp_path)
    assert set(pages) == {"/a/b", "/a/c"}
    assert pages["/a/c"].sections[0].markdown == "part"


def test_a_configuration_may_lie_in_a_folder_beside_the_docs(tmp_path: Path) -> None:
    _write_site(tmp_path)
    config = "module.exports = {docs: {path: '../docs', sidebarPath: false}};"
    (tmp_path / "docusaurus.config.js").unlink()
    (tmp_path / "website").mkdir()
    (tmp_path / "website/docusaurus.config.js").write_text(config)
    (page, _) = _pages(tmp_path / "docs").values()
    assert page.sections[0].heading_path == ("B",)


def test_without_a_site_only_folders_with_a_category_file_have_a_label(tmp_path: Path) -> None:
    _write_site(tmp_path)
    (tmp_path / "docusaurus.config.js").unlink()
    assert _pages(tmp_path / "docs")["/a/b"].sections[0].heading_path == ("B",)
    (tmp_path / "docs/a/_category_.yaml").write_text("label: Part A")
    assert _pages(tmp_path / "docs")["/a/b"].sections[0].heading_path == ("Part A", "B")
    for broken in ("[", "- a", "label: ''", "\0"):
        (tmp_path / "docs/a/_category_.yaml").write_text(broken)
        assert _pages(tmp_path / "docs")["/a/b"].sections[0].heading_path == ("B",)


@pytest.mark.parametrize(
    "change",
    ["docs/a/_p.md", "docs/a/_category_.json", "docusaurus.config.js", "docs/a/c.md"],
)
def test_what_a_page_is_made_of_is_what_its_hash_depends_on(tmp_path: Path, change: str) -> None:
    _write_site(tmp_path)
    (tmp_path / "docs/a/_category_.json").write_text('{"label": "A"}')

    def hashes() -> dict[str, str]:
        files = expand([tmp_path / "docs"]).files
        return {
            file.document_id: format_of(file.document_id).content_hash(
                Source(file.document_id, file.read(), file.beside)
            )
            for file in files
        }

    before = hashes()
    assert hashes() == before
    path = tmp_path / change
    path.write_text(path.read_text().replace('"A"', '"Z"') + "\n")
    after = hashes()
    assert after["a/c.md"] != before["a/c.md"]
    is_of_all = "_p" not in change and "c.md" not in change
    assert (after["a/b.md"] != before["a/b.md"]) is is_of_all
