"""Markdown and MDX pages as Docusaurus publishes them.

markdown-it-py reads the blocks of a page once, after `mdx.py` took out what is not Markdown; only
the text of headings is read further, for their anchors. Headings within lists and quotes have
anchors too, but begin no section.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from markdown_it import MarkdownIt

from proxy.corpus import Document, Section
from proxy.ingest.loaders.base import Skipped, UnreadableSource, content_hash, decode_text
from proxy.ingest.loaders.front_matter import split_front_matter, text_field
from proxy.ingest.loaders.mdx import is_mdx, to_markdown
from proxy.ingest.loaders.routes import route_of
from proxy.ingest.loaders.slugs import Slugger

# Tags that are left after mdx.py are text in angle brackets, so HTML is off.
# Beyond its nesting limit markdown-it drops the rest of the page: 20 are ten lists.
_OPTIONS = {"html": False, "maxNesting": 100}
_PLAIN = MarkdownIt("commonmark", _OPTIONS).disable(["inline", "text_join"])
# MDX has no indented code: indentation there is what JSX elements are laid out with.
_MDX = MarkdownIt("commonmark", _OPTIONS).disable(["inline", "text_join", "code"])
_INLINE = MarkdownIt("commonmark", _OPTIONS).enable("strikethrough")

_EXPLICIT_ID = re.compile(r"\s*\{#((?:.(?!\{#|\}))*.)\}\Z")
_BLANK_OR_RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,})?[ \t]*\Z")
_INLINE_MARKS = re.compile(r"[\\`*_\[\]<&!~:\n]")
_NOT_IN_ANCHORS = re.compile(
    r"(?<!:):[A-Za-z](?:[\w-]*\w)?(?![\w:-])(?:\[[^\[\]]*\])?(?:\{[^{}]*\})?|\[\^[^\s\[\]]+\]"
)
"""Text directives (`:name`) and footnote marks: nodes without text when anchors are made."""


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    anchor: str
    first_line: int
    """Index of its first line in the page's Markdown."""
    end_line: int
    """Index of the line behind it."""
    begins_section: bool


def load(document_id: str, data: bytes) -> Document | Skipped:
    """Return the page in a `.md` or `.mdx` file.

    Raises:
        UnreadableSource: not text, or its front matter is broken.
    """
    matter, page = split_front_matter(decode_text(data))
    if matter.get("draft") is True:
        return Skipped("a draft")
    if not page.strip():
        return Skipped("empty")
    mdx = document_id.lower().endswith(".mdx") or is_mdx(page)
    markdown = to_markdown(page, mdx=mdx)
    headings = list(_headings(markdown, mdx=mdx))
    title = _title(document_id, text_field(matter, "title"), headings)
    return Document(
        document_id=document_id,
        title=title,
        route=_route(document_id, matter),
        sections=tuple(_sections(title, markdown, headings)),
        content_hash=content_hash(document_id, data),
    )


def _route(document_id: str, matter: Mapping[str, Any]) -> str:
    page_id = text_field(matter, "id")
    if page_id and "/" in page_id:
        raise UnreadableSource("front matter `id` must not contain a slash")
    return route_of(
        document_id,
        slug=text_field(matter, "slug"),
        page_id=page_id,
        strip_numbers=matter.get("parse_number_prefixes") is not False,
    )


def _title(document_id: str, front_title: str | None, headings: Sequence[_Heading]) -> str:
    if front_title:
        return front_title
    if headings and headings[0].level == 1 and headings[0].text:
        return headings[0].text
    return PurePosixPath(document_id).stem


def _headings(markdown: str, *, mdx: bool) -> Iterator[_Heading]:
    """Yield the page's headings in order."""
    references: dict[str, Any] = {}
    tokens = (_MDX if mdx else _PLAIN).parse(markdown, references)
    slugger = Slugger()
    for opening, content in pairwise(tokens):
        if opening.type != "heading_open" or opening.map is None:
            continue
        explicit = _EXPLICIT_ID.search(content.content)
        source = content.content[: explicit.start()] if explicit else content.content
        text, named = _heading_text(source, references)
        anchor = explicit[1].strip() if explicit else slugger.unique(named)
        level = int(opening.tag[1:])
        yield _Heading(
            level=level,
            text=" ".join(text.split()),
            # Docusaurus counts the title's anchor among those taken, but renders none.
            anchor=anchor if level > 1 else "",
            first_line=opening.map[0],
            end_line=opening.map[1],
            begins_section=opening.level == 0,
        )


def _heading_text(source: str, references: dict[str, Any]) -> tuple[str, str]:
    """Return a heading's plain text, and that of it which its anchor is made of."""
    if not _INLINE_MARKS.search(source):
        return source, source
    (inline,) = _INLINE.parseInline(source, references)
    shown: list[str] = []
    named: list[str] = []
    for token in inline.children or ():
        text = "\n" if token.type == "softbreak" else token.content
        shown.append(text)
        named.append(_NOT_IN_ANCHORS.sub("", text) if token.type == "text" else text)
    return "".join(shown), "".join(named)


def _sections(title: str, markdown: str, headings: Sequence[_Heading]) -> Iterator[Section]:
    """Yield the text above the first heading, if any, and then one section per heading."""
    lines = markdown.split("\n")
    borders = [heading for heading in headings if heading.begins_section]
    ends = [heading.first_line for heading in borders[1:]] + [len(lines)]
    intro = _body(lines[: borders[0].first_line if borders else None])
    if intro or not borders:
        yield Section((title,), "", intro)
    open_headings: list[_Heading] = []
    for heading, end in zip(borders, ends, strict=False):
        while open_headings and open_headings[-1].level >= heading.level:
            open_headings.pop()
        open_headings.append(heading)
        path = [title, *(above.text for above in open_headings if above.text)]
        if len(path) > 1 and path[1] == title and open_headings[0].level == 1:
            path.pop(0)
        yield Section(tuple(path), heading.anchor, _body(lines[heading.end_line : end]))


def _body(lines: Sequence[str]) -> str:
    """Return the text of a section; a rule that parts it from the next says nothing."""
    end = len(lines)
    while end and _BLANK_OR_RULE.match(lines[end - 1]):
        end -= 1
    return "\n".join(lines[:end]).strip("\n")
