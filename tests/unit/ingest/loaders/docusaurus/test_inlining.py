"""Partials that are hostile, and files shown as they are."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from proxy.corpus import Document
from proxy.ingest.loaders.base import Source
from proxy.ingest.loaders.beside import beside_of
from proxy.ingest.loaders.markdown import load


def _text(folder: Path, page: str, files: Mapping[str, str | bytes]) -> str:
    for name, data in files.items():
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    document = load(Source("page.mdx", page.encode(), beside_of(folder)))
    assert isinstance(document, Document)
    return "\n\n".join(section.markdown for section in document.sections)


_IMPORT = "import P from './_p.mdx';\n\n"


def test_a_partial_has_values_and_statements_of_its_own(tmp_path: Path) -> None:
    part = "---\ntitle: x\n---\n\nexport const a = 1;\n\n"
    part += "export const b: string = `two`;\n\n{a} {b} {props.c} {props.d}"
    text = _text(tmp_path, f'{_IMPORT}<P c="three">ignored</P> {{b}}', {"_p.mdx": part})
    assert text.startswith("1 two three {props.d}")
    assert "{b}" in text


def test_a_partial_that_names_itself_ends(tmp_path: Path) -> None:
    assert _text(tmp_path, f"{_IMPORT}<P/>", {"_p.mdx": f"{_IMPORT}once\n\n<P/>\n\n<P/>"}) == "once"


def test_partials_that_multiply_are_bounded(tmp_path: Path) -> None:
    files = {f"_p{n}.mdx": f"import Q from './_p{n + 1}.mdx';\n\n{'<Q/>' * 30}" for n in range(9)}
    files["_p9.mdx"] = "word " * 1_000
    text = _text(tmp_path, "import Q from './_p0.mdx';\n\n<Q/>", files)
    assert len(text) < 5_000_000


@pytest.mark.parametrize(
    "line",
    [
        "import P from './gone.mdx';",
        "import P from '../../outside.md';",
        "import P from '@site/../../outside.md';",
        "import P from 'package/file.mdx';",
        "import P from './_code.js';",
        "import P from './_link.md';",
        "import P from './_bytes.md';",
    ],
)
def test_what_may_not_be_read_or_is_no_page_leaves_nothing(tmp_path: Path, line: str) -> None:
    book = tmp_path / "book"
    book.mkdir()
    (tmp_path / "outside.md").write_text("secret")
    (book / "_link.md").symlink_to(tmp_path / "outside.md")
    files = {"_code.js": "code", "_bytes.md": b"\xff\0"}
    assert _text(book, f"{line}\n\n<P/>\n\ntext", files).strip() == "text"


def test_a_file_that_is_imported_raw_is_shown_as_code(tmp_path: Path) -> None:
    page = (
        "import code from '!!raw-loader!./_c.py';\nimport CodeBlock from '@theme/CodeBlock';\n\n"
        '<CodeBlock language="py">{code}</CodeBlock>\n\n<code/>\n'
    )
    assert "```py\nprint(1)\n```" in _text(tmp_path, page, {"_c.py": "print(1)\n"})
    assert "print" not in _text(tmp_path, page, {"_c.py": b"\xffprint"})


def test_headings_of_elements(tmp_path: Path) -> None:
    page = "<h2 id='a'>With id</h2>\n\n<h3>Without</h3>\n\n<h2>open\n\ntext</h2>"
    text = _text(tmp_path, page, {})
    assert text.startswith("**Without**")
    assert "open" in text
