"""Sections to chunks that an embedding model reads whole.

A section that fits is one chunk; a longer one is cut as `cutter.py` says. No chunk crosses a
heading. A heading with nothing below it makes no chunk: those below it carry it in their path, and
on its own it would be found and say nothing.

Pure. Called by `pipeline.py`.
"""

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import quote

from proxy.corpus import SECTION_BREAK, Chunk, Document, Section, chunk_id_for
from proxy.ingest.cutter import CountTokens, Cut, cut

CHUNKER_VERSION = 5
"""Raised when the same document gives other chunks, so that editions are made anew."""

_ORDER_PREFIX = re.compile(r"\A\d+[-_. ]+(?=[^\W\d_])")
"""Before a word: `2024-11` is a date, `3.11` a version."""
_SEPARATORS = re.compile(r"[-_]+")
_WHOLE_BOOK = frozenset({"book", "content", "doc", "docs", "pages", "source", "src"})
"""Folders that hold a book and name none of its chapters."""

_LEAST_TEXT_SHARE = 4
"""However long the heading path, a quarter of a chunk is for its text."""


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """How large chunks are, heading path included."""

    target: int = 220
    maximum: int = 254
    """MiniLM was trained on 256 wordpieces, two of which are the marks around every text."""


def chunk_document(
    document: Document,
    *,
    book: str,
    base_url: str | None,
    count_tokens: CountTokens,
    budget: TokenBudget | None = None,
) -> list[Chunk]:
    """Return the chunks of a document in reading order.

    No chunk but one of code is larger than `budget.maximum` tokens, provided that the parts of a
    text have no fewer tokens than the whole.
    """
    budget = budget or TokenBudget()
    path = document.chapter_path
    chapter = chapter_of(document.document_id if path is None else path)
    pieces = [
        split_section(section, chapter, count_tokens=count_tokens, budget=budget)
        for section in document.sections
    ]
    totals: Counter[str] = Counter()
    for section, cuts in zip(document.sections, pieces, strict=True):
        totals[section.anchor] += len(cuts)
    ordinals: Counter[str] = Counter()
    chunks: list[Chunk] = []
    section_start = 0
    for section, cuts in zip(document.sections, pieces, strict=True):
        url = None if base_url is None else page_url(base_url, document.route, section.anchor)
        for piece in cuts:
            ordinal = ordinals[section.anchor]
            ordinals[section.anchor] += 1
            chunks.append(
                Chunk(
                    chunk_id=chunk_id_for(book, document.document_id, section.anchor, ordinal),
                    book=book,
                    document_id=document.document_id,
                    title=document.title,
                    heading_path=section.heading_path,
                    anchor=section.anchor,
                    url=url,
                    position=len(chunks),
                    text=piece.text,
                    chapter=chapter,
                    ordinal=ordinal,
                    section_chunks=totals[section.anchor],
                    route=document.route,
                    start_char=section_start + piece.start,
                    end_char=section_start + piece.end,
                )
            )
        section_start += len(section.markdown) + len(SECTION_BREAK)
    return chunks


def page_url(base_url: str, route: str, anchor: str) -> str:
    """Return the address of a heading, encoded as a browser does; `route` begins with a slash."""
    path = quote(route, safe="/:@!$&'()*+,;=~-._%")
    fragment = "#" + quote(anchor, safe="/:@!$&'()*+,;=~-._?%") if anchor else ""
    return f"{base_url.rstrip('/')}{path}{fragment}"


def chapter_of(document_id: str) -> str:
    """Return what readers call the folders a page stands in; "" at the top.

    `02-getting-started/setup.md` stands in "getting started".
    """
    folders = document_id.split("/")[:-1]
    if folders and folders[0] in _WHOLE_BOOK:
        folders = folders[1:]
    names = (_ORDER_PREFIX.sub("", name) for name in folders)
    return " › ".join(" ".join(_SEPARATORS.sub(" ", name).split()) or name for name in names)


def split_section(
    section: Section, chapter: str, *, count_tokens: CountTokens, budget: TokenBudget
) -> list[Cut]:
    """Return what a section's chunks are made of, none empty."""
    if not section.markdown:
        return []
    path = (
        " › ".join((chapter, *section.heading_path) if chapter else section.heading_path) + "\n\n"
    )
    # A token has at least one byte; counting is most of the time that chunking takes.
    is_surely_short = len(path.encode()) + len(section.markdown) <= budget.maximum
    head = 0 if is_surely_short else count_tokens(path)
    maximum = max(budget.maximum - head, budget.maximum // _LEAST_TEXT_SHARE)
    target = min(maximum, max(budget.target - head, budget.target // _LEAST_TEXT_SHARE))
    return cut(section.markdown, count_tokens, target=target, maximum=maximum)
