"""A real Docusaurus book: no file fails and nothing of MDX is left in its chunks."""

import re
from pathlib import Path

import pytest

from proxy.corpus import Document
from proxy.ingest.blocks import close_fences, split_blocks
from proxy.ingest.chunker import chunk_document
from proxy.ingest.loaders.base import Source
from proxy.ingest.loaders.registry import format_of
from proxy.ingest.loaders.sources import expand

_DOCS = Path(__file__).parents[4] / "shared/data/react-native-docs-mdx/docs"
_MDX = re.compile(
    r"</?[A-Za-z][^<>]*>|</?>|^\s*(?:import|export)\s.*(?:from\b|[{(=;])|\{/\*|<!--|:::|className=",
    re.MULTILINE,
)
_LINK_TARGET = re.compile(r"\]\(<[^<>\n]*>\)")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)

pytestmark = pytest.mark.skipif(
    not _DOCS.is_dir(), reason="the React Native docs are not in the folder beside the checkout"
)


def _count_tokens(text: str) -> int:
    return -(-len(text) // 4)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    loaded = [
        format_of(file.document_id).load(Source(file.document_id, file.read(), file.beside))
        for file in expand([_DOCS]).files
    ]
    return [document for document in loaded if isinstance(document, Document)]


def test_every_file_becomes_a_document(documents: list[Document]) -> None:
    pages = [path for path in _DOCS.rglob("*.md*") if not path.name.startswith("_")]
    assert len(documents) == len(pages) > 200


def test_no_import_and_no_jsx_is_left_outside_of_code(documents: list[Document]) -> None:
    for document in documents:
        for section in document.sections:
            prose = "".join(
                block.text for block in split_blocks(section.markdown) if block.kind != "fence"
            )
            prose = _CODE_SPAN.sub(
                "",
                _LINK_TARGET.sub(
                    "", re.sub(r"^ *```.*?^ *```", "", prose, flags=re.DOTALL | re.MULTILINE)
                ),
            )
            assert _MDX.findall(prose) == [], (document.document_id, section.heading_path)


def test_anchors_are_unique_on_each_page(documents: list[Document]) -> None:
    for document in documents:
        anchors = [section.anchor for section in document.sections if section.anchor]
        assert len(set(anchors)) == len(anchors)


def test_chunks_are_bounded_and_their_fences_balanced(documents: list[Document]) -> None:
    chunks = [
        chunk
        for document in documents
        for chunk in chunk_document(
            document, book="rn", base_url="https://reactnative.dev/docs", count_tokens=_count_tokens
        )
    ]
    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks) > 2_000
    for chunk in chunks:
        assert chunk.text.strip()
        assert close_fences(chunk.text).rstrip() == chunk.text
        assert _count_tokens(chunk.indexed_text) <= 254 or "```" in chunk.text
